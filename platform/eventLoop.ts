// How busy this process is: whether its event loop has anything to do right now, and how late it comes to what is due by
// its own work. Both say before any queue does whether more work would only make everything slower.
import type { Clock } from './clock.ts';

/** Runs a task once, as soon as the loop finds nothing else to do. */
export type WhenIdle = (task: () => void) => void;

/** Two looks that are nearer than this had nothing between them; the smallest piece of a request takes longer. */
const NOTHING_DONE_MS = 0.05;

/**
 * Opens the watch for idle moments: the loop goes round without stopping while a task waits for one, and a round in
 * which nothing was done is one.
 */
export function openIdleWatch(clock: Clock): WhenIdle {
  return (task) => {
    const lookAfter = (lastMs: number): void => {
      setImmediate(() => {
        const nowMs = clock.steadyMs();
        if (nowMs - lastMs < NOTHING_DONE_MS) task();
        else lookAfter(nowMs);
      });
    };
    lookAfter(Number.NEGATIVE_INFINITY);
  };
}

/** Gives the processor time that this thread has used so far, in milliseconds. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** When the loop counts as too late, and when as in time again. */
export interface LoopDelayLimits {
  /** A 90th percentile above this is too late, if more than one sample is: one pause says nothing of what comes next. */
  readonly delayMsMax: number;
  /** Once it was too late, it has to fall below this: without the gap the answer would change with each sample. */
  readonly recoveredMs: number;
  readonly windowMs: number;
  /** How often the lateness is looked at. */
  readonly sampleEveryMs: number;
}

/** Watches how late the loop is. */
export interface LoopDelay {
  /** Whether it is too late now; costs nothing to ask. */
  isTooLate(): boolean;
  /** The 90th percentile of its own lateness over the window, in milliseconds. */
  p90Ms(): number;
  stop(): void;
}

interface Sample {
  readonly atMs: number;
  readonly lateMs: number;
}

function percentile90(samples: readonly Sample[]): number {
  const sorted = samples.map((sample) => sample.lateMs).sort((left, right) => left - right);
  return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0;
}

/**
 * Starts to watch: one small timer, whose lateness is the loop's. Only as much of it counts as this thread has worked
 * meanwhile: nothing that is refused would help where the process was stopped, or others took the processor.
 */
export function watchLoopDelay(limits: LoopDelayLimits, clock: Clock, cpuMs: () => number): LoopDelay {
  let samples: Sample[] = [];
  let p90Ms = 0;
  let tooLate = false;
  let cancel = (): void => undefined;
  const plan = (): void => {
    const dueMs = clock.steadyMs() + limits.sampleEveryMs;
    const cpuBeforeMs = cpuMs();
    cancel = clock.after(limits.sampleEveryMs, () => {
      const atMs = clock.steadyMs();
      const lateMs = Math.min(Math.max(0, atMs - dueMs), cpuMs() - cpuBeforeMs);
      samples = samples.filter((sample) => sample.atMs > atMs - limits.windowMs);
      samples.push({ atMs, lateMs });
      p90Ms = percentile90(samples);
      const limitMs = tooLate ? limits.recoveredMs : limits.delayMsMax;
      tooLate = p90Ms > limitMs && samples.filter((sample) => sample.lateMs > limitMs).length > 1;
      plan();
    });
  };
  plan();
  return { isTooLate: () => tooLate, p90Ms: () => p90Ms, stop: () => cancel() };
}
