// The outbox as its relay reads it. Every read names its index and is bounded in rows and time.
import type { Connection, Model } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';
import type { HeldLease } from '../lease/lease.ts';
import { BY_ENTITY, BY_TURN, type OutboxRow } from './outboxRow.ts';
import type { RelayRow, RelayStore, Unsent } from './relayStore.ts';

const TIMEOUT_MS = 10_000;
/** Of the unsent rows of a window's entities; what is beyond comes with a later window. */
const ENTITY_ROWS_MAX = 1_000;
/** What a failover could take back must not be told. */
const COMMITTED = { readConcern: { level: 'majority' } } as const;
const FIELDS = { aggregatetype: 1, aggregateid: 1, version: 1, payload: 1, occurredAt: 1 } as const;

/** At most so much of events' text is held at once, whatever the number of rows: each can have 256 KB. */
const CHARACTERS_MAX = 16 * 1024 * 1024;

interface RowCursor extends AsyncIterable<RelayRow> {
  close(): Promise<void>;
}

async function readBounded(cursor: RowCursor, rowsMax: number): Promise<Unsent> {
  const rows: RelayRow[] = [];
  let characters = 0;
  for await (const row of cursor) {
    rows.push(row);
    characters += row.payload.length;
    if (characters >= CHARACTERS_MAX) break;
  }
  await cursor.close();
  return { rows, isAll: characters < CHARACTERS_MAX && rows.length < rowsMax };
}

/** Takes the subgraph's connection, its outbox and a clock; gives the rows as a relay needs them. */
export function openMongoRelayStore(
  connection: Connection,
  rows: Model<OutboxRow>,
  clock: Clock,
): RelayStore<HeldLease> {
  const { collection } = rows;
  return {
    async readUnsent(rowsMax) {
      const bounds = { limit: rowsMax, batchSize: rowsMax + 1, maxTimeMS: TIMEOUT_MS };
      const options = { ...COMMITTED, ...bounds, hint: BY_TURN };
      const found = collection.find({ sentAt: null }, { ...options, projection: FIELDS });
      return readBounded(found.sort({ occurredAt: 1, _id: 1 }) as unknown as RowCursor, rowsMax);
    },
    async readUnsentOf(entityIds) {
      const options = {
        ...COMMITTED,
        hint: BY_ENTITY,
        limit: ENTITY_ROWS_MAX,
        batchSize: ENTITY_ROWS_MAX + 1,
        maxTimeMS: TIMEOUT_MS,
      };
      const filter = { sentAt: null, aggregateid: { $in: [...entityIds] } };
      const found = collection.find(filter as never, { ...options, projection: FIELDS });
      // No sort: the index that is named has them in order.
      const { rows: read, isAll } = await readBounded(found as unknown as RowCursor, ENTITY_ROWS_MAX);
      return { rows: read, endedAt: isAll ? undefined : read.at(-1)?.aggregateid };
    },
    async markSent(ids, lease) {
      const sentAt = clock.now();
      await connection.withSession((session) =>
        session.withTransaction(async () => {
          await lease.prove(session);
          await collection.updateMany({ _id: { $in: [...ids] } } as never, { $set: { sentAt } }, { session });
        }),
      );
    },
    async readBacklog(countMax) {
      const options = { hint: BY_TURN, limit: countMax, maxTimeMS: TIMEOUT_MS };
      const count = await collection.countDocuments({ sentAt: null }, options);
      if (count === 0) return { count, oldestAt: undefined };
      const sort = { occurredAt: 1, _id: 1 } as const;
      const oldest = await collection.findOne(
        { sentAt: null },
        { hint: BY_TURN, sort, projection: { occurredAt: 1 }, maxTimeMS: TIMEOUT_MS },
      );
      return { count, oldestAt: (oldest as { occurredAt: Date } | null)?.occurredAt };
    },
  };
}
