// Schedules, their leases and the history of their runs in MongoDB, in the database `<prefix>_sync`. Every write of a
// holder names its fencing token, so that what a paused old holder sends late changes nothing.
import type { Connection } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';
import { LeaseLost, Leases, type HeldLease } from '../lease/lease.ts';
import {
  HISTORY_DAYS,
  HISTORY_RUNS_MAX,
  runIdOf,
  type RunChange,
  type RunDocument,
  type ScheduleChange,
  type ScheduleDocument,
  type ScheduleStore,
} from './scheduleStore.ts';

const DUPLICATE_KEY = 11_000;
const DAY_S = 24 * 60 * 60;
/** How long a process may be silent before another takes up its run. */
export const SCHEDULE_LEASE_MS = 10_000;

const COLLECTIONS = { schedules: 'schedules', runs: 'runs', leases: 'leases' } as const;

function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
}

/** What the store is opened with. */
export interface MongoSchedulesOptions {
  /** Open on `<prefix>_sync`. */
  readonly connection: Connection;
  /** A name of this process that no other ever has. */
  readonly holder: string;
  readonly clock: Clock;
  readonly leaseMs?: number;
}

class MongoSchedules implements ScheduleStore {
  readonly #connection: Connection;
  readonly #leases: Leases;

  constructor({ connection, holder, clock, leaseMs = SCHEDULE_LEASE_MS }: MongoSchedulesOptions) {
    this.#connection = connection;
    this.#leases = new Leases({ connection, collection: COLLECTIONS.leases, holder, ttlMs: leaseMs, clock });
  }

  get #schedules() {
    return this.#connection.collection<ScheduleDocument>(COLLECTIONS.schedules);
  }

  get #runs() {
    return this.#connection.collection<RunDocument>(COLLECTIONS.runs);
  }

  async createIndexes(): Promise<void> {
    await this.#runs.createIndex({ startedAt: 1 }, { name: 'startedAt', expireAfterSeconds: HISTORY_DAYS * DAY_S }, {});
    await this.#runs.createIndex({ schedule: 1, startedAt: -1 }, { name: 'bySchedule' }, {});
  }

  async ensure(names: readonly string[], now: Date): Promise<void> {
    const fresh = { decidedAt: now, queue: [], running: null, pausedAt: null, fence: 0 };
    for (const _id of names) await this.#schedules.updateOne({ _id }, { $setOnInsert: fresh }, { upsert: true });
  }

  async read(names: readonly string[]): Promise<ScheduleDocument[]> {
    if (names.length === 0) return [];
    return this.#schedules.find({ _id: { $in: [...names] } }).toArray();
  }

  take(name: string): Promise<HeldLease | undefined> {
    return this.#leases.take(name);
  }

  async claim({ name, fence }: HeldLease): Promise<ScheduleDocument> {
    const claimed = await this.#schedules.findOneAndUpdate(
      { _id: name, fence: { $lte: fence } },
      { $set: { fence } },
      { returnDocument: 'after' },
    );
    if (claimed === null) throw new LeaseLost(`the schedule ${name} was claimed by another`);
    const kept = claimed.running === null ? [] : [runIdOf(name, claimed.running.dueAt)];
    await this.#runs.updateMany(
      { schedule: name, outcome: 'running', fence: { $lt: fence }, _id: { $nin: kept } },
      { $set: { outcome: 'lost', fence } },
    );
    return claimed;
  }

  async change({ name, fence }: HeldLease, change: ScheduleChange): Promise<void> {
    const changed = await this.#schedules.updateOne({ _id: name, fence }, { $set: change });
    if (changed.matchedCount === 0) throw new LeaseLost(`the schedule ${name} was claimed by another`);
  }

  async pause(name: string, pausedAt: Date | null): Promise<boolean> {
    return (await this.#schedules.updateOne({ _id: name }, { $set: { pausedAt } })).matchedCount === 1;
  }

  async beginRun(run: RunDocument): Promise<RunDocument | undefined> {
    const { _id, fence, resumed } = run;
    if (resumed > 0) {
      const again = await this.#runs.findOneAndUpdate(
        { _id, fence: { $lte: fence }, outcome: { $in: ['running', 'stopped', 'lost'] } },
        { $set: { outcome: 'running', fence, resumed, endedAt: null } },
        { returnDocument: 'after' },
      );
      if (again !== null) return again;
    }
    try {
      await this.#runs.insertOne(run);
    } catch (error) {
      if (isDuplicate(error)) return undefined;
      throw error;
    }
    await this.#forgetOldest(run.schedule);
    return run;
  }

  async changeRun(_id: string, fence: number, change: RunChange): Promise<void> {
    await this.#runs.updateOne({ _id, fence }, { $set: change });
  }

  async history(schedule: string | undefined, limit: number): Promise<RunDocument[]> {
    const filter = schedule === undefined ? {} : { schedule };
    return this.#runs.find(filter).sort({ startedAt: -1, _id: -1 }).limit(limit).toArray();
  }

  async #forgetOldest(schedule: string): Promise<void> {
    const tooMany = await this.#runs
      .find({ schedule })
      .sort({ startedAt: -1 })
      .skip(HISTORY_RUNS_MAX)
      .limit(HISTORY_RUNS_MAX)
      .toArray();
    if (tooMany.length > 0) await this.#runs.deleteMany({ _id: { $in: tooMany.map(({ _id }) => _id) } });
  }
}

/** Opens schedules and runs, and makes their indexes. Throws what the database throws. */
export async function openMongoSchedules(options: MongoSchedulesOptions): Promise<ScheduleStore> {
  const store = new MongoSchedules(options);
  await store.createIndexes();
  return store;
}
