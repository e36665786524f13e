// How schedules, runs and progress look on a terminal.
import type { DriftReport } from '../../sync/commands/driftNow.ts';
import type { RunDocument, RunProgress } from '../../sync/commands/runSourceNow.ts';
import type { ShownSchedule, SourceCheck } from '../../sync/commands/schedules.ts';
import { alignColumns } from '../alignColumns.ts';

const SECOND_MS = 1_000;
const MINUTE_S = 60;
const NONE = '–';

function count(number: number): string {
  return number.toLocaleString('en');
}

function minute(moment: Date | string | null): string {
  const text = moment instanceof Date ? moment.toISOString() : moment;
  return text === null ? NONE : text.slice(0, 19).replace('T', ' ');
}

/** Takes milliseconds; gives them as people say them: `4.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function printDuration(ms: number): string {
  const seconds = ms / SECOND_MS;
  if (seconds < MINUTE_S) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / MINUTE_S);
  if (minutes < MINUTE_S) return `${minutes} min ${Math.floor(seconds % MINUTE_S)} s`;
  return `${Math.floor(minutes / MINUTE_S)} h ${minutes % MINUTE_S} min`;
}

/** How much of a file is read, where the cursor says so. */
function partOf({ cursor }: RunProgress): { done: number; whole: number } | undefined {
  const [done, whole] = [cursor?.['offset'], cursor?.['size']];
  return typeof done === 'number' && typeof whole === 'number' && whole > 0 ? { done, whole } : undefined;
}

/** Takes a run's progress; gives a line: rows, rate, rejected, and how much time is left where that is known. */
export function printProgress(progress: RunProgress): string {
  const { rowsRead, rowsPerSecond, rejected, bytesRead, durationMs } = progress;
  const words = [`${count(rowsRead)} rows`, `${count(rowsPerSecond)}/s`, `${count(rejected)} rejected`];
  const part = partOf(progress);
  if (part === undefined || bytesRead === 0) return words.join(', ');
  const leftMs = ((part.whole - part.done) * durationMs) / bytesRead;
  const percent = Math.floor((100 * part.done) / part.whole);
  return [...words, `${percent} %`, `about ${printDuration(Math.max(0, leftMs))} left`].join(', ');
}

/** Takes a run at its end; gives what is to be known of it, and how to go on. */
export function printEnd({ schedule, outcome, counts, durationMs, rejectFile, errorMessage }: RunDocument): string {
  const { read, written, unchanged, rejected } = counts;
  const rows = `${count(read)} rows in ${printDuration(durationMs)}: ${count(written)} written, ${count(unchanged)} unchanged, ${count(rejected)} rejected`;
  const lines = [`${schedule}: ${outcome}, ${rows}`];
  if (rejectFile !== null) lines.push(`  rejected rows, each with its reason: ${rejectFile}`);
  if (errorMessage !== null) lines.push(`  ${errorMessage}`);
  if (outcome !== 'done') lines.push(`  what is written stays; to go on from there: crm-graph sync run ${schedule}`);
  return `${lines.join('\n')}\n`;
}

/** Takes schedules; gives a table. Times are UTC. */
export function printSchedules(shown: readonly ShownSchedule[]): string {
  if (shown.length === 0) return 'There are no sources: docs/connectors.md tells how to make one.\n';
  const rows = shown.map(({ name, cron, timeZone, misfire, isPaused, nextAt, lastAt, lastOutcome, lastRead }) => [
    name,
    cron === null ? 'by hand' : `${cron} ${timeZone ?? ''}`,
    misfire ?? NONE,
    isPaused ? 'paused' : minute(nextAt),
    minute(lastAt),
    lastOutcome ?? NONE,
    lastRead === null ? NONE : count(lastRead),
  ]);
  return alignColumns([['source', 'schedule', 'misfire', 'next (UTC)', 'last (UTC)', 'ended', 'rows'], ...rows]);
}

/** Takes runs; gives a table, the newest first. */
export function printHistory(runs: readonly RunDocument[]): string {
  if (runs.length === 0) return 'Nothing was run yet.\n';
  const rows = runs.map(({ schedule, dueAt, startedAt, outcome, durationMs, counts, resumed, ...run }) => [
    schedule,
    dueAt === null ? 'by hand' : minute(dueAt),
    minute(startedAt),
    resumed === 0 ? outcome : `${outcome}, resumed ${resumed}×`,
    printDuration(durationMs),
    count(counts.read),
    count(counts.written),
    count(counts.rejected),
    run.errorCode === null ? (run.rejectFile ?? '') : `${run.errorCode}: ${run.errorMessage ?? ''}`,
  ]);
  return alignColumns([
    ['source', 'due (UTC)', 'started', 'ended', 'took', 'read', 'written', 'rejected', ''],
    ...rows,
  ]);
}

/** Takes a comparison's report; gives a table and examples: keys and names of fields, never values. */
export function printDrift({ pairs, differences, toldAgain, left }: DriftReport): string {
  const rows = pairs.map((pair) => [
    pair.pair,
    `${pair.owner} → ${pair.follower}`,
    count(pair.compared),
    `${count(pair.differences)}${pair.isCut ? ' or more' : ''}`,
    count(pair.moving),
  ]);
  const table = alignColumns([['copies', 'from → in', 'compared', 'differ', 'still moving'], ...rows]);
  const examples = pairs.flatMap(({ pair, examples: shown }) =>
    shown.map(({ key, kind, fields }) => `  ${pair} ${key}: ${kind === 'missing' ? 'missing' : fields.join(', ')}\n`),
  );
  const repaired = toldAgain === null ? '' : `${count(toldAgain)} told again, ${count(left)} copies still differ\n`;
  const hint = differences > 0 && toldAgain === null ? 'to make them right: crm-graph sync drift --repair\n' : '';
  return [table, ...examples, repaired, hint].join('');
}

/** Takes what the check of sources came to; gives a line each. */
export function printChecks(checks: readonly SourceCheck[]): string {
  return checks
    .map(({ name, fault }) => `${fault === null ? '✓' : '✗'} ${name}${fault === null ? '' : `: ${fault}`}\n`)
    .join('');
}
