// The local broker as a process that is killed: what it confirmed is there when it comes back, whatever it was doing.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../platform/clock.ts';
import { openLog } from '../../../platform/log.ts';
import type { Broker } from '../../../sync/brokers/broker.ts';
import { describeBroker } from '../../../sync/brokers/conformance.ts';
import { collectAsMember, publishUntilTaken, until } from '../../../sync/brokers/conformance/collect.ts';
import { openBroker } from '../../../sync/brokers/openBroker.ts';
import { startTestBroker, type TestBroker } from '../../harness/testBroker.ts';

const KILLS = 5;
let folder: string;
let process_: TestBroker;

const open = (): Promise<Broker> =>
  openBroker(process_.url, { name: 'test', log: openLog('test', 'silent'), clock: systemClock });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-broker-'));
  process_ = await startTestBroker(folder);
});

afterAll(async () => {
  await process_.stop();
  await rm(folder, { recursive: true });
});

describeBroker('local, killed', {
  open,
  restart: () => process_.killAndRevive(),
  openTooOld: () => Promise.resolve('another-log.0'),
});

describe('the process of the local broker', () => {
  it('loses nothing that it confirmed, killed again and again while it is published to', async () => {
    const [publisher, reader] = [await open(), await open()];
    const topic = 'outbox.event.Killed';
    const confirmed: string[] = [];
    const { got } = await collectAsMember(reader, { group: 'killed', topics: [topic], inFlightMax: 100 });
    let isOver = false;
    const publishing = (async () => {
      for (let at = 0; !isOver; at += 1) {
        const value = String(at);
        await publishUntilTaken(publisher, [{ topic, key: `key${at % 32}`, value }]);
        confirmed.push(value);
      }
    })();
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const seen = confirmed.length;
      await until(() => confirmed.length > seen + 50);
      await process_.killAndRevive();
    }
    isOver = true;
    await publishing;
    const seen = (): Set<string> => new Set(got.map(({ value }) => value));
    await until(() => seen().size >= confirmed.length);
    expect(confirmed.filter((value) => !seen().has(value))).toEqual([]);
    await publisher.close();
    await reader.close();
  });

  it('keeps its log where its owner alone can read it, and its secret out of what it writes', async () => {
    expect(((await stat(join(folder, 'broker', 'log.sqlite'))).mode & 0o777).toString(8)).toBe('600');
    expect(process_.process.output()).not.toContain(new URL(process_.url).password);
  });
});
