// What a check takes, cold and offline: the command as a pipeline runs it, on our own graph and on one of 30 subgraphs
// with 3,000 types. `npm run bench:registry` writes bench/results/<date>-registry.md and ends with 1 where a goal is missed.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../platform/clock.ts';
import { changeBigGraph, writeBigGraph } from './registry/bigGraph.ts';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = 5;
const OWN = ['customers', 'orders', 'marketing'].map((name) => `subgraphs/${name}/schema.graphql`);
const BIG = { subgraphs: 30, types: 3_000 };

interface Measured {
  readonly name: string;
  readonly goalMs: number;
  readonly times: number[];
  readonly peakMb: number[];
  readonly said: string;
}

/** A folder with two states of a graph. */
interface Prepared {
  readonly name: string;
  readonly goalMs: number;
  readonly folder: string;
}

async function writeGraph(folder: string, schemas: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines = ['federation_version: =2.9.0', 'subgraphs:'];
  for (const [name, schema] of schemas) {
    await writeFile(join(folder, `${name}.graphql`), schema);
    lines.push(
      `  ${name}:`,
      `    routing_url: http://127.0.0.1:4001/${name}`,
      `    schema: { file: ./${name}.graphql }`,
    );
  }
  await writeFile(join(folder, 'supergraph.yaml'), `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'contracts.yaml'), 'partner: { exclude: [pii] }\n');
}

async function prepareOwn(folder: string): Promise<Prepared> {
  for (const state of ['before', 'after']) {
    for (const file of ['supergraph.yaml', 'contracts.yaml', ...OWN]) {
      await mkdir(dirname(join(folder, state, file)), { recursive: true });
      await cp(join(TOP, file), join(folder, state, file));
    }
  }
  const path = join(folder, 'after', OWN[0] ?? '');
  const text = await readFile(path, 'utf8');
  const changed = text.replace(/^ {2}company: Company.*$/m, '');
  if (changed === text) throw new Error('the schema of customers has no field to take out any more');
  await writeFile(path, changed);
  return { name: 'our own graph: 3 subgraphs, 1 contract', goalMs: 3_000, folder };
}

async function prepareBig(folder: string): Promise<Prepared> {
  const schemas = writeBigGraph(BIG);
  await writeGraph(join(folder, 'before'), schemas);
  await writeGraph(join(folder, 'after'), changeBigGraph(schemas));
  return {
    name: `a generated graph: ${BIG.subgraphs} subgraphs, ${BIG.types} types, 1 contract`,
    goalMs: 10_000,
    folder,
  };
}

/** Its last moment's memory, which nobody can read from outside. */
const TELL_PEAK = `import { readPeakMb } from '${new URL('./processCost.ts', import.meta.url).href}';
process.on('exit', () => console.error('peak ' + readPeakMb(process.pid)));`;

/** Runs the command as a pipeline does; gives its time, its peak of memory and its first line. */
function check({ folder }: Prepared): { ms: number; peakMb: number; said: string } {
  const words = ['registry/main.ts', 'check', '--config', join(folder, 'after/supergraph.yaml')];
  const startMs = systemClock.steadyMs();
  const peak = `data:text/javascript,${encodeURIComponent(TELL_PEAK)}`;
  const ran = spawnSync(process.execPath, ['--import', peak, ...words, '--base-dir', join(folder, 'before')], {
    cwd: TOP,
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  });
  const ms = systemClock.steadyMs() - startMs;
  // A check that finds nothing has not looked: each graph has a breaking change.
  if (ran.status !== 1) throw new Error(`the check ended with ${String(ran.status)}:\n${ran.stdout}\n${ran.stderr}`);
  const peakMb = Number(/^peak ([\d.]+)/m.exec(ran.stderr)?.[1] ?? 0);
  return { ms, peakMb, said: ran.stdout.split('\n')[0] ?? '' };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function rowOf({ name, goalMs, times, peakMb, said }: Measured): string {
  const cells = [
    name,
    median(times).toFixed(0),
    Math.max(...times).toFixed(0),
    String(goalMs),
    median(peakMb).toFixed(0),
  ];
  return `| ${cells.join(' | ')} | ${said.replace(/ \(\d+ ms\)/, '')} |`;
}

const folder = await mkdtemp(join(tmpdir(), 'bench-registry-'));
try {
  const graphs = [await prepareOwn(join(folder, 'own')), await prepareBig(join(folder, 'big'))];
  const measured: Measured[] = graphs.map(({ name, goalMs }) => ({ name, goalMs, times: [], peakMb: [], said: '' }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, graph] of graphs.entries()) {
      const { ms, peakMb, said } = check(graph);
      const known = measured[at] as Measured;
      known.times.push(ms);
      known.peakMb.push(peakMb);
      measured[at] = { ...known, said };
      console.log(`round ${round + 1} of ${ROUNDS}: ${graph.name}: ${ms.toFixed(0)} ms`);
    }
  }
  const date = systemClock.now().toISOString().slice(0, 10);
  const page = [
    `# A schema check, cold and offline, ${date}`,
    '',
    `${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}, node ${process.version}; \`npm run bench:registry\`: ${ROUNDS} rounds in turn,`,
    'each a process of its own from its start to its end.',
    '',
    '| graph | median, ms | slowest, ms | goal, ms | peak memory, MB | what it said |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...measured.map(rowOf),
    '',
  ].join('\n');
  await writeFile(join(TOP, `bench/results/${date}-registry.md`), page);
  console.log(`\n${page}`);
  if (measured.some(({ times, goalMs }) => median(times) > goalMs)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}
