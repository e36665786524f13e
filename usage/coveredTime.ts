// Which time the counts cover: a minute is covered when a gateway process lived in it and wrote down what it was asked.
// A time without any is a gap, and so is one of which a process says that it lost counts. Pure.
import type { UsageGap } from '../contracts/usageExport.ts';
import { BUCKET_MS, type ProcessDocument } from './usageDocuments.ts';

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Takes spans; gives them in order, those that touch or overlap made one. */
function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((left, right) => left.fromMs - right.fromMs)) {
    const last = joined.at(-1);
    if (last === undefined || span.fromMs > last.toMs) joined.push(span);
    else joined[joined.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
  }
  return joined;
}

/** How late the next beat of a process that lives can be, and so how much a killed one loses at most. */
const BEAT_MS_MAX = 5_000;

/** The whole minutes in which a process lived. */
function minutesOf({ startedAt, beatAt }: ProcessDocument): Span {
  const fromMs = Math.floor(startedAt.getTime() / BUCKET_MS) * BUCKET_MS;
  return { fromMs, toMs: Math.floor((beatAt.getTime() + BEAT_MS_MAX) / BUCKET_MS) * BUCKET_MS + BUCKET_MS };
}

function uncovered(covered: readonly Span[], { fromMs, toMs }: Span): Span[] {
  const gaps: Span[] = [];
  let atMs = fromMs;
  for (const span of covered) {
    if (span.fromMs > atMs) gaps.push({ fromMs: atMs, toMs: Math.min(span.fromMs, toMs) });
    atMs = Math.max(atMs, span.toMs);
    if (atMs >= toMs) return gaps;
  }
  return [...gaps, { fromMs: atMs, toMs }];
}

/** Takes the processes of a time and its two ends; gives what of it is not covered, in order and apart from each other. */
export function gapsOf(processes: readonly ProcessDocument[], from: Date, to: Date): UsageGap[] {
  const period = { fromMs: from.getTime(), toMs: to.getTime() };
  if (period.fromMs >= period.toMs) return [];
  const covered = joinSpans(processes.map(minutesOf)).filter(({ toMs }) => toMs > period.fromMs);
  const lost = processes.flatMap((process) =>
    process.lost.map((time) => ({ fromMs: time.from.getTime(), toMs: time.to.getTime() })),
  );
  const inPeriod = lost
    .map(({ fromMs, toMs }) => ({ fromMs: Math.max(fromMs, period.fromMs), toMs: Math.min(toMs, period.toMs) }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
  return joinSpans([...uncovered(covered, period), ...inPeriod])
    .filter(({ fromMs, toMs }) => fromMs < toMs)
    .map(({ fromMs, toMs }) => ({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }));
}
