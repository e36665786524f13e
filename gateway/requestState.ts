// What one request carries through the steps of server.ts, and the words that the steps share: no step imports
// another's folder. Each step adds one field to the state or gives back a refusal.
import type { ErrorCodeName } from '../contracts/errorCodes.ts';
import type { Caller } from './caller.ts';
import type { RequestTrace } from './observe/requestTrace.ts';
import type { TimedStep } from './observe/stepClock.ts';

/** An expected no: a code and a public sentence for the client, an inner detail for the log alone. */
export interface Refusal {
  readonly refused: ErrorCodeName;
  /** The public sentence; the code's own meaning where there is none. */
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where in the document it is, in GraphQL's own form. */
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  /** More errors of the same refusal. */
  readonly more?: readonly Pick<Refusal, 'message' | 'locations' | 'path' | 'scopes'>[];
  /** The field that it is about, by the client's names. */
  readonly path?: readonly (string | number)[];
  /** The scopes that the caller lacks: any one of these lists would do. */
  readonly scopes?: readonly (readonly string[])[];
  /** What stands in `extensions.cost` of the answer. */
  readonly cost?: object;
  /** The connection cannot be used further, as bytes of a body may still be coming. */
  readonly closing?: true;
}

/** Makes a refusal. */
export function refuse(
  refused: ErrorCodeName,
  message?: string,
  more: Pick<Refusal, 'headers' | 'closing' | 'locations' | 'more'> = {},
): Refusal {
  return { refused, ...(message !== undefined && { message }), ...more };
}

/** Says whether a step gave back a refusal. */
export function isRefusal(outcome: unknown): outcome is Refusal {
  return typeof outcome === 'object' && outcome !== null && 'refused' in outcome;
}

/** A GraphQL request as received: shape checked, nothing of it judged yet. */
export interface ReceivedRequest {
  readonly method: 'GET' | 'POST';
  readonly query: string | undefined;
  /** Names a registered document. */
  readonly documentId: string | undefined;
  /** `extensions.persistedQuery`, as it came. */
  readonly persistedQuery: unknown;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Asks what the operation would do, and to do nothing. */
  readonly isDryRun?: boolean;
  /** Behind which message of a subscription the client wants to go on. */
  readonly lastEventId?: string;
}

/** A GraphQL request with the document that it means. */
export interface GraphqlRequest {
  readonly method: 'GET' | 'POST';
  readonly query: string;
  /** Whether the operator registered the document: it may be larger then. */
  readonly isRegistered: boolean;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isDryRun?: boolean;
  readonly lastEventId?: string;
}

/** The operation of the document that will run. */
export interface ChosenOperation {
  readonly name: string | undefined;
  readonly kind: 'query' | 'mutation' | 'subscription';
}

/** A database command that a subgraph says it sent. */
export interface DatabaseCommand {
  readonly command: string;
  readonly collection: string;
  readonly ms: number;
}

/** One fetch as it went. */
export interface ExplainedFetch {
  readonly subgraph: string;
  /** Where its answer belongs in the response; `@` stands for every element of a list. */
  readonly path: readonly (string | number)[];
  /** When it was sent, in milliseconds after the request came. */
  readonly startMs: number;
  readonly ms: number;
  /** How many entities it asked for; 0 for a fetch of root fields. */
  readonly representations: number;
  /** The size of its answer. */
  readonly bytes: number;
  readonly databaseCommands: readonly DatabaseCommand[];
  /** The position of the fetch in whose request it travelled. */
  readonly joinedTo?: number;
}

/** Entities that were not fetched, as they were kept. */
export interface ExplainedRecall {
  readonly subgraph: string;
  readonly path: readonly (string | number)[];
  /** How many; 1 for an answer of root fields. */
  readonly entities: number;
}

/** A plan as a tree: what runs one after the other, or at once. */
export type PlanTree =
  | { readonly kind: 'sequence' | 'parallel'; readonly nodes: readonly PlanTree[] }
  | {
      readonly kind: 'fetch';
      readonly subgraph: string;
      readonly path: readonly (string | number)[];
      readonly operation: string;
    };

/** What a request that asked for its costs gets in `extensions.explain`. */
export interface Explanation {
  plan: PlanTree | undefined;
  /** Whether the operation was planned before; undefined until that is known. */
  isPlanKnown: boolean | undefined;
  readonly fetches: ExplainedFetch[];
  /** What was taken from the entity cache. */
  readonly recalled: ExplainedRecall[];
  readonly steps: TimedStep[];
}

/** What went wrong inside, for the log alone. */
export interface InnerFault {
  readonly subgraph?: string;
  readonly code: string;
  readonly detail: string;
}

/** How long a request has, and whether anybody still waits for it. */
export interface Patience {
  /** When the answer is of no more use, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Milliseconds left; 0 when there are none. */
  leftMs(): number;
  /** Runs `listener` when the client is gone; gives what takes it back. */
  onGone(listener: () => void): () => void;
}

/** What a request carries from the first step on. */
export interface RequestState {
  readonly requestId: string;
  readonly patience: Patience;
  /** Who calls; nobody until that is known. Work is shared among callers with equal rights alone. */
  caller: Caller;
  /** The network address that it calls from. */
  readonly address: string | undefined;
  /** Headers of the client that some subgraph gets, by name in lower case. */
  readonly passed: Readonly<Record<string, string>>;
  /** When the request came, on the steady clock. */
  readonly startMs: number;
  /** Milliseconds since the request came. */
  elapsedMs(): number;
  /** There when the request asked for its costs and may. */
  readonly explanation: Explanation | undefined;
  readonly innerFaults: InnerFault[];
  /**
   * The event that it is run for: what it reads must be read after that, so nothing kept from before serves it, and
   * work is shared with runs for the same event alone. Absent for requests.
   */
  readonly readAfter?: string;
  operation: ChosenOperation | undefined;
  /** Its trace, where it has one. */
  readonly trace: RequestTrace | undefined;
}
