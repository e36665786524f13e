// What the steps of a request tell about themselves. The steps know this port alone; who listens (Prometheus' counters,
// nobody) is decided at the start. A call takes plain values, costs some nanoseconds and never throws.
/** The steps of a request, as server.ts orders them. */
export type StepName = 'receive' | 'identify' | 'admit' | 'wait' | 'authorize' | 'plan' | 'fetch' | 'respond';

/** How a request ended: all answered, some parts null with an error, nothing but errors, or refused as a whole. */
export type RequestOutcome = 'ok' | 'partial' | 'failed' | 'refused';

/** How a fetch ended; `skipped` is one that was never sent. */
export type FetchOutcome = 'ok' | 'timeout' | 'unavailable' | 'bad_answer' | 'busy' | 'client_gone' | 'skipped';

/** What the fetch step tells of one subgraph. Got once and kept. */
export interface FetchObserver {
  /** A fetch was answered or given up, `ms` after it was begun. */
  ended(outcome: FetchOutcome, ms: number): void;
  /** It is sent a second time. */
  retried(): void;
  /** It was not sent, as an equal one was on its way. */
  shared(): void;
}

/** What the steps tell. All times in milliseconds. */
export interface Observer {
  /** A request to /graphql came; each is followed by one `requestEnded`. */
  requestBegan(): void;
  requestEnded(outcome: RequestOutcome, status: number, ms: number): void;
  stepEnded(step: StepName, ms: number): void;
  /** The whole request was refused with this code. */
  refused(code: string): void;
  /** An answer carries errors with this code; once a request and code. */
  codeAnswered(code: string): void;
  /** A fault: something broke that nobody expected. */
  faulted(): void;
  /** A compiled operation was looked up: found, or made anew. */
  planLookedUp(found: boolean): void;
  /** A whole operation was answered with the work of an equal one. */
  operationShared(): void;
  /** What is asked of the schema was written, or could not be. */
  usageWritten(ok: boolean): void;
  /** So many requests are not in the counts of what is asked. */
  usageLost(requests: number): void;
  supergraphTaken(): void;
  supergraphRefused(): void;
  /** Gives what tells of one subgraph. */
  ofSubgraph(subgraph: string): FetchObserver;
}

const nothing = (): void => undefined;

const SILENT_FETCHES: FetchObserver = { ended: nothing, retried: nothing, shared: nothing };

/** Tells nobody. */
export const SILENT_OBSERVER: Observer = {
  requestBegan: nothing,
  requestEnded: nothing,
  stepEnded: nothing,
  refused: nothing,
  codeAnswered: nothing,
  faulted: nothing,
  planLookedUp: nothing,
  operationShared: nothing,
  usageWritten: nothing,
  usageLost: nothing,
  supergraphTaken: nothing,
  supergraphRefused: nothing,
  ofSubgraph: () => SILENT_FETCHES,
};
