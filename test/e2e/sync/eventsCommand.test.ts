// `crm-graph events` beside a running graph: poison is parked, listed, handed out again and dropped; the feed is followed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sequenceOf, topicOf, type GraphEvent } from '../../../contracts/event.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { systemClock } from '../../../platform/clock.ts';
import { openLog } from '../../../platform/log.ts';
import { drawId } from '../../../platform/random.ts';
import { openBroker } from '../../../sync/brokers/openBroker.ts';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import { runProcess, waitUntil } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

const CONSUMER = 'marketing.orders';

let graph: TestGraph;
let env: Record<string, string>;

beforeAll(async () => {
  graph = await startTestGraph(0);
  env = { MONGODB_URI: graph.uri, CRM_DATABASE_PREFIX: graph.prefix, CRM_BROKER_URL: graph.broker?.url ?? '' };
});

afterAll(() => graph.stop());

function crm(...words: readonly string[]): Promise<{ code: number | null; output: string }> {
  return runProcess(['cli/main.ts', 'events', ...words], env);
}

/** An order's event as orders would send it, or with some of its data broken. */
function orderEvent(data: object, version = 1): GraphEvent {
  const subject = `ord_${drawId()}`;
  const at = '2026-03-01T10:00:00.000Z';
  const whole = {
    ...{ customerId: `cus_${drawId()}`, currency: 'EUR', status: 'PLACED', totalMinor: 100, refundedMinor: 0 },
    ...{ placedAt: at, createdAt: at, deletedAt: null, touches: [], number: '2026-A', cancelledAt: null, returns: [] },
  };
  return {
    ...{ specversion: '1.0', id: drawId(), source: '/crm/orders', type: 'crm.order.placed.v1', subject, time: at },
    ...{ datacontenttype: 'application/json', dataschema: 'x', partitionkey: subject, sequence: sequenceOf(version) },
    ...{ tenantid: 'main', entitykeys: `Order:${subject}`, data: { ...whole, ...data } },
  };
}

async function publish(...events: readonly GraphEvent[]): Promise<void> {
  const broker = await openBroker(env['CRM_BROKER_URL'] ?? '', {
    ...{ name: 'test', log: openLog('test', 'silent'), clock: systemClock },
  });
  await broker.publish(
    events.map((event) => ({ topic: topicOf('Order'), key: event.subject, value: JSON.stringify(event) })),
  );
  await broker.close();
}

interface Parked {
  readonly id: string;
  readonly consumer: string;
  readonly reason: string;
  readonly message: string;
}

async function parkedOf(entity: string): Promise<Parked[]> {
  const { output } = await crm('parked', '--consumer', CONSUMER, '--entity', entity, '--json');
  return output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Parked]));
}

async function waitUntilParked(event: GraphEvent): Promise<Parked> {
  return waitUntil(async () => (await parkedOf(event.subject))[0], 30_000);
}

describe('crm-graph events', () => {
  it('lists a parked event with its reason, hands it out again, and drops it only by its word', async () => {
    const bad = orderEvent({ totalMinor: 'much' });
    await publish(bad);
    const row = await waitUntilParked(bad);
    expect(row).toMatchObject({ id: bad.id, consumer: CONSUMER, reason: 'malformed' });
    expect(row.message).toContain('data.totalMinor');
    expect((await crm('parked', '--consumer', CONSUMER)).output).toContain(bad.subject);
    const replayed = await crm('replay', '--consumer', CONSUMER, '--id', bad.id);
    expect(replayed).toMatchObject({ code: 0, output: '1 parked events go to their consumers again\n' });
    await waitUntilParked(bad);
    expect(await crm('drop', '--id', bad.id)).toMatchObject({ code: 1 });
    expect((await crm('drop', '--id', bad.id, '--confirm', 'drop')).code).toBe(0);
    expect(await parkedOf(bad.subject)).toEqual([]);
  });

  it('parks a version that the consumer does not know, and applies what came behind it', async () => {
    const unknown = { ...orderEvent({}), type: 'crm.order.placed.v9' };
    const next: GraphEvent = { ...orderEvent({}, 2), subject: unknown.subject, partitionkey: unknown.subject };
    await publish(unknown, next);
    expect(await waitUntilParked(unknown)).toMatchObject({ reason: 'unknownVersion' });
    const marketing = await openDatabase(graph.uri, `${graph.prefix}_marketing`);
    const figures = marketing.getClient().db(marketing.name).collection('order_figures');
    await waitUntil(() => figures.findOne({ orderId: unknown.subject }), 30_000);
    await marketing.close();
    const replay = ['replay', '--consumer', 'marketing.unheard', '--outbox', '--entity', unknown.subject];
    expect(await crm(...replay)).toMatchObject({ code: 1 });
  });

  it('follows the feed as lines for programs, of the types that were asked for', async () => {
    const child = spawn(
      process.execPath,
      ['cli/main.ts', 'events', 'tail', '--type', 'crm.order.placed', '--count', '1', '--json'],
      { env: { ...inheritedEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [out, told]: [string[], string[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => told.push(chunk.toString()));
    const ended = once(child, 'exit');
    await waitUntil(() => told.join('').includes('following'));
    const event = orderEvent({});
    await publish({ ...event, type: 'crm.order.changed.v1', id: drawId() }, event);
    expect(await ended).toEqual([0, null]);
    expect(JSON.parse(out.join(''))).toMatchObject({ id: event.id, subject: event.subject });
  });

  it('says what is missing, and ends with another code than a refusal', async () => {
    const nowhere = { CRM_MONGO_PORT: '1', MONGODB_URI: '', CRM_DATA_PATH: '/nowhere' };
    const parked = await runProcess(['cli/main.ts', 'events', 'parked'], nowhere);
    expect(parked.code).toBe(2);
    expect(parked.output).toContain('no MongoDB answers at 127.0.0.1:1');
    const tail = await runProcess(['cli/main.ts', 'events', 'tail'], nowhere);
    expect(tail.code).toBe(2);
    expect(tail.output).toContain('CRM_BROKER_URL');
    const wrong = await runProcess(['cli/main.ts', 'events', 'parked', '--last', 'none'], nowhere);
    expect(wrong.code).toBe(3);
  });
});
