// Pulls a source into a subgraph of its own process on an embedded database, kills the run half-way, starts it again,
// and counts what is there at the end. The bench prints the figures, a test holds what must be so.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../platform/clock.ts';
import { inheritedEnvironment } from '../../platform/config.ts';
import { drawSecret } from '../../platform/random.ts';
import { startMariadb } from '../../scripts/startMariadb.ts';
import type { RunReport } from '../../sync/connectors/runSource.ts';
import { startProcess } from '../../test/harness/startProcess.ts';
import { countPulled, type PulledCounts } from './countPulled.ts';
import { readCost, type ProcessCost } from '../processCost.ts';
import { fillSource, type PullKind } from './pullSource.ts';
import type { PullMessage } from './runPull.ts';

const WORKER = fileURLToPath(new URL('./runPull.ts', import.meta.url));
const PREFIX = 'pull';
const SECOND_MS = 1_000;

/** What came of it. */
export interface Pulled extends PulledCounts {
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** The most memory that a process of the run ever had. */
  readonly peakMb: number;
  readonly killedAtRow: number;
  readonly last: RunReport;
  readonly rejects: readonly { readonly place: string; readonly reason: string }[];
  /** What the processes cost, the puller's two runs together. */
  readonly costs: Readonly<Record<'database' | 'subgraph' | 'puller', ProcessCost>>;
}

/** How a run is watched. */
export interface PullOptions {
  /** A folder for profiles of the processor time of each process. */
  readonly profile?: string | undefined;
  /** Is told how many rows a run has through, of how many, and the memory of the puller. */
  onProgress?(message: PullMessage): void;
}

function profiling({ profile }: PullOptions): string[] {
  return profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
}

interface Work {
  readonly env: Record<string, string>;
  readonly words: readonly string[];
  readonly options: PullOptions;
}

/** Runs the worker to its end, or kills it when it is so far. */
async function work({ env, words, options }: Work, killAt: number): Promise<PullMessage> {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const child = fork(WORKER, [...words], { env, stdio: [...stdio], execArgv: profiling(options) });
  let last: PullMessage = { rowsRead: 0, peakMb: 0, cpuMs: 0 };
  child.on('message', (message: PullMessage) => {
    last = message;
    options.onProgress?.(message);
    if (message.rowsRead >= killAt && child.exitCode === null) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return last;
}

async function readRejects(path: string | null): Promise<{ place: string; reason: string }[]> {
  if (path === null) return [];
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as { place: string; reason: string });
}

/** Takes the kind and the number of rows; gives what came of pulling them with a kill half-way. */
export async function measurePull(kind: PullKind, rows: number, options: PullOptions = {}): Promise<Pulled> {
  const folder = await mkdtemp(join(tmpdir(), 'pull-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true })];
  try {
    const own = Object.entries(inheritedEnvironment()).filter(([name]) => !name.startsWith('CRM_'));
    const settings = { CRM_PROOF_SECRET: drawSecret(32), CRM_DATA_PATH: folder, CRM_DATABASE_PREFIX: PREFIX };
    const source = kind === 'mariadb' ? await startMariadb() : undefined;
    if (source !== undefined) ends.push(() => source.stop());
    const watch = profiling(options);
    const mongo = await startProcess([...watch, 'embedded-mongo/main.ts'], { ...settings, CRM_MONGO_PORT: '0' });
    ends.push(() => mongo.stop());
    const env = { ...Object.fromEntries(own), ...settings, MONGODB_URI: mongo.ready };
    const settled = { ...env, CRM_CUSTOMERS_PORT: '0' };
    const subgraph = await startProcess([...watch, 'subgraphs/customers/main.ts'], settled);
    ends.push(() => subgraph.stop());
    const words = [await fillSource(kind, rows, { folder, url: source?.url ?? '' }), 'people', subgraph.ready];
    const startMs = systemClock.steadyMs();
    const killed = await work({ env, words, options }, rows / 2);
    const whole = await work({ env, words, options }, Number.POSITIVE_INFINITY);
    const seconds = (systemClock.steadyMs() - startMs) / SECOND_MS;
    if (whole.report === undefined) throw new Error('the second run did not come to its end');
    const peakMb = Math.max(killed.peakMb, whole.peakMb);
    const costs = {
      database: readCost(mongo.child.pid ?? 0),
      subgraph: readCost(subgraph.child.pid ?? 0),
      puller: { cpuMs: killed.cpuMs + whole.cpuMs, peakMb },
    };
    return {
      seconds,
      rowsPerSecond: Math.round(rows / seconds),
      peakMb,
      killedAtRow: killed.rowsRead,
      last: whole.report,
      ...(await countPulled(mongo.ready, PREFIX)),
      rejects: await readRejects(whole.report.rejectPath),
      costs,
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
