// From rounds to one line a peer: the median of each figure. Pure.
import type { Measured, PeerRound } from '../measure/measurePeer.ts';

/** What one peer came to. */
export interface PeerSummary {
  readonly name: string;
  readonly title: string;
  readonly bound: boolean;
  /** How many rounds count: a round with a wrong or missing answer does not. */
  readonly rounds: number;
  readonly coldStartMs: number;
  readonly peakMb: number;
  readonly series: Readonly<Record<string, Measured>>;
  /** Why rounds do not count. */
  readonly faults: readonly string[];
}

/** Takes numbers; gives their median, the mean of the middle two where there is no middle one. NaN for none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

function summarizeSeries(measured: readonly Measured[]): Measured {
  const of = (field: keyof Measured): number => medianOf(measured.map((one) => one[field]));
  return {
    count: of('count'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    maxMs: of('maxMs'),
    requestsPerSecond: of('requestsPerSecond'),
    cpuMs: of('cpuMs'),
    coreShare: of('coreShare'),
    peakMb: of('peakMb'),
    calls: of('calls'),
    anonymousShare: of('anonymousShare'),
  };
}

/** Takes a peer's rounds and faults; gives its medians. */
export function summarize(
  { name, title, bound }: Pick<PeerSummary, 'name' | 'title' | 'bound'>,
  rounds: readonly PeerRound[],
  faults: readonly string[],
): PeerSummary {
  const names = Object.keys(rounds[0]?.series ?? {});
  const series = names.map((key) => {
    const measured = rounds.map((round) => round.series[key]).filter((one) => one !== undefined);
    return [key, summarizeSeries(measured)] as const;
  });
  return {
    name,
    title,
    bound,
    rounds: rounds.length,
    coldStartMs: medianOf(rounds.map((round) => round.coldStartMs)),
    peakMb: medianOf(rounds.map((round) => round.peakMb)),
    series: Object.fromEntries(series),
    faults,
  };
}
