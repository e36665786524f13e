// The suite's part on groups: sharing, acknowledging in any order, coming again, and not more at once than asked for.
import type { GroupDelivery } from '../broker.ts';
import type { ConformanceTest } from './conformanceTest.ts';
import { collectAlone, collectAsMember, countTo, firstByKey, numbered, until } from './collect.ts';

const MANY_KEYS = Array.from({ length: 64 }, (_, at) => `key${at}`);

function describeAcks(test: ConformanceTest, testMsMax: number): void {
  it(
    'delivers again to the next member what the last one closed without acknowledging',
    async () => {
      const first = await test.connect();
      const plan = { topics: [test.drawTopic()], group: test.drawGroup(), inFlightMax: 100 };
      await first.publish(numbered(plan.topics[0] ?? '', ['a', 'b'], 10));
      const lost = await collectAsMember(first, plan, () => undefined);
      await until(() => lost.got.length === 20);
      await lost.reading.close();
      const next = await collectAsMember(await test.connect(), plan);
      await until(() => next.got.length >= 20);
      expect(firstByKey(next.got).get('a')).toEqual(countTo(10));
      expect(firstByKey(next.got).get('b')).toEqual(countTo(10));
    },
    testMsMax,
  );

  it(
    'takes acknowledgements in any order, and delivers none of those again',
    async () => {
      const first = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      const plan = { topics: [topic], group, inFlightMax: 100 };
      await first.publish(numbered(topic, ['a', 'b'], 10));
      const waiting: GroupDelivery[] = [];
      const member = await collectAsMember(first, plan, (delivery) => void waiting.push(delivery));
      await until(() => member.got.length === 20);
      for (const delivery of waiting.reverse()) delivery.ack();
      await first.close();
      const second = await test.connect();
      const next = await collectAsMember(second, plan);
      await second.publish(numbered(topic, ['a', 'b'], 1, 10));
      await until(() => next.got.length >= 2);
      expect(next.got.map(({ value }) => value)).toEqual(['10', '10']);
    },
    testMsMax,
  );

  it(
    'delivers again what was not acknowledged, although what came after it was',
    async () => {
      const first = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      const plan = { topics: [topic], group, inFlightMax: 100 };
      await first.publish(numbered(topic, ['a'], 10));
      const member = await collectAsMember(first, plan, (delivery) => {
        if (delivery.value !== '4') delivery.ack();
      });
      await until(() => member.got.length === 10);
      await first.close();
      const next = await collectAsMember(await test.connect(), plan);
      await until(() => next.got.some(({ value }) => value === '4'));
      expect(next.got.map(({ value }) => value)).not.toContain('3');
    },
    testMsMax,
  );

  it(
    'goes on with other keys while one message of a key waits for its acknowledgement',
    async () => {
      const broker = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      const waiting: GroupDelivery[] = [];
      const { got } = await collectAsMember(broker, { topics: [topic], group, inFlightMax: 4 }, (delivery) => {
        if (delivery.key === 'stuck') waiting.push(delivery);
        else delivery.ack();
      });
      await broker.publish([{ topic, key: 'stuck', value: '0' }, ...numbered(topic, MANY_KEYS, 10)]);
      await until(() => got.length >= 1 + MANY_KEYS.length * 10);
      expect(waiting).toHaveLength(1);
      for (const key of MANY_KEYS) expect(firstByKey(got).get(key)).toEqual(countTo(10));
    },
    testMsMax,
  );
}

