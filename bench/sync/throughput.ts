// How many events a second go from an outbox through a broker into the inbox of another subgraph, with one small write
// of an effect each: the real relay and the real consumer in this process, the database in one of its own.
import type { ClientSession, Connection } from 'mongoose';
import { systemClock } from '../../platform/clock.ts';
import { openLog } from '../../platform/log.ts';
import { drawId, seededRandom } from '../../platform/random.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import type { Broker } from '../../sync/brokers/broker.ts';
import { Consumer } from '../../sync/consume/consumer.ts';
import { ConsumerCounts } from '../../sync/consume/consumerCounts.ts';
import type { ConsumerDefinition } from '../../sync/consume/definition.ts';
import { MongoConsumeStore } from '../../sync/consume/mongoConsumeStore.ts';
import type { NewEvent } from '../../sync/outbox/newEvent.ts';
import { openRelay } from '../../sync/outbox/openRelay.ts';
import { Outbox } from '../../sync/outbox/outbox.ts';
import { PayloadKeys } from '../../sync/payload/payloadKeys.ts';

const TENANT = 'bench';
const TYPE = 'crm.order.placed.v1';
/** No subgraph follows it: what stays in the broker is no backlog for the graph whose latency is measured next. */
const AGGREGATE = 'Attribution';
const ENTITIES = 5_000;
const EMIT_AT_ONCE = 250;
const LOOK_MS = 10;

/** Where it is measured. */
export interface ThroughputPlace {
  readonly uri: string;
  readonly open: () => Promise<Broker>;
  readonly events: number;
  /** Gives the seconds that the processes of database and broker have used of processors so far. */
  readonly othersCpuSeconds: () => Promise<number>;
}

/** What it came to. */
export interface Throughput {
  readonly events: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly bytesPerEvent: number;
  /** What one event cost of a processor: here, in the relay and the consumer, and in the database and the broker. */
  readonly ownCpuMicros: number;
  readonly othersCpuMicros: number;
}

function eventOf(number: number): NewEvent {
  const id = `ord_${String(number % ENTITIES).padStart(26, '0')}`;
  const lines = ['lamp', 'chair', 'table'].map((sku, at) => ({ sku, name: `A ${sku} of oak`, quantity: at + 1 }));
  return {
    type: TYPE,
    aggregate: AGGREGATE,
    id,
    version: Math.floor(number / ENTITIES) + 1,
    keys: [`Order:${id}`, `Customer:cus_${String(number % 997).padStart(26, '0')}`],
    data: {
      orderId: id,
      status: 'PLACED',
      currency: 'EUR',
      totalMinor: number,
      lines,
      placedAt: '2026-01-01T00:00:00Z',
    },
  };
}

async function fill(outbox: Outbox, connection: Connection, events: number): Promise<number> {
  for (let at = 0; at < events; at += EMIT_AT_ONCE) {
    const some = Array.from({ length: Math.min(EMIT_AT_ONCE, events - at) }, (_, offset) => eventOf(at + offset));
    await connection.withSession((session) =>
      session.withTransaction(() =>
        outbox.emit({ session, tenantId: TENANT, now: systemClock.now(), callId: 'bench' }, some),
      ),
    );
  }
  const row = await outbox.rows.collection.findOne({});
  return Buffer.byteLength(String(row?.['payload']));
}

/** A copy of each order's total: the small effect that most consumers have. */
function definitionOn(connection: Connection): ConsumerDefinition<ClientSession> {
  const copies = connection.collection<{ _id: string; totalMinor: unknown }>('copies');
  return {
    name: 'bench.copies',
    entities: [AGGREGATE],
    types: { [TYPE]: { needs: 'newest' } },
    async apply({ session }, events) {
      const operations = events.map(({ subject, data }) => ({
        updateOne: {
          filter: { _id: subject },
          update: { $set: { totalMinor: (data as { totalMinor: unknown }).totalMinor } },
          upsert: true,
        },
      }));
      await copies.bulkWrite(operations, { session, ordered: false });
      return [];
    },
  };
}

/** Fills an outbox, then measures until all of it has had its effect. Throws where an effect is missing. */
export async function measureThroughput({ uri, open, events, othersCpuSeconds }: ThroughputPlace): Promise<Throughput> {
  const prefix = `bench_${drawId().slice(0, 8)}`;
  const [source, target] = await Promise.all(
    ['orders', 'marketing'].map((name) => openDatabase(uri, `${prefix}_${name}`)),
  );
  if (source === undefined || target === undefined) throw new Error('there is no database');
  const log = openLog('bench', 'warn');
  const keys = new PayloadKeys({ connection: source, prefix, clock: systemClock });
  const outbox = new Outbox({ connection: source, subgraph: 'orders', keys, isSending: true });
  await outbox.rows.createIndexes();
  const bytesPerEvent = await fill(outbox, source, events);
  const store = new MongoConsumeStore(target);
  await store.createIndexes();
  const broker = await open();
  const counts = new ConsumerCounts();
  const consumer = new Consumer({
    ...{ definition: definitionOn(target), store, clock: systemClock, random: seededRandom(1), log, counts },
    unseal: (some) => Promise.resolve(some),
    askPredecessor: () => undefined,
    committed: () => undefined,
  });
  const { applied } = counts.countersOf('bench.copies');
  const relay = openRelay({ connection: source, outbox, broker, clock: systemClock, log });
  await consumer.start(broker);
  const startMs = systemClock.steadyMs();
  const cpu = process.cpuUsage();
  const othersBefore = await othersCpuSeconds();
  relay.start();
  while (applied.value < events) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const seconds = (systemClock.steadyMs() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const othersCpuMicros = Math.round((((await othersCpuSeconds()) - othersBefore) * 1e6) / events);
  await relay.stop();
  await consumer.stop();
  await broker.close();
  const copies = await target.collection('copies').countDocuments();
  if (copies !== Math.min(events, ENTITIES)) throw new Error(`${copies} effects for ${events} events`);
  for (const connection of [source, target]) {
    await connection.dropDatabase();
    await connection.close();
  }
  const ownCpuMicros = Math.round((user + system) / events);
  return {
    ...{ events, seconds, eventsPerSecond: Math.round(events / seconds), bytesPerEvent },
    ...{ ownCpuMicros, othersCpuMicros },
  };
}
