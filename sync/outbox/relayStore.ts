// What a relay needs of an outbox: the port, so that the order of events can be tried on thousands of histories without
// a database. `mongoRelayStore.ts` is the outbox itself.
import type { OutboxRow } from './outboxRow.ts';

/** What a relay reads of a row. */
export type RelayRow = Pick<OutboxRow, '_id' | 'aggregatetype' | 'aggregateid' | 'version' | 'payload' | 'occurredAt'>;

/** Unsent rows. */
export interface Unsent {
  readonly rows: readonly RelayRow[];
  /** Whether these were all. */
  readonly isAll: boolean;
}

/** Unsent rows of some entities. */
export interface UnsentOf {
  /** Entity by entity in the order of their ids, each from its lowest version on. */
  readonly rows: readonly RelayRow[];
  /** Undefined: these are all. Else the entity at which the reading ended: it and those behind it may have more. */
  readonly endedAt: string | undefined;
}

/** The rows of one outbox, as its relay sees them. */
export interface RelayStore<Lease> {
  /** Gives at most this many unsent rows, the oldest by their times first. What committed before the call is seen. */
  readUnsent(rowsMax: number): Promise<Unsent>;
  /** Gives the unsent rows of these entities. What committed before the call is seen. */
  readUnsentOf(entityIds: readonly string[]): Promise<UnsentOf>;
  /** Marks rows as sent, if the lease still holds; throws LeaseLost else, and marks nothing. */
  markSent(ids: readonly string[], lease: Lease): Promise<void>;
  /** Counts unsent rows up to a number, and gives the time of the oldest; undefined without one. */
  readBacklog(countMax: number): Promise<{ readonly count: number; readonly oldestAt: Date | undefined }>;
}
