// A consumer as a process of its own that ends itself without warning, by a seed, before a commit or between a commit
// and the acknowledgement: `node killedConsumer.ts '<JSON of KilledConsumerPlan>'`. Its effect adds one to a counter, so
// that a second effect shows.
import type { ClientSession } from 'mongoose';
import { systemClock } from '../../platform/clock.ts';
import { openLog } from '../../platform/log.ts';
import { seededRandom } from '../../platform/random.ts';
import { openBroker } from '../../sync/brokers/openBroker.ts';
import { Consumer } from '../../sync/consume/consumer.ts';
import { ConsumerCounts } from '../../sync/consume/consumerCounts.ts';
import { MongoConsumeStore } from '../../sync/consume/mongoConsumeStore.ts';
import type { ConsumeStore } from '../../sync/consume/store.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';

/** What the process works on. */
export interface KilledConsumerPlan {
  readonly uri: string;
  readonly database: string;
  readonly brokerUrl: string;
  readonly seed: number;
  /** Of its transactions, how many end it before the commit, and how many after. */
  readonly killShare: number;
  /** Events whose id is among these are at fault. */
  readonly poison: readonly string[];
}

const plan = JSON.parse(process.argv[2] ?? '{}') as KilledConsumerPlan;
const random = seededRandom(plan.seed);
const log = openLog('killed', 'silent');
const connection = await openDatabase(plan.uri, plan.database);
const memory = new MongoConsumeStore(connection);
await memory.createIndexes();
const counters = connection.getClient().db(plan.database).collection<{ _id: string }>('counters');

function endWithoutWarning(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

const store: ConsumeStore<ClientSession> = {
  async transact(work) {
    const draw = random();
    const result = await memory.transact(async (unit) => {
      const done = await work(unit);
      if (draw < plan.killShare / 2) await endWithoutWarning();
      return done;
    });
    if (draw > 1 - plan.killShare / 2) await endWithoutWarning();
    return result;
  },
  isFault: (error) => memory.isFault(error),
  countParked: (consumer) => memory.countParked(consumer),
};

const poison = new Set(plan.poison);
const consumer = new Consumer<ClientSession>({
  definition: {
    name: 'orders.counted',
    entities: ['Order'],
    types: { 'crm.order.placed.v1': { needs: 'each' } },
    async apply({ session }, events) {
      if (events.some(({ id }) => poison.has(id))) throw new Error('poison');
      const operations = events.map(({ id }) => ({
        updateOne: { filter: { _id: id }, update: { $inc: { count: 1 } }, upsert: true },
      }));
      await counters.bulkWrite(operations, { session });
      return [];
    },
  },
  store,
  clock: systemClock,
  random,
  log,
  counts: new ConsumerCounts(),
  unseal: (events) => Promise.resolve(events),
  askPredecessor: () => undefined,
  committed: () => undefined,
});
await consumer.start(await openBroker(plan.brokerUrl, { name: 'killed', log, clock: systemClock }));
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: 'consuming' });
