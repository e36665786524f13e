import mongoose, { type Connection } from 'mongoose';
import { drawId } from '../../platform/random.ts';
import { openHandClock } from '../../test/harness/handClock.ts';
import { waitUntil } from '../../test/harness/startProcess.ts';
import { openTestDatabase } from '../../test/harness/testDatabase.ts';
import { LeaseLost, Leases, type HeldLease } from './lease.ts';

const TTL_MS = 3_000;

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

function openLeases(holder: string) {
  const clock = openHandClock();
  return { clock, leases: new Leases({ connection, collection: 'leases', holder, ttlMs: TTL_MS, clock }) };
}

function given(lease: HeldLease | undefined): HeldLease {
  if (lease === undefined) throw new Error('the lease was not given');
  return lease;
}

async function beatOf(name: string): Promise<unknown> {
  return (await connection.collection<{ _id: string; beat: number }>('leases').findOne({ _id: name }))?.beat;
}

/** Lets the holder's timer run, and waits until its renewal is in the database. */
async function renew(clock: ReturnType<typeof openHandClock>, name: string): Promise<void> {
  const before = await beatOf(name);
  clock.pass(TTL_MS / 3);
  await waitUntil(async () => (await beatOf(name)) !== before && clock.tasksWaiting === 1);
}

describe('a lease', () => {
  it('goes to one of many who ask for it at once', async () => {
    const name = drawId();
    const askers = Array.from({ length: 8 }, (_, index) => openLeases(`holder ${index}`).leases);
    const taken = (await Promise.all(askers.map((leases) => leases.take(name)))).filter(Boolean);
    expect(taken).toHaveLength(1);
    await taken[0]?.release();
  });

  it('is not given away while its holder renews it, however long that is', async () => {
    const name = drawId();
    const [first, second] = [openLeases('first'), openLeases('second')];
    const held = given(await first.leases.take(name));
    for (let turn = 0; turn < 12; turn++) {
      await renew(first.clock, name);
      second.clock.pass(TTL_MS / 3);
      expect(await second.leases.take(name)).toBeUndefined();
    }
    expect(held.isHeld()).toBe(true);
    await held.release();
  });

  it('goes to another with a higher token when its holder is silent, and the holder can prove nothing then', async () => {
    const name = drawId();
    const [first, second] = [openLeases('first'), openLeases('second')];
    const paused = given(await first.leases.take(name));
    expect(await second.leases.take(name)).toBeUndefined();
    second.clock.pass(TTL_MS + 1);
    const next = given(await second.leases.take(name));
    expect(next.fence).toBe(paused.fence + 1);
    const proof = connection.transaction(async (session) => {
      await connection.collection<{ _id: string }>('effects').insertOne({ _id: name }, { session });
      await paused.prove(session);
    });
    await expect(proof).rejects.toThrow(LeaseLost);
    expect(await connection.collection<{ _id: string }>('effects').findOne({ _id: name })).toBeNull();
    expect(paused.isHeld()).toBe(false);
    await next.release();
  });

  it('is known as lost by a holder that was paused for longer than it lasts, before that asks anybody', async () => {
    const { clock, leases } = openLeases('paused');
    const held = given(await leases.take(drawId()));
    const stopped = { ...clock, after: () => () => undefined };
    const lone = given(
      await new Leases({ connection, collection: 'leases', holder: 'x', ttlMs: TTL_MS, clock: stopped }).take(drawId()),
    );
    clock.pass(TTL_MS + 1);
    expect(lone.isHeld()).toBe(false);
    expect(lone.lost.aborted).toBe(true);
    await held.release();
  });

  it('lets the holder write in a transaction', async () => {
    const name = drawId();
    const held = given(await openLeases('first').leases.take(name));
    await connection.transaction(async (session) => {
      await connection.collection<{ _id: string }>('effects').insertOne({ _id: name }, { session });
      await held.prove(session);
    });
    expect(await connection.collection<{ _id: string }>('effects').findOne({ _id: name })).not.toBeNull();
    await held.release();
  });

  it('is free at once when it is released, and its token still rises', async () => {
    const name = drawId();
    const held = given(await openLeases('first').leases.take(name));
    await held.release();
    expect(held.lost.aborted).toBe(false);
    const next = given(await openLeases('second').leases.take(name));
    expect(next.fence).toBe(held.fence + 1);
    await next.release();
  });
});
