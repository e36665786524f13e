// The suite's part on publishing: what is confirmed is there, in order, whole, and nothing larger than promised.
import { MESSAGE_BYTES_MAX } from '../broker.ts';
import type { ConformanceTest } from './conformanceTest.ts';
import { collectAsMember, countTo, firstByKey, numbered, until } from './collect.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** Describes publishing. */
export function describePublishing(test: ConformanceTest, testMsMax: number): void {
  it(
    'delivers everything it confirmed, in the order of each key',
    async () => {
      const broker = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      // Not awaited one by one: calls keep their order too.
      const publishes = countTo(100).map((_, at) => broker.publish(numbered(topic, KEYS, 1, at)));
      await Promise.all(publishes);
      const { got } = await collectAsMember(broker, { group, topics: [topic], inFlightMax: 50 });
      await until(() => got.length >= 500);
      for (const key of KEYS) expect(firstByKey(got).get(key)).toEqual(countTo(100));
    },
    testMsMax,
  );

  it(
    'takes a batch of thousands of messages whole',
    async () => {
      const broker = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      await broker.publish(numbered(topic, KEYS, 1_000));
      const { got } = await collectAsMember(broker, { group, topics: [topic], inFlightMax: 1_000 });
      await until(() => got.length >= 5_000);
      for (const key of KEYS) expect(firstByKey(got).get(key)).toEqual(countTo(1_000));
    },
    testMsMax,
  );

  it(
    'keeps a message published again after its confirmation was lost',
    async () => {
      const broker = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      const message = { topic, key: 'a', value: 'once more' };
      await broker.publish([message]);
      await broker.publish([message]);
      const { got } = await collectAsMember(broker, { group, topics: [topic], inFlightMax: 10 });
      await until(() => got.length >= 2);
      expect(firstByKey(got).get('a')).toEqual(['once more']);
    },
    testMsMax,
  );

  it(
    'gives back every character as it came, in keys and values',
    async () => {
      const broker = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      const value = JSON.stringify({ text: 'Zoë 😀 \u0000 \u2028 "\\ \n 漢字', empty: '' });
      await broker.publish([{ topic, key: 'cus_ñ 漢/😀', value }]);
      const { got } = await collectAsMember(broker, { group, topics: [topic], inFlightMax: 10 });
      await until(() => got.length > 0);
      expect(got[0]).toMatchObject({ topic, key: 'cus_ñ 漢/😀', value });
    },
    testMsMax,
  );

  it(
    'takes the largest message, and refuses one that is a byte larger and what came with it',
    async () => {
      const broker = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      const largest = { topic, key: 'a', value: 'ä'.repeat(MESSAGE_BYTES_MAX / 2) };
      const tooLarge = { topic, key: 'b', value: `${largest.value}x` };
      await expect(broker.publish([{ topic, key: 'c', value: 'with it' }, tooLarge])).rejects.toThrow(/at most/);
      await broker.publish([largest]);
      const { got } = await collectAsMember(broker, { group, topics: [topic], inFlightMax: 10 });
      await until(() => got.length > 0);
      expect(got.map(({ key }) => key)).toEqual(['a']);
      expect(got[0]?.value === largest.value).toBe(true);
    },
    testMsMax,
  );

  it(
    'refuses to publish once it is closed, and leaves no socket open',
    async () => {
      const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
      const before = sockets();
      const broker = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      await collectAsMember(broker, { group, topics: [topic], inFlightMax: 10 });
      await broker.follow({ topics: [topic], after: 'now', deliver: () => undefined });
      await broker.publish(numbered(topic, KEYS, 10));
      expect(broker.isConnected()).toBe(true);
      await broker.close();
      expect(broker.isConnected()).toBe(false);
      await expect(broker.publish(numbered(topic, KEYS, 1))).rejects.toThrow();
      await until(() => sockets() <= before);
    },
    testMsMax,
  );
}
