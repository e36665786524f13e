import type { Clock } from './clock.ts';
import { openBusyShare, watchLoopDelay } from './eventLoop.ts';

const LIMITS = { delayMsMax: 100, recoveredMs: 50, windowMs: 1_000, sampleEveryMs: 20 };

/** A clock whose one timer fires when the test says so, as late as the test says. */
function openHandClock() {
  let nowMs = 0;
  let due: { atMs: number; task: () => void } | undefined;
  const clock: Clock = {
    now: () => new Date(nowMs),
    steadyMs: () => nowMs,
    after(delayMs, task) {
      due = { atMs: nowMs + delayMs, task };
      return () => (due = undefined);
    },
  };
  const fire = (lateMs: number, times = 1): void => {
    for (let time = 0; time < times; time++) {
      const fired = due;
      due = undefined;
      nowMs = (fired?.atMs ?? nowMs) + lateMs;
      fired?.task();
    }
  };
  return { clock, fire, hasTimer: () => due !== undefined };
}

describe("the watch of the loop's delay", () => {
  it('finds a loop too late when a tenth of its samples is later than the limit', () => {
    const { clock, fire } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock);
    fire(0, 30);
    fire(101, 3);
    expect(delay.isTooLate()).toBe(false);
    fire(101, 2);
    expect(delay.isTooLate()).toBe(true);
    expect(delay.p90Ms()).toBe(101);
  });

  it('takes a delay at the limit', () => {
    const { clock, fire } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock);
    fire(100, 20);
    expect(delay.isTooLate()).toBe(false);
    fire(101, 20);
    expect(delay.isTooLate()).toBe(true);
  });

  it('stays too late between the two limits, and recovers below the lower one', () => {
    const { clock, fire } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock);
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
    const { clock, fire } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock);
    fire(5_000);
    expect(delay.isTooLate()).toBe(true);
    fire(0, 50);
    expect(delay.p90Ms()).toBe(0);
    expect(delay.isTooLate()).toBe(false);
  });

  it('ends with its timer', () => {
    const { clock, fire, hasTimer } = openHandClock();
    const delay = watchLoopDelay(LIMITS, clock);
    fire(0, 2);
    delay.stop();
    expect(hasTimer()).toBe(false);
  });
});

describe('the share of the time that the loop works', () => {
  it('is from 0 to 1, and starts anew with each call', () => {
    const share = openBusyShare();
    for (let call = 0; call < 3; call++) {
      const value = share();
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
  });
});
