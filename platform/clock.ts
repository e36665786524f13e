// The only file that may read the time. A part takes a Clock, so that a test can move it by hand.

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
  const waiting = new Set<{ readonly atMs: number; readonly task: () => void }>();
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
    for (const one of [...waiting]) {
      if (one.atMs > nowMs || !waiting.delete(one)) continue;
      one.task();
    }
    isTicking = false;
    if (waiting.size > 0) startTick();
  };
  return {
    now: () => clock.now(),
    steadyMs: () => clock.steadyMs(),
    after(delayMs, task) {
      const one = { atMs: clock.steadyMs() + delayMs, task };
      waiting.add(one);
      if (!isTicking) startTick();
      return () => waiting.delete(one);
    },
  };
}
