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
