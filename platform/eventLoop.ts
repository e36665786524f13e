// How busy this process is: how late its event loop comes to what is due, and which share of the time it works. Both
// say before any queue does that more work would only make everything slower.
import type { Clock } from './clock.ts';

/** Gives the share of the time since its last call in which the loop worked: from 0 to 1. */
export type BusyShare = () => number;

/** Opens a measure of the loop's work; each user has its own, as it counts from call to call. */
export function openBusyShare(): BusyShare {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

/** When the loop counts as too late, and when as in time again. */
export interface LoopDelayLimits {
  /** A 90th percentile above this is too late. */
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
  /** The 90th percentile over the window, in milliseconds. */
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

/** Starts to watch: one small timer, whose lateness is the loop's. */
export function watchLoopDelay(limits: LoopDelayLimits, clock: Clock): LoopDelay {
  let samples: Sample[] = [];
  let p90Ms = 0;
  let tooLate = false;
  let cancel = (): void => undefined;
  const plan = (): void => {
    const dueMs = clock.steadyMs() + limits.sampleEveryMs;
    cancel = clock.after(limits.sampleEveryMs, () => {
      const atMs = clock.steadyMs();
      const lateMs = Math.max(0, atMs - dueMs);
      samples = samples.filter((sample) => sample.atMs > atMs - limits.windowMs);
      samples.push({ atMs, lateMs });
      p90Ms = percentile90(samples);
      tooLate = p90Ms > (tooLate ? limits.recoveredMs : limits.delayMsMax);
      plan();
    });
  };
  plan();
  return { isTooLate: () => tooLate, p90Ms: () => p90Ms, stop: () => cancel() };
}
