// The suite's part on followers: everything from now or from a position on, and no faster than they take it.
import { PositionTooOld, type Delivery } from '../broker.ts';
import type { ConformanceTest } from './conformanceTest.ts';
import { collectAlone, countTo, firstByKey, numbered, until } from './collect.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Describes followers. */
export function describeFollowing(test: ConformanceTest, testMsMax: number): void {
  it(
    'shows every follower what is published from now on, and nothing from before',
    async () => {
      const broker = await test.connect();
      const topic = test.drawTopic();
      await broker.publish(numbered(topic, KEYS, 5));
      const [left, right] = [await collectAlone(broker, topic, 'now'), await collectAlone(broker, topic, 'now')];
      await broker.publish(numbered(topic, KEYS, 5, 5));
      await until(() => left.got.length >= 40 && right.got.length >= 40);
      for (const { got } of [left, right]) {
        for (const key of KEYS) expect(firstByKey(got).get(key)).toEqual(['5', '6', '7', '8', '9']);
      }
    },
    testMsMax,
  );

  it(
    'goes on behind any position it gave, without a gap and without a double',
    async () => {
      const broker = await test.connect();
      const topic = test.drawTopic();
      const whole = await collectAlone(broker, topic, 'now');
      await broker.publish(numbered(topic, KEYS, 10));
      await until(() => whole.got.length === 80);
      for (const at of [0, 17, 78]) {
        const after = whole.got[at]?.position ?? '';
        expect(after).toMatch(/^[A-Za-z0-9\-_.:]+$/);
        const rest = await collectAlone(await test.connect(), topic, after);
        await until(() => rest.got.length >= 79 - at);
        const seen = [...whole.got.slice(0, at + 1), ...rest.got];
        expect(seen).toHaveLength(80);
        for (const key of KEYS) expect(firstByKey(seen).get(key)).toEqual(countTo(10));
      }
    },
    testMsMax,
  );

  it(
    'says that a position is too old instead of leaving something out',
    async () => {
      const broker = await test.connect();
      const topic = test.drawTopic();
      await broker.publish(numbered(topic, KEYS, 1));
      const after = await test.openTooOld(topic);
      const following = broker.follow({ topics: [topic], after, deliver: () => undefined });
      await expect(following).rejects.toBeInstanceOf(PositionTooOld);
    },
    testMsMax,
  );

  it(
    'waits with the next messages until a follower has taken the last',
    async () => {
      const broker = await test.connect();
      const topic = test.drawTopic();
      const got: Delivery[] = [];
      let [running, most, batches] = [0, 0, 0];
      let release = (): void => undefined;
      await broker.follow({
        topics: [topic],
        after: 'now',
        async deliver(messages) {
          running += 1;
          most = Math.max(most, running);
          got.push(...messages);
          batches += 1;
          if (batches === 1) await new Promise<void>((resolve) => (release = resolve));
          running -= 1;
        },
      });
      await broker.publish(numbered(topic, KEYS, 1));
      await until(() => batches === 1);
      const free = await collectAlone(broker, topic, 'now');
      for (let at = 1; at < 10; at += 1) await broker.publish(numbered(topic, KEYS, 1, at));
      await until(() => free.got.length === 72);
      expect(batches).toBe(1);
      release();
      await until(() => got.length === 80);
      expect(most).toBe(1);
      for (const key of KEYS) expect(firstByKey(got).get(key)).toEqual(countTo(10));
    },
    testMsMax,
  );
}
