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

/** What the entity cache tells. */
export interface EntityCacheObserver {
  /** So many entities were there, and so many were not. */
  found(subgraph: string, hits: number, misses: number): void;
  /** So many were not looked for, as the subgraph's events were not heard for too long. */
  bypassed(subgraph: string, entities: number): void;
  kept(subgraph: string): void;
  /** An entity was not kept, as something of it changed while it was fetched. */
  tooLate(subgraph: string): void;
  /** Something was dropped for an event, which came `delayMs` after the change. */
  eventTaken(delayMs: number): void;
  /** Something was dropped for a mutation of ours, a feed that had been silent, or a message that could not be read. */
  dropped(cause: 'mutation' | 'silence' | 'unreadable'): void;
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
  /** A stream began, carried as it says. */
  streamBegan(transport: string): void;
  /** A stream ended: with a code, or as its client left; so many messages were sent on it. */
  streamEnded(transport: string, code: string | undefined, messages: number): void;
  /** An event was run for a stream, or answered with another stream's run. */
  streamRan(isShared: boolean): void;
  readonly entityCache: EntityCacheObserver;
  /** Gives what tells of one subgraph. */
  ofSubgraph(subgraph: string): FetchObserver;
}

const nothing = (): void => undefined;

const SILENT_FETCHES: FetchObserver = { ended: nothing, retried: nothing, shared: nothing };

const SILENT_CACHE: EntityCacheObserver = {
  found: nothing,
  bypassed: nothing,
  kept: nothing,
  tooLate: nothing,
  eventTaken: nothing,
  dropped: nothing,
};

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
  streamBegan: nothing,
  streamEnded: nothing,
  streamRan: nothing,
  entityCache: SILENT_CACHE,
  ofSubgraph: () => SILENT_FETCHES,
};
