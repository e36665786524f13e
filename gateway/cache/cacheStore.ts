// The port to where kept entities lie: this process's memory, or Redis for several gateways. Both hold to one rule: what
// was fetched before its tag was dropped is neither found nor taken, however late it comes.

/** A kept entity. */
export interface KeptEntity {
  /** As JSON. */
  readonly text: string;
  /** What it is dropped by. */
  readonly tags: readonly string[];
  readonly subgraph: string;
  /** How long it is kept, in milliseconds. */
  readonly maxAgeMs: number;
}

/** What was found, and the moment of looking: a number that grows with each drop. */
export interface Found {
  /** By key; undefined for what is not there. */
  readonly texts: readonly (string | undefined)[];
  /** Undefined where the store is away: nothing may be kept then. */
  readonly ticket: number | undefined;
}

/** Why something becomes old. */
export interface Drop {
  readonly tags: readonly string[];
  /** The subgraph whose data changed: others may hold copies, which become new later than the event comes. */
  readonly source: string;
  /** What tells the drop from others, where several gateways hear of it; undefined for a drop that one alone knows. */
  readonly id: string | undefined;
}

/** How full it is. */
export interface StoreSize {
  readonly entries: number;
  readonly bytes: number;
}

/** Where kept entities lie. Nothing here throws or rejects: what fails is a miss. */
export interface CacheStore {
  /** Looks up entities of a subgraph by key; calls `done` once, in this turn or later. */
  find(subgraph: string, keys: readonly string[], done: (found: Found) => void): void;
  /** Keeps an entity that was fetched after the ticket was given; says whether it did, where that is known. */
  keep(key: string, entity: KeptEntity, ticket: number): boolean;
  /** Drops what has one of the tags; calls `done` when nothing of it can be found any more. */
  drop(drop: Drop, done: () => void): void;
  /** Forgets all that was fetched from a subgraph until now; of all subgraphs without one. */
  forget(subgraph: string | undefined): void;
  size(): StoreSize;
  close(): void;
}

/**
 * A copy of another subgraph's data follows its events, and is new at the latest after this time (sync.md: copies agree
 * 10 s after the last fault): until then an answer of who holds the copy may be old, and is not kept.
 */
export const COPIES_FOLLOW_MS = 10_000;
