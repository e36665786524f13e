// A real RabbitMQ passes the suite of all brokers, and loses nothing when it fails.
import { Connection, type Channel } from 'rabbitmq-client';
import { systemClock } from '../../platform/clock.ts';
import { openLog } from '../../platform/log.ts';
import { drawId } from '../../platform/random.ts';
import { findPorts } from '../../scripts/findPorts.ts';
import { startRabbitmq } from '../../scripts/startRabbitmq.ts';
import type { Broker, Reading } from '../../sync/brokers/broker.ts';
import { describeBroker } from '../../sync/brokers/conformance.ts';
import { until } from '../../sync/brokers/conformance/collect.ts';
import { openBroker } from '../../sync/brokers/openBroker.ts';
import { describeFaults } from '../harness/brokerFaults.ts';

const START_MS_MAX = 200_000;
/** More than any limit of deliveries that RabbitMQ or an operator's habit sets. */
const DELIVERIES = 300;

const server = await startRabbitmq();
const [proxyPort = 0] = await findPorts(1);
const serverPort = Number(new URL(server.url).port);
const log = openLog('test', 'silent');
const open = (url = server.url): Promise<Broker> => openBroker(url, { name: 'test', log, clock: systemClock });

/** The position of a message that was in a stream of that name before this one, as after a restore without its data. */
async function openTooOld(topic: string): Promise<string> {
  const broker = await open();
  const positions: string[] = [];
  await broker.follow({
    topics: [topic],
    after: 'now',
    deliver: (some) => void positions.push(some[0]?.position ?? ''),
  });
  await broker.publish([{ topic, key: 'a', value: 'before' }]);
  while (positions.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await broker.close();
  return (positions[0] ?? '').replace(/\..*/, '.00000000');
}

describeBroker('rabbitmq', { open: () => open(), restart: () => server.restart(), openTooOld });

describeFaults('rabbitmq', {
  open,
  url: server.url,
  restart: () => server.restart(),
  behindProxy: { serverPort, proxyPort, url: server.url.replace(String(serverPort), String(proxyPort)) },
});

/** A channel of the test's own. */
async function withRaw<Result>(use: (channel: Channel) => Promise<Result>): Promise<Result> {
  const raw = new Connection(server.url);
  const channel = await raw.acquire();
  try {
    return await use(channel);
  } finally {
    await channel.close();
    await raw.close();
  }
}

const queuesOf = (group: string): string[] => Array.from({ length: 8 }, (_, at) => `crm.group.${group}.${at}`);

function hasQueue(queue: string): Promise<boolean> {
  return withRaw((channel) =>
    channel.queueDeclare({ queue, passive: true }).then(
      () => true,
      () => false,
    ),
  );
}

async function untilGone(queue: string): Promise<void> {
  while (await hasQueue(queue)) await new Promise((resolve) => setTimeout(resolve, 100));
}

describe('rabbitmq', () => {
  let broker: Broker;
  let topic: string;

  beforeEach(async () => {
    broker = await open();
    topic = `outbox.event.T${drawId()}`;
  });
  afterEach(() => broker.close());

  /** Reads as a member that acknowledges everything. */
  async function read(group: string, got: string[]): Promise<Reading> {
    return broker.subscribe({
      ...{ group, topics: [topic], inFlightMax: 10 },
      deliver(messages) {
        for (const message of messages) {
          got.push(message.value);
          message.ack();
        }
      },
    });
  }

  const publish = (...values: readonly string[]): Promise<void> =>
    broker.publish(values.map((value) => ({ topic, key: 'a', value })));

  it(
    'keeps a message that nobody acknowledges, however often it was delivered, and goes on with the next',
    async () => {
      const got: string[] = [];
      const reading = await read('poisoned', got);
      await publish('before');
      await until(() => got.includes('before'));
      await reading.close();
      await publish('poison', 'next');
      const values: string[] = [];
      await withRaw(async (channel) => {
        for (const queue of queuesOf('poisoned')) {
          await channel.basicConsume({ queue }, ({ body, deliveryTag }) => {
            if (!channel.active) return;
            values.push(String(body));
            if (String(body) === 'poison') channel.basicNack({ deliveryTag, requeue: true });
            else channel.basicAck({ deliveryTag });
          });
        }
        await until(() => values.includes('next') && values.filter((value) => value === 'poison').length > DELIVERIES);
      });
      const again = await read('poisoned', got);
      await until(() => got.includes('poison'));
      await again.close();
    },
    START_MS_MAX,
  );

  it(
    'leaves old messages to the next member when one closes as they begin to come',
    async () => {
      const values = Array.from({ length: 30 }, (_, at) => String(at));
      await publish(...values);
      for (const group of ['closing1', 'closing2', 'closing3']) {
        let came = (): void => undefined;
        const begun = new Promise<void>((resolve) => (came = resolve));
        const first = await broker.subscribe({ group, topics: [topic], inFlightMax: 10, deliver: () => came() });
        await begun;
        await first.close();
        const got: string[] = [];
        const second = await read(group, got);
        await until(() => got.length >= values.length);
        expect(got).toEqual(values);
        await second.close();
      }
    },
    START_MS_MAX,
  );

  it(
    'reads on when the queue of old messages is gone without a word, and when the word is there and the queue still is',
    async () => {
      const got: string[] = [];
      await publish('old');
      const first = await read('interrupted', got);
      await until(() => got.includes('old'));
      await untilGone('crm.group.interrupted.old');
      await first.close();
      await withRaw((channel) => channel.exchangeDelete({ exchange: 'crm.group.interrupted.done' }));
      const second = await read('interrupted', got);
      await publish('after');
      await until(() => got.includes('after'));
      await second.close();
      const queue = 'crm.group.interrupted.old';
      await withRaw((channel) =>
        channel.queueDeclare({ queue, durable: true, arguments: { 'x-queue-type': 'quorum' } }),
      );
      const third = await read('interrupted', got);
      await publish('last');
      await until(() => got.includes('last'));
      await untilGone('crm.group.interrupted.old');
      await third.close();
      expect(got).toEqual(['old', 'after', 'last']);
    },
    START_MS_MAX,
  );

  it(
    'reads on after tries at a queue that broke when messages had come already',
    async () => {
      const first = await read('halfway', []);
      await publish('before');
      await untilGone('crm.group.halfway.old');
      await first.close();
      const exchange = 'crm.group.halfway.ready';
      // Reading begins, and breaks at the mark, which is of another type here.
      await withRaw(async (channel) => {
        await channel.exchangeDelete({ exchange });
        await channel.exchangeDeclare({ exchange, type: 'direct', durable: true });
      });
      const values = Array.from({ length: 30 }, (_, at) => String(at));
      await publish(...values);
      let delivered = 0;
      const taken = new Set<string>();
      const second = await broker.subscribe({
        ...{ group: 'halfway', topics: [topic], inFlightMax: 10 },
        deliver(messages) {
          delivered += messages.length;
          setTimeout(() => {
            for (const message of messages) {
              if (message.isOpen()) taken.add(message.value);
              message.ack();
            }
          }, 100);
        },
      });
      await until(() => delivered >= 30);
      await withRaw((channel) => channel.exchangeDelete({ exchange }));
      await until(() => values.every((value) => taken.has(value)));
      await second.close();
    },
    START_MS_MAX,
  );

  it(
    'sets a group up anew that was deleted by hand, with all that is kept',
    async () => {
      const got: string[] = [];
      await publish('one');
      const first = await read('deleted', got);
      await publish('two');
      await until(() => got.length === 2);
      await first.close();
      await withRaw(async (channel) => {
        for (const exchange of ['.ready', '.done', '']) {
          await channel.exchangeDelete({ exchange: `crm.group.deleted${exchange}` });
        }
        for (const queue of [...queuesOf('deleted'), 'crm.group.deleted.old']) await channel.queueDelete({ queue });
      });
      const second = await read('deleted', got);
      await publish('three');
      await until(() => got.length === 5);
      expect(got.slice(2)).toEqual(['one', 'two', 'three']);
      await second.close();
    },
    START_MS_MAX,
  );
});

afterAll(() => server.stop(), START_MS_MAX);
