// A clock that a test moves by hand: no test waits for time, or depends on how much of it passes.
import type { Clock } from '../../platform/clock.ts';

/** A clock that stands still until `pass` moves it; tasks that are due then run at once, the earliest first. */
export interface HandClock extends Clock {
  pass(ms: number): void;
  /** How many tasks are still to come. */
  readonly tasksWaiting: number;
}

/** Opens a clock at 1,000 ms. */
export function openHandClock(): HandClock {
  let nowMs = 1_000;
  const waiting = new Set<{ readonly atMs: number; readonly task: () => void }>();
  return {
    now: () => new Date(nowMs),
    steadyMs: () => nowMs,
    after(delayMs, task) {
      const one = { atMs: nowMs + delayMs, task };
      waiting.add(one);
      return () => waiting.delete(one);
    },
    pass(ms) {
      nowMs += ms;
      for (const one of [...waiting].sort((left, right) => left.atMs - right.atMs)) {
        if (one.atMs <= nowMs && waiting.delete(one)) one.task();
      }
    },
    get tasksWaiting() {
      return waiting.size;
    },
  };
}
