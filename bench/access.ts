// What access costs: identify + admit + authorize of one request on a warm cache, and what 50 contracts add to memory and
// to requests. `npm run bench:access` writes bench/results/<date>-access.md and ends with 1 where a goal is missed.
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openContracts } from '../gateway/authorize/contractView.ts';
import { openPlannerClient } from '../gateway/plan/plannerClient.ts';
import { systemClock } from '../platform/clock.ts';
import { composeSupergraph } from '../registry/compose.ts';
import { NO_LOG, type TestKey } from '../test/harness/identifyParts.ts';
import { BenchSteps, drawBenchKey, openBenchGraph, type StepTimes } from './accessParts.ts';
import { CONTRACTS, drawViews } from './contracts.ts';

const REQUESTS = 20_000;
const WARM_UP = 5_000;
const ROUNDS = 5;
const GOALS = { requestP50Ms: 0.15, heapMb: 25, addedP95Ms: 0.5 };
const TOP = new URL('..', import.meta.url);

const read = (path: string): Promise<string> => readFile(new URL(path, TOP), 'utf8');
const query = await read('examples/queries/customer360.graphql');
const variables = JSON.parse(await read('examples/queries/customer360.variables.json')) as Record<string, unknown>;

/** The value below which a share of a series lies. */
function at(series: readonly number[], share: number): number {
  return series.toSorted((left, right) => left - right)[Math.max(Math.ceil(share * series.length) - 1, 0)] ?? 0;
}

function heapMb(): number {
  for (let times = 0; times < 4; times++) globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_048_576;
}

const totalOf = ({ identifyMs, admitMs, authorizeMs }: StepTimes): number => identifyMs + admitMs + authorizeMs;

/** Measures some series in turn, so that what the machine does meanwhile falls on all of them. */
async function measure(series: readonly BenchSteps[]): Promise<StepTimes[][]> {
  const times = series.map((): StepTimes[] => []);
  for (const steps of series) for (let turn = 0; turn < WARM_UP; turn++) await steps.run(turn);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, steps] of series.entries()) {
      for (let turn = 0; turn < REQUESTS / ROUNDS; turn++) times[index]?.push(await steps.run(turn));
    }
  }
  return times;
}

function row(name: string, times: readonly StepTimes[]): string {
  const cells = [
    at(
      times.map(({ identifyMs }) => identifyMs),
      0.5,
    ),
    at(
      times.map(({ admitMs }) => admitMs),
      0.5,
    ),
    at(
      times.map(({ authorizeMs }) => authorizeMs),
      0.5,
    ),
    ...[0.5, 0.95, 0.99].map((share) => at(times.map(totalOf), share)),
  ];
  return `| ${name} | ${cells.map((ms) => ms.toFixed(4)).join(' | ')} |`;
}

const composed = await composeSupergraph(fileURLToPath(new URL('supergraph.yaml', TOP)));
if (!composed.ok) throw new Error(composed.messages.join('\n'));
const { sdl, contracts } = drawViews(composed.supergraph, [query]);
// Warms the composer, which then holds no schema.
await openContracts(sdl, new Map([...contracts].slice(0, 1)));
const planner = openPlannerClient({ planTimeoutMs: 2_000, plansWaitingMax: 200, clock: systemClock, log: NO_LOG });
const emptyMb = heapMb();
const plain = await openBenchGraph(sdl, new Map(), planner);
const plainMb = heapMb() - emptyMb;
const openMs = performance.now();
const many = await openBenchGraph(sdl, contracts, planner);
const openedMs = performance.now() - openMs;
const addedMb = heapMb() - emptyMb - 2 * plainMb;
const marks = new Set([...contracts.keys()].map((name) => many.viewOf(name)?.mark));

const keysOf = (names: readonly (string | undefined)[]): TestKey[] => names.map((name) => drawBenchKey(sdl, name));
const names = [...contracts.keys()];
const series = [
  new BenchSteps(plain, keysOf([undefined]), query, variables),
  new BenchSteps(plain, keysOf(names.map(() => undefined)), query, variables),
  new BenchSteps(many, keysOf(names), query, variables),
];
const [one = [], fifty = [], viewed = []] = await measure(series);
const addedP95Ms = at(viewed.map(totalOf), 0.95) - at(fifty.map(totalOf), 0.95);
const requestP50Ms = at(one.map(totalOf), 0.5);
const isMet =
  requestP50Ms <= GOALS.requestP50Ms &&
  addedMb <= GOALS.heapMb &&
  addedP95Ms <= GOALS.addedP95Ms &&
  marks.size === CONTRACTS;

const moment = systemClock.now().toISOString();
const text = `# What access costs

${moment}, \`npm run bench:access\`, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}. In process, on the
real steps over the CRM supergraph: the key store is a memory and known, the golden query Customer 360 is known, nothing is planned or
fetched. ${REQUESTS.toLocaleString('en')} requests a series after ${WARM_UP.toLocaleString('en')} to warm up, the series in turns; milliseconds a request.

|  | identify p50 | admit p50 | authorize p50 | together p50 | p95 | p99 |
| --- | --: | --: | --: | --: | --: | --: |
${row('one key, whole graph', one)}
${row('50 keys, whole graph', fifty)}
${row('50 keys, each of a contract of its own', viewed)}

- identify: the key is read from the head, its checksum and its HMAC are checked, its use is noted. admit: the document is found and
  measured, variables are measured. authorize: the known operation, its variables coerced, its price, the charge and its
  settling, what the caller may see.

| | measured | goal |
| --- | --: | --: |
| identify + admit + authorize, p50 | ${requestP50Ms.toFixed(4)} ms | ${GOALS.requestP50Ms} ms |
| heap that 50 contracts add (${marks.size} different views) | ${addedMb.toFixed(1)} MB | ${GOALS.heapMb} MB |
| p95 that 50 contracts add to a request | ${addedP95Ms.toFixed(4)} ms | ${GOALS.addedP95Ms} ms |

50 contracts were opened in ${openedMs.toFixed(0)} ms; the graph without contracts holds ${plainMb.toFixed(1)} MB.
`;
await writeFile(new URL(`bench/results/${moment.slice(0, 10)}-access.md`, TOP), text);
process.stdout.write(text);
for (const steps of series) await steps.stop();
await planner.close();
process.exitCode = isMet ? 0 : 1;
