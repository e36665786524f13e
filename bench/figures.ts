// What a series of measured times comes to. Pure.

/** The figures of a series, in milliseconds. */
export interface Figures {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** Takes times in milliseconds; gives their figures, by the nearest rank. All are 0 for an empty series. */
export function figuresOf(timesMs: readonly number[]): Figures {
  const sorted = timesMs.toSorted((left, right) => left - right);
  const at = (share: number): number => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

/** Takes figures; gives them as text. */
export function figuresLine({ p50Ms, p99Ms, maxMs }: Figures): string {
  return `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, max ${maxMs.toFixed(1)} ms`;
}
