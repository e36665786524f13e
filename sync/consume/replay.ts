// Taking events up again: from `parked`, or from the owner's outbox while it has them. What is found is left in the
// consumer's own database (replays.ts). Safe at any time: what the consumer applied it leaves out, by inbox and version.
import type mongoose from 'mongoose';
import { topicOf, type AggregateType } from '../../contracts/event.ts';
import type { MongoConsumeStore } from './mongoConsumeStore.ts';
import type { ParkedRow, ParkedSelection } from './parked.ts';
import type { Replay } from './replays.ts';

const BATCH = 500;

/** Which events of an outbox are meant; what is not given is not asked for. */
export interface OutboxSelection {
  readonly subject?: string | undefined;
  readonly type?: string | undefined;
  /** From when on they happened. */
  readonly since?: Date | undefined;
  /** Before when they happened. */
  readonly until?: Date | undefined;
  /** Of one entity: the versions below this one. */
  readonly versionBelow?: number | undefined;
  /** The kinds of entities that the consumer hears. */
  readonly aggregates?: readonly AggregateType[] | undefined;
}

/** For whom events are taken up, and whether state is applied again that was before. */
export interface ReplayAim {
  readonly consumer: string;
  readonly isForced: boolean;
}

/** The part of an outbox row that a replay reads. */
interface SentRow {
  readonly _id: string;
  readonly aggregatetype: AggregateType;
  readonly aggregateid: string;
  readonly payload: string;
  readonly version: number;
}

function conditionOf({ subject, type, since, until, versionBelow, aggregates }: OutboxSelection): object {
  const time = { ...(since !== undefined && { $gte: since }), ...(until !== undefined && { $lt: until }) };
  return {
    ...(subject !== undefined && { aggregateid: subject }),
    ...(type !== undefined && { type }),
    ...(versionBelow !== undefined && { version: { $lt: versionBelow } }),
    ...(aggregates !== undefined && { aggregatetype: { $in: [...aggregates] } }),
    ...(Object.keys(time).length > 0 && { occurredAt: time }),
  };
}

function sourceOf(payload: string): string {
  const { source } = JSON.parse(payload) as { source?: unknown };
  return typeof source === 'string' ? source : '';
}

/**
 * Takes the owner's database, whose outbox is read, the consumer's memory, which events and for whom; leaves them for
 * the consumer. Gives how many there were. An outbox has what was sent in the last 24 hours.
 */
export async function replayFromOutbox(
  owner: mongoose.mongo.Db,
  store: MongoConsumeStore,
  selection: OutboxSelection,
  aim: ReplayAim & { readonly now: Date },
): Promise<number> {
  const { consumer, isForced, now } = aim;
  const cursor = owner.collection<SentRow>('outbox').find(conditionOf(selection), {
    sort: { occurredAt: 1, version: 1, _id: 1 },
    batchSize: BATCH,
    allowDiskUse: true,
  });
  let count = 0;
  let batch: (Replay & { version: number })[] = [];
  const leave = async (): Promise<void> => {
    await store.replays.add(batch, now);
    count += batch.length;
    batch = [];
  };
  for await (const { _id, aggregatetype, aggregateid, payload, version } of cursor) {
    const event = `${sourceOf(payload)} ${_id}`;
    batch.push({ consumer, event, text: payload, topic: topicOf(aggregatetype), key: aggregateid, isForced, version });
    if (batch.length >= BATCH) await leave();
  }
  await leave();
  return count;
}

function replayOf({ consumer, source, id, text, topic, subject, version }: ParkedRow): Replay & { version: number } {
  return { consumer, event: `${source} ${id}`, text, topic, key: subject, isForced: false, version };
}

/** Takes a consumer's memory and which parked events; leaves them for their consumers. Gives how many there were. */
export async function replayParked(store: MongoConsumeStore, selection: ParkedSelection, now: Date): Promise<number> {
  let count = 0;
  for (;;) {
    const moved = await store.transact(async ({ session }) => {
      const rows = await store.parked.list(selection, BATCH, session);
      if (rows.length === 0) return 0;
      await store.replays.add(rows.map(replayOf), now, session);
      return store.parked.remove(
        rows.map(({ _id }) => _id),
        session,
      );
    });
    count += moved;
    if (moved < BATCH) return count;
  }
}
