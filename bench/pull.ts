// How fast outside rows come in, and that a kill half-way changes nothing of what is there at the end. `npm run
// bench:pull -- --rows 1000000` writes bench/results/<date>-pull-<source>.md and ends with 1 where a goal is missed.
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Command as Program } from 'commander';
import { systemClock } from '../platform/clock.ts';
import { measurePull, type Pulled } from './pull/measurePull.ts';
import { brokenCount, type PullKind } from './pull/pullSource.ts';
import { missedGoals, reportPull } from './pull/reportPull.ts';

const PROGRESS_EVERY_MS = 5_000;

interface Options {
  readonly rows: number;
  readonly source: readonly PullKind[];
  readonly profile?: string;
  readonly write: boolean;
}

const options = new Program('bench:pull')
  .description('Measures how fast rows of outside sources come in, with a kill half-way and 1 % of them broken.')
  .option('--rows <count>', 'rows of the source', Number, 100_000)
  .option('--source <kind...>', 'csv, mariadb', ['csv', 'mariadb'])
  .option('--profile <folder>', 'writes a profile of the processor time of each process there; costs some')
  .option('--no-write', 'prints the figures alone')
  .parse()
  .opts<Options>();

function printingProgress(rows: number): (message: { rowsRead: number; peakMb: number }) => void {
  let nextMs = systemClock.steadyMs() + PROGRESS_EVERY_MS;
  return ({ rowsRead, peakMb }) => {
    const nowMs = systemClock.steadyMs();
    if (nowMs < nextMs) return;
    nextMs = nowMs + PROGRESS_EVERY_MS;
    process.stderr.write(`  ${rowsRead} rows of this run, of ${rows} at all; the puller had ${peakMb} MB at most\n`);
  };
}

async function measure(kind: PullKind): Promise<[Pulled, string]> {
  const before = loadavg()[0] ?? 0;
  const { rows, profile } = options;
  const pulled = await measurePull(kind, rows, { profile, onProgress: printingProgress(rows) });
  return [pulled, `${before.toFixed(1)} and ${(loadavg()[0] ?? 0).toFixed(1)}`];
}

for (const kind of options.source) {
  const { rows } = options;
  const [pulled, loads] = await measure(kind);
  const text = reportPull(pulled, { kind, rows, loads, at: systemClock.now() });
  process.stdout.write(`${text}\n`);
  if (missedGoals(pulled, { rows, broken: brokenCount(rows) }).length > 0) process.exitCode = 1;
  if (!options.write) continue;
  const path = join('bench', 'results', `${systemClock.now().toISOString().slice(0, 10)}-pull-${kind}.md`);
  await mkdir(join('bench', 'results'), { recursive: true });
  await writeFile(path, text);
  process.stdout.write(`written to ${path}\n`);
}
