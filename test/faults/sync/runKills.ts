// One fault run of the sync path, from a seed to what the auditor found: a whole graph of processes, clients that write
// until they are acknowledged, kills by a timetable, quiet, audit.
import { seededRandom } from '../../../platform/random.ts';
import { pathToFileURL } from 'node:url';
import { startTestGraph } from '../../harness/testGraph.ts';
import { audit, countFindings, type Findings } from './audit.ts';
import { watchOrder, type OrderWatch } from './orderWatch.ts';
import { CopiesReader } from './readCopies.ts';
import { drawTimetable, runTimetable, type KillCount } from './timetable.ts';
import { Truth } from './truth.ts';
import { runWriters } from './writers.ts';

/** A broker of the run's own. */
export interface RunBroker {
  readonly url: string;
  killAndRevive(): Promise<void>;
}

/** One run. */
export interface KillRun {
  readonly seed: number;
  readonly mutations: number;
  readonly kills: number;
  /** Absent: our own durable broker. */
  readonly broker: RunBroker | undefined;
}

/** What came of it. */
export interface KillReport {
  readonly acknowledged: number;
  readonly repeated: number;
  readonly kills: KillCount;
  readonly received: number;
  readonly receivedAgain: number;
  readonly quietMs: number;
  readonly findings: Findings;
  /** Entities whose versions came out of order, or not all. */
  readonly disordered: readonly string[];
  /** What the processes that run at the end warned of, and how often: where to look when something is wrong. */
  readonly warnings: ReadonlyMap<string, number>;
}

/** Written before the first kill, and seen everywhere. */
const SETTLING_MUTATIONS = 12;
/** As long as something is made good within this time, more is waited for: a busy machine takes long, and loses nothing. */
const QUIET_WITHIN_MS = 45_000;
/** And never longer than this. */
const QUIET_MS_MAX = 180_000;
/** More than anything that is found where all is sent. */
const UNSENT_WEIGHT = 1e9;
const LOOK_EVERY_MS = 500;
const KILL_POINTS = pathToFileURL(`${import.meta.dirname}/../../harness/loadKillPoints.ts`).href;

/** Waits until nothing is wrong any more; gives what still is when nothing gets better any more. */
async function waitForQuiet(truth: Truth, reader: CopiesReader): Promise<{ quietMs: number; findings: Findings }> {
  const startMs = performance.now();
  let [fewest, betterMs] = [Infinity, startMs];
  for (;;) {
    const unsent = await reader.countUnsent();
    const isLate = performance.now() - Math.max(betterMs, startMs) > QUIET_WITHIN_MS;
    // Reading all copies costs those who are to send: it waits until everything is sent.
    const findings = unsent === 0 || isLate ? await audit(truth, reader) : undefined;
    const nowMs = performance.now();
    if (findings !== undefined && (isLate || nowMs - startMs > QUIET_MS_MAX || countFindings(findings) === 0))
      return { quietMs: nowMs - startMs, findings };
    const wrong = findings === undefined ? UNSENT_WEIGHT + unsent : countFindings(findings);
    if (wrong < fewest) [fewest, betterMs] = [wrong, nowMs];
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function findDisorder(watch: OrderWatch, reader: CopiesReader): Promise<string[]> {
  const events = [...(await reader.rows('customers.outbox')), ...(await reader.rows('orders.outbox'))].filter(
    ({ aggregatetype }) => aggregatetype === 'Customer' || aggregatetype === 'Order',
  );
  const isThere = (row: (typeof events)[number]): boolean =>
    watch.versions.get(String(row['aggregateid']))?.has(Number(row['version'])) === true;
  const endMs = performance.now() + QUIET_WITHIN_MS;
  while (!events.every(isThere) && performance.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  const missing = events.filter((row) => !isThere(row));
  return [
    ...watch.disordered,
    ...missing.map(({ aggregateid, version }) => `${String(aggregateid)} ${String(version)} never came`),
  ];
}

function warningsIn(output: string): Map<string, number> {
  const lines = output.split('\n').filter((line) => /"level":[456]0/.test(line));
  const words = lines.map((line) => /"message":"([^"]*)"/.exec(line)?.[1] ?? /"msg":"([^"]*)"/.exec(line)?.[1] ?? line);
  return new Map([...Map.groupBy(words, (text) => text)].map(([text, all]) => [text, all.length]));
}

/** Does the run; rejects where a mutation is never acknowledged or answered wrongly. */
export async function runKills({ seed, mutations, kills, broker }: KillRun): Promise<KillReport> {
  const random = seededRandom(seed);
  const timetable = drawTimetable(random, kills, mutations);
  const given = broker === undefined ? {} : { CRM_BROKER_URL: broker.url };
  const graph = await startTestGraph(0, { NODE_OPTIONS: `--import=${KILL_POINTS}`, ...given });
  const used = broker ?? graph.broker;
  if (used === undefined) throw new Error('the graph has no broker');
  const watch = await watchOrder(used.url);
  const reader = await CopiesReader.open(graph);
  try {
    const truth = new Truth();
    // A broker may forget what it was told first when it is killed within its first seconds (docs/brokers-rabbitmq.md).
    await runWriters({ graph, truth, random, mutations: SETTLING_MUTATIONS, prefix: 'first' });
    await waitForQuiet(truth, reader);
    const failed = new AbortController();
    const writing = runWriters({ graph, truth, random, mutations }).catch((error: unknown) => {
      failed.abort();
      throw error;
    });
    const [count] = await Promise.all([
      runTimetable({
        ...{ graph, kills: timetable, acknowledged: () => truth.acknowledged, signal: failed.signal },
        killBroker: () => used.killAndRevive(),
      }),
      writing,
    ]);
    const { quietMs, findings } = await waitForQuiet(truth, reader);
    const disordered = await findDisorder(watch, reader);
    const warnings = warningsIn(graph.output());
    const { acknowledged, repeated } = truth;
    const { received, again: receivedAgain } = watch.counts;
    return { acknowledged, repeated, kills: count, received, receivedAgain, quietMs, findings, disordered, warnings };
  } finally {
    await watch.stop();
    await reader.close();
    await graph.stop();
  }
}
