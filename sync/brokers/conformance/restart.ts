// The suite's part on a broker that ends and comes back: what it confirmed is there, and everybody goes on by himself.
import type { ConformanceTest } from './conformanceTest.ts';
import { collectAlone, collectAsMember, countTo, firstByKey, numbered, publishUntilTaken, until } from './collect.ts';

const KEYS = ['a', 'b', 'c', 'd'];

/** Describes what holds when the broker starts anew. */
export function describeRestart(test: ConformanceTest, testMsMax: number): void {
  it(
    'goes on by itself after the broker came back: nothing confirmed is lost, the order of each key is kept',
    async () => {
      const [publisher, reader] = [await test.connect(), await test.connect()];
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      const member = await collectAsMember(reader, { topics: [topic], group, inFlightMax: 10 });
      const follower = await collectAlone(reader, topic, 'now');
      await publishUntilTaken(publisher, numbered(topic, KEYS, 5));
      await until(() => member.got.length >= 20);
      const isBack = test.restart();
      for (let at = 5; at < 20; at += 1) await publishUntilTaken(publisher, numbered(topic, KEYS, 1, at));
      await isBack;
      await publishUntilTaken(publisher, numbered(topic, KEYS, 1, 20));
      for (const { got } of [member, follower]) {
        await until(() => KEYS.every((key) => firstByKey(got).get(key)?.length === 21));
        for (const key of KEYS) expect(firstByKey(got).get(key)).toEqual(countTo(21));
      }
      expect(publisher.isConnected() && reader.isConnected()).toBe(true);
    },
    testMsMax,
  );

  it(
    'delivers again what was not acknowledged when the broker ended, and says so of what it had delivered',
    async () => {
      const broker = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      let isAcking = false;
      const { got } = await collectAsMember(broker, { topics: [topic], group, inFlightMax: 20 }, (delivery) => {
        if (isAcking) delivery.ack();
      });
      await publishUntilTaken(broker, numbered(topic, KEYS, 2));
      await until(() => got.length === 8);
      expect(got.filter((delivery) => !delivery.isOpen())).toEqual([]);
      isAcking = true;
      const seen = got.length;
      await test.restart();
      await until(() => new Set(got.slice(seen).map(({ key, value }) => `${key} ${value}`)).size === 8);
      const again = firstByKey(got.slice(seen));
      for (const key of KEYS) expect(again.get(key)).toEqual(countTo(2));
      expect(got.slice(0, seen).filter((delivery) => delivery.isOpen())).toEqual([]);
    },
    testMsMax,
  );
}
