// The broker in memory passes the suite of all brokers; and it is as unruly as it is told to be.
import type { GroupDelivery } from './broker.ts';
import { describeBroker } from './conformance.ts';
import { collectAsMember, countTo, firstByKey, numbered, publishUntilTaken, until } from './conformance/collect.ts';
import { openMemoryBroker } from './memory.ts';

const DOWN_MS = 30;
const shared = openMemoryBroker();

describeBroker('in memory', {
  open: () => Promise.resolve(shared.connect()),
  async restart() {
    const probe = shared.connect();
    shared.restart(DOWN_MS);
    await until(() => probe.isConnected());
  },
  openTooOld: () => Promise.resolve('another-log.0'),
});

describe('an unruly broker in memory', () => {
  const keys = countTo(20).map((number) => `key${number}`);

  it('keeps the order of each key, and every message, however it behaves', async () => {
    const seed = Math.floor(performance.now());
    const broker = openMemoryBroker({
      ...{ seed, confirmationLossShare: 0.1, publishLossShare: 0.1, ackLossShare: 0.002 },
      ...{ duplicateShare: 0.01, isDisordered: true, delayMsMax: 5 },
    });
    const connection = broker.connect();
    const plan = { topics: ['t'], group: 'g', inFlightMax: 50 };
    const { got } = await collectAsMember(connection, plan);
    for (let at = 0; at < 50; at += 1) {
      await publishUntilTaken(connection, numbered('t', keys, 1, at));
      if (at === 25) broker.restart(DOWN_MS);
    }
    await until(() => keys.every((key) => firstByKey(got).get(key)?.length === 50));
    for (const key of keys) expect({ seed, values: firstByKey(got).get(key) }).toEqual({ seed, values: countTo(50) });
    await connection.close();
  });

  it('behaves the same again with the same seed', async () => {
    const run = async (): Promise<string[]> => {
      const connection = openMemoryBroker({ seed: 7, isDisordered: true }).connect();
      const all: GroupDelivery[] = [];
      await connection.publish(numbered('t', keys, 5));
      await collectAsMember(connection, { topics: ['t'], group: 'g', inFlightMax: 200 }, (one) => void all.push(one));
      await until(() => all.length === 100);
      await connection.close();
      return all.map(({ key, value }) => `${key} ${value}`);
    };
    const first = await run();
    expect(await run()).toEqual(first);
    expect(first).not.toEqual(numbered('t', keys, 5).map(({ key, value }) => `${key} ${value}`));
  });
});
