// The only file that may read the time. A part takes a Clock, so that a test can move it by hand.
import { Fifo } from './fifo.ts';

/** Wall-clock time for records, steady time for durations and timers. */
export interface Clock {
  /** The time of day. */
  now(): Date;
  /** Milliseconds since some fixed moment; never steps back. */
  steadyMs(): number;
  /** Runs `task` once after `delayMs`; gives what cancels it. Never keeps the process alive. */
  after(delayMs: number, task: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  steadyMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * A clock whose tasks run up to `tickMs` late, and cost next to nothing: deadlines are set for every request and every
 * fetch, and hardly one of them is ever reached. When the process itself stood still, what came meanwhile is read before
 * a deadline counts: timers run before sockets in a turn of the event loop, so an answer that is there would be too late.
 */
export function openCoarseClock(clock: Clock, tickMs: number): Clock {
  /** A task that has run or was cancelled is undefined: nothing of its request is kept. */
  const waiting = new Fifo<{ readonly atMs: number; task: (() => void) | undefined }>();
  let isTicking = false;
  const startTick = (): void => {
    const dueMs = clock.steadyMs() + tickMs;
    isTicking = true;
    clock.after(tickMs, () => {
      const stoodStill = clock.steadyMs() - dueMs > tickMs;
      if (stoodStill) setImmediate(tick);
      else tick();
    });
  };
  const tick = (): void => {
    const nowMs = clock.steadyMs();
    for (const place of waiting.places()) {
      const { atMs, task } = place.value;
      // A task that ran before may have cancelled this one.
      if (atMs > nowMs || task === undefined) continue;
      place.value.task = undefined;
      waiting.remove(place);
      task();
    }
    isTicking = false;
    if (waiting.size > 0) startTick();
  };
  return {
    now: () => clock.now(),
    steadyMs: () => clock.steadyMs(),
    after(delayMs, task) {
      const place = waiting.push({ atMs: clock.steadyMs() + delayMs, task });
      if (!isTicking) startTick();
      return () => {
        if (place.value.task === undefined) return;
        place.value.task = undefined;
        waiting.remove(place);
      };
    },
  };
}
