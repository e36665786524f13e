// A consumer whose process is ended without warning again and again, before its commits and between commit and
// acknowledgement: every event has its effect once, and none is lost.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { systemClock } from '../../../platform/clock.ts';
import { openLog } from '../../../platform/log.ts';
import { drawId } from '../../../platform/random.ts';
import { openBroker } from '../../../sync/brokers/openBroker.ts';
import { topicOf, type GraphEvent } from '../../../contracts/event.ts';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import { makeEvent } from '../../harness/consumerWorld.ts';
import type { KilledConsumerPlan } from '../../harness/killedConsumer.ts';
import { startProcess, waitUntil, type StartedProcess } from '../../harness/startProcess.ts';
import { startTestBroker, type TestBroker } from '../../harness/testBroker.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';

const ENTITIES = 100;
const VERSIONS = 4;
const RUNS_MAX = 60;
const SEED = 20_260_301;
/** Each start of a process takes its time. */
const TEST_TIMEOUT_MS = 180_000;

let folder: string;
let broker: TestBroker;
let database: { uri: string; stop: () => Promise<void> };
let connection: Connection;
const name = `test_${drawId().slice(0, 12)}_orders`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-killed-'));
  database = await openTestDatabase();
  broker = await startTestBroker(folder);
  connection = await openDatabase(database.uri, name);
});

afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
  await broker.stop();
  await database.stop();
  await rm(folder, { recursive: true });
});

const events = Array.from({ length: VERSIONS }, (_, at) => at + 1).flatMap((version) =>
  Array.from({ length: ENTITIES }, (_, entity) => makeEvent(entity, version)),
);

/** Comes behind all others: when it is counted, all that came again was looked at. */
const LAST = makeEvent(ENTITIES, 1);

async function publish(sent: readonly GraphEvent[]): Promise<void> {
  const sending = await openBroker(broker.url, { name: 'test', log: openLog('test', 'silent'), clock: systemClock });
  const messages = sent.map((event) => ({
    topic: topicOf('Order'),
    key: event.subject,
    value: JSON.stringify(event),
  }));
  await sending.publish(messages);
  await sending.close();
}

function countEffects(): Promise<number> {
  return connection.getClient().db(name).collection('counters').countDocuments({});
}

function startConsumer(seed: number, killShare: number): Promise<StartedProcess> {
  const where = { uri: database.uri, database: name, brokerUrl: broker.url };
  const plan: KilledConsumerPlan = { ...where, seed, killShare, poison: [] };
  return startProcess(['test/harness/killedConsumer.ts', JSON.stringify(plan)]);
}

/** Runs consumers one after the other, each until it ended itself or has nothing left; gives how many ended themselves. */
async function runUntilDone(): Promise<number> {
  let killed = 0;
  for (let run = 0; run < RUNS_MAX; run++) {
    let consumer: StartedProcess;
    try {
      consumer = await startConsumer(SEED + run, 0.4);
    } catch {
      // It ended itself before it could say that it was ready.
      killed += 1;
      continue;
    }
    const { child } = consumer;
    await waitUntil(async () => child.signalCode !== null || (await countEffects()) === events.length);
    if (child.signalCode === null) {
      await consumer.stop();
      return killed;
    }
    killed += 1;
    if ((await countEffects()) === events.length) return killed;
  }
  return killed;
}

describe('a consumer that is killed', () => {
  it(
    `applies every event once, whenever it is ended (seed ${SEED})`,
    async () => {
      await publish(events);
      const killed = await runUntilDone();
      await publish([LAST]);
      const last = await startConsumer(SEED, 0);
      await waitUntil(async () => (await countEffects()) === events.length + 1);
      await last.stop();
      const counters = await connection
        .getClient()
        .db(name)
        .collection<{ _id: string; count: number }>('counters')
        .find({})
        .toArray();
      expect(killed).toBeGreaterThan(0);
      expect(counters.length).toBe(events.length + 1);
      expect(counters.filter(({ count }) => count !== 1)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});
