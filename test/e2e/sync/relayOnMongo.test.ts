// The relay on a real database and a broker with bad manners: writers with clocks that differ, a process that dies, a
// broker that is away.
import mongoose, { type Connection } from 'mongoose';
import { versionOf, type GraphEvent } from '../../../contracts/event.ts';
import { systemClock } from '../../../platform/clock.ts';
import { openLog } from '../../../platform/log.ts';
import { drawId, seededRandom } from '../../../platform/random.ts';
import { openMemoryBroker } from '../../../sync/brokers/memory.ts';
import { openRelay } from '../../../sync/outbox/openRelay.ts';
import { Outbox } from '../../../sync/outbox/outbox.ts';
import { PayloadKeys } from '../../../sync/payload/payloadKeys.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';

const ENTITIES = 12;
const CHANGES = 240;
const SKEW_MS = 60_000;
const seed = 20_261_123;

const prefix = `test_${drawId().slice(0, 12)}`;
const log = openLog('relay', 'silent');
let uri: string;
let writer: Process;
let stopDatabase: () => Promise<void>;

interface Process {
  readonly connection: Connection;
  readonly outbox: Outbox;
}

async function openProcess(): Promise<Process> {
  const connection = await mongoose.createConnection(uri, { dbName: `${prefix}_orders` }).asPromise();
  const keys = new PayloadKeys({ connection, prefix, clock: systemClock });
  return { connection, outbox: new Outbox({ connection, subgraph: 'orders', keys, isSending: true }) };
}

/** A change of an entity: its document's version and its event, by one transaction; its time is anybody's guess. */
async function change({ connection, outbox }: Process, entity: number, skewMs: number): Promise<void> {
  const id = `ord_entity${entity}`;
  await connection.transaction(async (session) => {
    const things = connection.collection<{ _id: string; version: number }>('things');
    const options = { session, upsert: true, returnDocument: 'after' } as const;
    const thing = await things.findOneAndUpdate({ _id: id }, { $inc: { version: 1 } }, options);
    const now = new Date(systemClock.now().getTime() + skewMs);
    const write = { session, tenantId: 'main', now, callId: drawId() };
    const event = { type: 'crm.order.changed.v1', aggregate: 'Order' as const, id, keys: [`Order:${id}`], data: {} };
    await outbox.emit(write, [{ ...event, version: thing?.version ?? 0 }]);
  });
  outbox.wake();
}

beforeAll(async () => {
  const database = await openTestDatabase();
  [uri, stopDatabase] = [database.uri, database.stop];
  writer = await openProcess();
  await writer.outbox.rows.createIndexes();
  // Two transactions at once that would make it: one of them fails on some servers.
  await writer.connection.createCollection('things');
});

afterAll(async () => {
  await writer.connection.dropDatabase();
  await writer.connection.close();
  await stopDatabase();
});

describe('relays of one outbox', () => {
  it(`lose nothing and keep each entity's order when one dies and the broker fails (seed ${seed})`, async () => {
    const broker = openMemoryBroker({ seed, confirmationLossShare: 0.2, publishLossShare: 0.2 });
    const arrived = new Map<string, number[]>();
    const reader = broker.connect();
    await reader.follow({
      topics: ['outbox.event.Order'],
      after: 'now',
      deliver(messages) {
        for (const { key, value } of messages) {
          const version = versionOf(JSON.parse(value) as GraphEvent);
          const known = arrived.get(key) ?? [];
          if (!known.includes(version)) arrived.set(key, [...known, version]);
        }
      },
    });
    const [dying, living] = [await openProcess(), await openProcess()];
    const relays = [dying, living].map(({ connection, outbox }) =>
      openRelay({ connection, outbox, broker: broker.connect(), clock: systemClock, log }),
    );
    for (const relay of relays) relay.start();
    const random = seededRandom(seed);
    const arrivedCount = (): number => [...arrived.values()].reduce((sum, { length }) => sum + length, 0);
    for (let at = 0; at < CHANGES; at += 4) {
      const some = Array.from(
        { length: 4 },
        () => [Math.floor(random() * ENTITIES), (random() - 0.5) * SKEW_MS] as const,
      );
      await Promise.all(some.map(([entity, skewMs]) => change(writer, entity, skewMs)));
      if (at === CHANGES / 2) {
        await waitUntil(() => Promise.resolve(arrivedCount() > 0));
        // The connection is gone, as that of a process that was killed: its lease is not given back.
        await dying.connection.close(true);
      }
      if (at === CHANGES * 0.75) broker.restart(500);
    }
    await waitUntil(async () => (await writer.outbox.rows.countDocuments({ sentAt: null })) === 0, 30_000);
    await waitUntil(() => Promise.resolve(arrivedCount() === CHANGES));
    for (const [, versions] of arrived) expect(versions).toEqual(versions.map((_, at) => at + 1));
    expect(arrivedCount()).toBe(CHANGES);
    await Promise.all(relays.map((relay) => relay.stop()));
    await living.connection.close();
    await reader.close();
  });

  it('let mutations go on while the broker is away, count what waits, and send it when it is back', async () => {
    const broker = openMemoryBroker();
    const process = await openProcess();
    const { connection, outbox } = process;
    broker.restart(5_000);
    const relay = openRelay({ connection, outbox, broker: broker.connect(), clock: systemClock, log });
    relay.start();
    for (let at = 0; at < 5; at++) await change(process, at, 0);
    await waitUntil(() => Promise.resolve(outbox.backlog === 5));
    expect(relay.counts.backlog.oldestAt).toBeInstanceOf(Date);
    await waitUntil(() => Promise.resolve(relay.counts.sent.value === 5), 30_000);
    expect(relay.counts.failed.value).toBeGreaterThan(0);
    await waitUntil(() => Promise.resolve(outbox.backlog === 0));
    await relay.stop();
    await connection.close();
  });
});
