// The port to what a consumer remembers: inbox, versions and parked events, written in the transaction of the effect.
// `mongoConsumeStore.ts` keeps it in the subgraph's database; tests keep it in memory.
import type { ParkReason } from './readEvent.ts';

/** An event that a consumer gave up, for somebody to look at. */
export interface ParkedEvent {
  readonly consumer: string;
  /** Of the event, where it could be read; else they are empty, and `id` is made from topic and position. */
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly version: number;
  readonly tenantId: string;
  readonly reason: ParkReason;
  /** What went wrong, without personal data. */
  readonly message: string;
  readonly tries: number;
  /** The message as it came; personal fields in it are sealed. */
  readonly text: string;
  readonly topic: string;
  readonly position: string;
  readonly parkedAt: Date;
}

/** What a batch adds to the memory of its consumer. */
export interface Remembered {
  /** `<source> <id>` of the events that were applied. */
  readonly inbox: readonly string[];
  /** The version by entity that is now applied. */
  readonly versions: ReadonlyMap<string, number>;
  readonly parked: readonly ParkedEvent[];
}

/** One transaction. */
export interface ConsumeUnit<Session> {
  readonly session: Session;
  /** Gives which of these `<source> <id>` were applied before. */
  findKnown(consumer: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Gives the applied versions of entities; those never applied have none. */
  findVersions(consumer: string, entities: readonly string[]): Promise<ReadonlyMap<string, number>>;
  remember(consumer: string, remembered: Remembered): Promise<void>;
}

/** What a consumer remembers with. */
export interface ConsumeStore<Session> {
  /** Runs work in a transaction, which is committed when it resolves; the work may run several times. */
  transact<R>(work: (unit: ConsumeUnit<Session>) => Promise<R>): Promise<R>;
  /** Says whether an error is the store's own (no primary, no connection): then no event is to blame. */
  isFault(error: unknown): boolean;
  /** Gives how many events of a consumer are parked. */
  countParked(consumer: string): Promise<number>;
}
