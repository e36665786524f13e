import type { Clock } from './clock.ts';
import { openIdleWatch, threadCpuMs, watchLoopDelay } from './eventLoop.ts';

const LIMITS = { delayMsMax: 100, recoveredMs: 50, windowMs: 1_000, sampleEveryMs: 20 };

/** A clock whose one timer fires when the test says so, as late as the test says; the thread works all that time or not. */
function openHandClock() {
  let nowMs = 0;
  let workedMs = 0;
  let due: { atMs: number; task: () => void } | undefined;
  const clock: Clock = {
    now: () => new Date(nowMs),
    steadyMs: () => nowMs,
    after(delayMs, task) {
      due = { atMs: nowMs + delayMs, task };
      return () => (due = undefined);
    },
  };
  const fire = (lateMs: number, times = 1, works = true): void => {
    for (let time = 0; time < times; time++) {
      const fired = due;
      due = undefined;
      nowMs = (fired?.atMs ?? nowMs) + lateMs;
      if (works) workedMs += lateMs;
      fired?.task();
    }
  };
  return { clock, fire, cpuMs: () => workedMs, hasTimer: () => due !== undefined };
}

describe("the watch of the loop's delay", () => {
  it('finds a loop too late when a tenth of its samples is later than the limit', () => {
    const { clock, fire, cpuMs } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock, cpuMs);
    fire(0, 30);
    fire(101, 3);
    expect(delay.isTooLate()).toBe(false);
    fire(101, 2);
    expect(delay.isTooLate()).toBe(true);
    expect(delay.p90Ms()).toBe(101);
  });

  it('takes a delay at the limit', () => {
    const { clock, fire, cpuMs } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock, cpuMs);
    fire(100, 20);
    expect(delay.isTooLate()).toBe(false);
    fire(101, 20);
    expect(delay.isTooLate()).toBe(true);
  });

  it('stays too late between the two limits, and recovers below the lower one', () => {
    const { clock, fire, cpuMs } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock, cpuMs);
    fire(200, 10);
    expect(delay.isTooLate()).toBe(true);
    fire(60, 30);
    expect(delay.isTooLate()).toBe(true);
    fire(10, 60);
    expect(delay.isTooLate()).toBe(false);
    fire(60, 30);
    expect(delay.isTooLate()).toBe(false);
  });

  it('forgets what is older than its window', () => {
    const { clock, fire, cpuMs } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock, cpuMs);
    fire(300, 3);
    expect(delay.isTooLate()).toBe(true);
    fire(0, 50);
    expect(delay.p90Ms()).toBe(0);
    expect(delay.isTooLate()).toBe(false);
  });

  it('takes one pause, however long', () => {
    const { clock, fire, cpuMs } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock, cpuMs);
    fire(5_000);
    expect(delay.isTooLate()).toBe(false);
    fire(500, 2);
    expect(delay.isTooLate()).toBe(true);
  });

  it('counts no time in which the thread stood still: it was stopped, or others had the processor', () => {
    const { clock, fire, cpuMs } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock, cpuMs);
    fire(500, 5, false);
    expect(delay.isTooLate()).toBe(false);
    expect(delay.p90Ms()).toBe(0);
    fire(500, 5);
    expect(delay.isTooLate()).toBe(true);
  });

  it('ends with its timer', () => {
    const { clock, fire, cpuMs, hasTimer } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock, cpuMs);
    fire(0, 2);
    delay.stop();
    expect(hasTimer()).toBe(false);
  });
});

describe('the processor time of the thread', () => {
  it('grows with what the thread computes', () => {
    const beforeMs = threadCpuMs();
    while (threadCpuMs() < beforeMs + 5);
    expect(threadCpuMs()).toBeGreaterThanOrEqual(beforeMs + 5);
  });
});

describe('the watch for idle moments', () => {
  /** A clock on which each look comes so long after the one before. */
  const clockOf = (...passedMs: number[]): Clock & { looks: () => number } => {
    let nowMs = 0;
    let looks = 0;
    return {
      now: () => new Date(nowMs),
      steadyMs: () => (nowMs += passedMs[looks++] ?? 0),
      after: () => () => undefined,
      looks: () => looks,
    };
  };

  it('runs its task after the first round of the loop in which nothing was done', async () => {
    const clock = clockOf(1, 3, 0.2, 0.01, 5);
    await new Promise<void>((done) => openIdleWatch(clock)(done));
    expect(clock.looks()).toBe(4);
  });

  it('takes no round for idle that it has not seen whole, and comes to an idle loop by itself', async () => {
    const clock = clockOf();
    await new Promise<void>((done) => openIdleWatch(clock)(done));
    expect(clock.looks()).toBe(2);
  });
});
