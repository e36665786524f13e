// How the members of a group share partitions: who owns what, when it changes hands, and whose word counts.
import { openHandClock, type HandClock } from '../../../test/harness/handClock.ts';
import { HANDOVER_MS, type Member } from './group.ts';
import { openLogDispatch, type LogDispatch } from './logDispatch.ts';
import type { LogEntry } from './logStore.ts';
import { openMemoryLogStore } from './memoryLogStore.ts';

const KEYS = Array.from({ length: 64 }, (_, at) => `key${at}`);

interface Reader {
  readonly member: Member;
  readonly got: LogEntry[];
}

let clock: HandClock;
let dispatch: LogDispatch;

beforeEach(() => {
  clock = openHandClock();
  dispatch = openLogDispatch(openMemoryLogStore(10_000), clock);
});

function join(topics = ['t'], inFlightMax = 1_000): Reader {
  const got: LogEntry[] = [];
  return { got, member: dispatch.join('g', { topics, inFlightMax, deliver: (entries) => void got.push(...entries) }) };
}

async function publish(value: string, topic = 't'): Promise<void> {
  dispatch.append(KEYS.map((key) => ({ topic, key, value })));
  await settle();
}

/** Lets all that was woken run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function ackAll({ member, got }: Reader): void {
  for (const { seq } of got) member.ack(seq);
}

const keysOf = (entries: readonly LogEntry[]): Set<string> => new Set(entries.map(({ key }) => key));

describe('a group', () => {
  it('hands a partition over only when its owner has acknowledged what it got', async () => {
    const first = join();
    await publish('1');
    const second = join();
    await publish('2');
    expect(second.got).toEqual([]);
    ackAll(first);
    await settle();
    expect(second.got.length).toBeGreaterThan(0);
    expect(new Set(second.got.map(({ value }) => value))).toEqual(new Set(['2']));
    expect(keysOf([...first.got, ...second.got])).toEqual(new Set(KEYS));
  });

  it('takes a partition from an owner that never acknowledges, whose late word then does nothing', async () => {
    const first = join();
    await publish('1');
    const second = join();
    clock.pass(HANDOVER_MS);
    await settle();
    const moved = keysOf(second.got);
    expect(moved.size).toBeGreaterThan(0);
    ackAll(first);
    second.member.leave();
    const seen = first.got.length;
    await settle();
    // The second one had acknowledged nothing, and the first one's word was too late: they come again.
    expect(keysOf(first.got.slice(seen))).toEqual(moved);
  });

  it('moves as few partitions as can be when a third member comes', async () => {
    const [first, second] = [join(), join()];
    await publish('1');
    for (const each of [first, second]) ackAll(each);
    const before = [keysOf(first.got), keysOf(second.got)];
    const third = join();
    await publish('2');
    for (const [at, { got }] of [first, second].entries()) {
      const now = keysOf(got.filter(({ value }) => value === '2'));
      expect([...now].filter((key) => !before[at]?.has(key))).toEqual([]);
    }
    expect(third.got.length).toBeGreaterThan(0);
  });

  it('keeps the messages of a topic that only some members know for those', async () => {
    const old = join(['t']);
    const fresh = join(['t', 'new']);
    await publish('1', 'new');
    expect(old.got).toEqual([]);
    expect(keysOf(fresh.got).size).toBeLessThan(KEYS.length);
    const seen = keysOf(fresh.got);
    old.member.leave();
    await settle();
    expect(keysOf(fresh.got)).toEqual(new Set(KEYS));
    expect(fresh.got).toHaveLength(KEYS.length);
    expect(seen.size).toBeGreaterThan(0);
  });

  it('gives a member that is not ready nothing, until it says that it is', async () => {
    let isReady = false;
    const got: LogEntry[] = [];
    const plan = { topics: ['t'], inFlightMax: 1_000, isReady: () => isReady };
    const member = dispatch.join('g', { ...plan, deliver: (entries) => void got.push(...entries) });
    await publish('1');
    expect(got).toEqual([]);
    isReady = true;
    member.wake();
    await settle();
    expect(got).toHaveLength(KEYS.length);
  });
});
