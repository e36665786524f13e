// What holds of every real broker when it is killed with much in flight, and when its confirmations get lost: the tests of
// Kafka and of RabbitMQ call this with their own server.
import { startFaultProxy } from './faultProxy.ts';
import type { Broker } from '../../sync/brokers/broker.ts';
import {
  collectAsMember,
  countTo,
  firstByKey,
  numbered,
  publishUntilTaken,
  until,
} from '../../sync/brokers/conformance/collect.ts';
import { drawId } from '../../platform/random.ts';

/** How a server is reached and killed. */
export interface FaultyBroker {
  /** Connects to a server of the test's own at that address. */
  readonly open: (url: string) => Promise<Broker>;
  readonly url: string;
  /** Where the server listens, and the port at which clients look for it: a proxy's. */
  readonly behindProxy: { readonly serverPort: number; readonly proxyPort: number; readonly url: string };
  readonly restart: () => Promise<void>;
}

const KEYS = Array.from({ length: 50 }, (_, at) => `key${at}`);
const EACH = 40;
const TEST_MS_MAX = 90_000;
/** Of an answer to many messages: it ends in its middle. */
const CUT_AFTER_BYTES = 40;

/** Describes it. */
export function describeFaults(name: string, { open, url, behindProxy, restart }: FaultyBroker): void {
  describe(`${name}, when it fails`, () => {
    it(
      'loses nothing that it confirmed of 2,000 messages in flight when it is killed, and keeps the order of each key',
      async () => {
        const [publisher, reader] = [await open(url), await open(url)];
        const [topic, group] = [`outbox.event.Kill${drawId().slice(0, 8)}`, drawId()];
        const { got } = await collectAsMember(reader, { topics: [topic], group, inFlightMax: 500 });
        await publishUntilTaken(publisher, [{ topic, key: 'first', value: 'first' }]);
        await until(() => got.length > 0);
        // As relays do: of one key the next only after the yes to the one before; the keys at once.
        const publishing = KEYS.map(async (key) => {
          for (let at = 0; at < EACH; at++) await publishUntilTaken(publisher, [{ topic, key, value: String(at) }]);
        });
        await until(() => got.length > KEYS.length);
        await restart();
        await Promise.all(publishing);
        await until(() => KEYS.every((key) => firstByKey(got).get(key)?.length === EACH));
        for (const key of KEYS) expect(firstByKey(got).get(key)).toEqual(countTo(EACH));
        await Promise.all([publisher.close(), reader.close()]);
      },
      TEST_MS_MAX,
    );

    it(
      'rejects a publish whose confirmation got lost, and sent again it is there at least once, in order',
      async () => {
        const { serverPort, proxyPort } = behindProxy;
        const proxy = await startFaultProxy(`tcp://127.0.0.1:${serverPort}`, { port: proxyPort });
        const publisher = await open(behindProxy.url);
        const topic = `outbox.event.Lost${drawId().slice(0, 8)}`;
        await publishUntilTaken(publisher, numbered(topic, ['a'], 1));
        let rejected = 0;
        for (let at = 1; at <= 5; at++) {
          await proxy.set({ kind: 'cut', afterBytes: CUT_AFTER_BYTES });
          const messages = numbered(topic, ['a'], 20, at * 20 - 19);
          await publisher.publish(messages).catch(() => (rejected += 1));
          await proxy.set({ kind: 'none' });
          await publishUntilTaken(publisher, messages);
        }
        const reader = await open(behindProxy.url);
        const { got } = await collectAsMember(reader, { topics: [topic], group: drawId(), inFlightMax: 50 });
        await until(() => firstByKey(got).get('a')?.length === 101);
        expect(firstByKey(got).get('a')).toEqual(countTo(101));
        expect(rejected).toBeGreaterThan(0);
        await Promise.all([publisher.close(), reader.close()]);
        await proxy.stop();
      },
      TEST_MS_MAX,
    );
  });
}
