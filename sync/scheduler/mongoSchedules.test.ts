import mongoose, { type Connection } from 'mongoose';
import { systemClock } from '../../platform/clock.ts';
import { drawId } from '../../platform/random.ts';
import { openHandClock } from '../../test/harness/handClock.ts';
import { MEMORY_LEASE_MS, MemorySchedules, openSchedulePlace } from '../../test/harness/memorySchedules.ts';
import { openTestDatabase } from '../../test/harness/testDatabase.ts';
import { LeaseLost, type HeldLease } from '../lease/lease.ts';
import { NO_ROWS } from './executeRun.ts';
import { openMongoSchedules } from './mongoSchedules.ts';
import { HISTORY_RUNS_MAX, runIdOf, type RunDocument, type ScheduleStore } from './scheduleStore.ts';

const LEASE_MS = MEMORY_LEASE_MS;
/** Not long ago: the database deletes runs that began 90 days before its own time. */
const NOW = systemClock.now();
const DUE = new Date(NOW.getTime() + 2 * 3_600_000);

let connection: Connection;
let stop: () => Promise<void>;

beforeAll(async () => {
  const database = await openTestDatabase();
  const dbName = `test_${drawId().slice(0, 12)}`;
  connection = await mongoose.createConnection(database.uri, { dbName }).asPromise();
  stop = database.stop;
});

afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
  await stop();
});

/** Two processes on one place, and what lets the second see that the first is silent. */
type Opened = [first: ScheduleStore, second: ScheduleStore, passLease: () => void];

const PLACES: [string, () => Promise<Opened>][] = [
  [
    'MongoDB',
    async () => {
      const clock = openHandClock();
      const first = await openMongoSchedules({ connection, holder: drawId(), clock: openHandClock() });
      const second = await openMongoSchedules({ connection, holder: drawId(), clock });
      return [first, second, () => clock.pass(LEASE_MS + 1)];
    },
  ],
  [
    'memory',
    () => {
      const [place, clock] = [openSchedulePlace(), openHandClock()];
      const silent = { ...clock, after: () => () => undefined };
      const first = new MemorySchedules(place, 'first', silent);
      return Promise.resolve([first, new MemorySchedules(place, 'second', clock), () => clock.pass(LEASE_MS + 1)]);
    },
  ],
];

async function take(store: ScheduleStore, name: string): Promise<HeldLease> {
  const lease = await store.take(name);
  if (lease === undefined) throw new Error('the lease was not given');
  return lease;
}

function rowOf(schedule: string, lease: HeldLease, resumed = 0): RunDocument {
  return {
    ...{ _id: runIdOf(schedule, DUE), schedule, dueAt: DUE, startedAt: NOW, endedAt: null, durationMs: 0, resumed },
    ...{ outcome: 'running', counts: NO_ROWS, rejectFile: null, errorCode: null, errorMessage: null },
    fence: lease.fence,
  };
}

describe.each(PLACES)('schedules in %s', (_place, open) => {
  it('begin at the moment when they are first known, and stay as they are afterwards', async () => {
    const [store] = await open();
    const name = drawId();
    await store.ensure([name], NOW);
    await store.ensure([name], DUE);
    const [schedule] = await store.read([name, drawId()]);
    expect(schedule).toEqual({ _id: name, decidedAt: NOW, queue: [], running: null, pausedAt: null, fence: 0 });
  });

  it('take no word of a holder whom a later one has shut out', async () => {
    const [first, second, passLease] = await open();
    const name = drawId();
    await first.ensure([name], NOW);
    const old = await take(first, name);
    await first.claim(old);
    await first.beginRun(rowOf(name, old));
    await first.change(old, { running: { dueAt: DUE, resumed: 0 } });
    expect(await second.take(name)).toBeUndefined();
    passLease();
    const next = await take(second, name);
    expect((await second.claim(next)).running).toEqual({ dueAt: DUE, resumed: 0 });
    await expect(first.change(old, { running: null })).rejects.toThrow(LeaseLost);
    await expect(first.claim(old)).rejects.toThrow(LeaseLost);
    expect((await second.beginRun(rowOf(name, next, 1)))?.resumed).toBe(1);
    await first.changeRun(runIdOf(name, DUE), old.fence, { outcome: 'failed' });
    const [run] = await second.history(name, 10);
    expect(run?.outcome).toBe('running');
    await next.release();
  });

  it('give a due time one run, which is not begun again when it is over', async () => {
    const [store] = await open();
    const name = drawId();
    await store.ensure([name], NOW);
    const lease = await take(store, name);
    expect(await store.beginRun(rowOf(name, lease))).toBeDefined();
    expect(await store.beginRun(rowOf(name, lease))).toBeUndefined();
    await store.changeRun(runIdOf(name, DUE), lease.fence, { outcome: 'done' });
    expect(await store.beginRun(rowOf(name, lease, 1))).toBeUndefined();
    await lease.release();
  });

  it('call a run lost that nobody will end', async () => {
    const [first, second, passLease] = await open();
    const name = drawId();
    await first.ensure([name], NOW);
    const old = await take(first, name);
    await first.beginRun(rowOf(name, old));
    await second.take(name);
    passLease();
    const next = await take(second, name);
    await second.claim(next);
    expect((await second.history(name, 10)).map(({ outcome }) => outcome)).toEqual(['lost']);
    await next.release();
  });

  it('are paused and go on by their names', async () => {
    const [store] = await open();
    const name = drawId();
    await store.ensure([name], NOW);
    expect(await store.pause(drawId(), NOW)).toBe(false);
    expect(await store.pause(name, NOW)).toBe(true);
    expect((await store.read([name]))[0]?.pausedAt).toEqual(NOW);
  });
});

describe('the history in MongoDB', () => {
  it('keeps the newest thousand runs of a schedule, and none for longer than 90 days', async () => {
    const store = await openMongoSchedules({ connection, holder: drawId(), clock: systemClock });
    const name = drawId();
    await store.ensure([name], NOW);
    const lease = await take(store, name);
    const rows = Array.from({ length: HISTORY_RUNS_MAX + 5 }, (_, index) => ({
      ...rowOf(name, lease),
      _id: `${name}@${index}`,
      startedAt: new Date(NOW.getTime() + index),
    }));
    await connection.collection<RunDocument>('runs').insertMany(rows);
    await store.beginRun({ ...rowOf(name, lease), startedAt: DUE });
    expect(await store.history(name, 2 * HISTORY_RUNS_MAX)).toHaveLength(HISTORY_RUNS_MAX);
    const indexes = await connection.collection('runs').indexes();
    expect(indexes.map(({ expireAfterSeconds }) => expireAfterSeconds)).toContain(90 * 24 * 60 * 60);
    await lease.release();
  });
});