function describeSharing(test: ConformanceTest, testMsMax: number): void {
  it(
    'gives each group everything, also one that begins later',
    async () => {
      const broker = await test.connect();
      const topic = test.drawTopic();
      const early = await collectAsMember(broker, { topics: [topic], group: test.drawGroup(), inFlightMax: 10 });
      await broker.publish(numbered(topic, ['a'], 20));
      await until(() => early.got.length >= 20);
      const late = await collectAsMember(broker, { topics: [topic], group: test.drawGroup(), inFlightMax: 10 });
      await until(() => late.got.length >= 20);
      expect(firstByKey(late.got)).toEqual(firstByKey(early.got));
    },
    testMsMax,
  );

  it(
    'gives a group that begins later what is its own of thousands of messages',
    async () => {
      const broker = await test.connect();
      const topics = Array.from({ length: 3 }, () => test.drawTopic());
      const [own = ''] = topics;
      const all = Array.from({ length: 700 }, (_, at) => String(at)).flatMap((value) =>
        topics.map((topic) => ({ topic, key: 'a', value })),
      );
      await broker.publish(all);
      const late = await collectAsMember(broker, { topics: [own], group: test.drawGroup(), inFlightMax: 10 });
      await until(() => late.got.length >= 700);
      expect(firstByKey(late.got).get('a')).toEqual(countTo(700));
    },
    testMsMax,
  );

  it(
    'shares the keys between two members, and hands those of one that leaves to the other in their order',
    async () => {
      const [left, right] = [await test.connect(), await test.connect()];
      const topic = test.drawTopic();
      const plan = { topics: [topic], group: test.drawGroup(), inFlightMax: 20 };
      const all: GroupDelivery[] = [];
      const keep = (delivery: GroupDelivery): void => {
        all.push(delivery);
        delivery.ack();
      };
      const first = await collectAsMember(left, plan, keep);
      const second = await collectAsMember(right, plan, keep);
      let rounds = 0;
      while (first.got.length === 0 || second.got.length === 0) {
        await left.publish(numbered(topic, MANY_KEYS, 1, rounds));
        rounds += 1;
        await until(() => firstByKey(all).get('key0')?.length === rounds);
      }
      await first.reading.close();
      await right.publish(numbered(topic, MANY_KEYS, 20, rounds));
      await until(() => MANY_KEYS.every((key) => firstByKey(all).get(key)?.length === rounds + 20));
      for (const key of MANY_KEYS) expect(firstByKey(all).get(key)).toEqual(countTo(rounds + 20));
    },
    testMsMax,
  );

  it(
    'never has more in flight than the member asked for',
    async () => {
      const broker = await test.connect();
      const [topic, group] = [test.drawTopic(), test.drawGroup()];
      let most = 0;
      const inFlight: GroupDelivery[] = [];
      const { got } = await collectAsMember(broker, { topics: [topic], group, inFlightMax: 5 }, (delivery) => {
        inFlight.push(delivery);
        most = Math.max(most, inFlight.length);
      });
      await broker.publish(numbered(topic, MANY_KEYS, 2));
      await until(() => inFlight.length > 0);
      // A barrier: whoever else reads has it all by then.
      const other = await collectAsMember(broker, { topics: [topic], group: test.drawGroup(), inFlightMax: 200 });
      await until(() => other.got.length >= MANY_KEYS.length * 2);
      while (new Set(got.map(({ key, value }) => `${key} ${value}`)).size < MANY_KEYS.length * 2) {
        await until(() => inFlight.length > 0);
        inFlight.shift()?.ack();
      }
      expect(most).toBeLessThanOrEqual(5);
    },
    testMsMax,
  );

  it(
    'delivers nothing to a member that has closed',
    async () => {
      const broker = await test.connect();
      const topic = test.drawTopic();
      const member = await collectAsMember(broker, { topics: [topic], group: test.drawGroup(), inFlightMax: 10 });
      await broker.publish(numbered(topic, ['a'], 3));
      await until(() => member.got.length === 3);
      await member.reading.close();
      const follower = await collectAlone(broker, topic, 'now');
      await broker.publish(numbered(topic, ['a'], 3, 3));
      await until(() => follower.got.length === 3);
      expect(member.got).toHaveLength(3);
    },
    testMsMax,
  );
}

/** Describes groups. */
export function describeGroups(test: ConformanceTest, testMsMax: number): void {
  describeAcks(test, testMsMax);
  describeSharing(test, testMsMax);
}
