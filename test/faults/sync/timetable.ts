// When what is killed in a fault run: drawn by a seed, told by how many mutations are acknowledged, so that a slow machine
// and a fast one kill at the same places of the stream.
import { once } from 'node:events';
import { KILL_POINTS, type KillPoint, type KillWish } from '../../harness/killPoints.ts';
import { SUBGRAPHS, type SubgraphName, type TestGraph } from '../../harness/testGraph.ts';
import { waitUntil } from '../../harness/startProcess.ts';

/** At a named point, or at any moment. */
export interface Kill {
  /** After so many acknowledged mutations. */
  readonly at: number;
  readonly victim: SubgraphName | 'broker';
  /** Absent: at once. */
  readonly point: KillPoint | undefined;
  /** How often the point is passed until then. */
  readonly after: number;
}

/** What was done. */
export interface KillCount {
  broker: number;
  atOnce: number;
  atPoint: number;
}

/** Every so manieth kill is the broker's. */
const BROKER_EVERY = 5;
const AT_ONCE_SHARE = 0.25;
/** Behind the last kill some mutations still come. */
const LAST_AT_SHARE = 0.95;
const PASSES_MAX = 5;
/** A point that is not passed for so long: nothing of that kind is at work, and the victim is killed as it is. */
const POINT_WITHIN_MS = 4_000;

/** What only mutations pass is never passed in marketing, which gets none here. */
function pointsOf(victim: SubgraphName): readonly KillPoint[] {
  return victim === 'marketing' ? KILL_POINTS.filter((point) => !point.startsWith('mutation')) : KILL_POINTS;
}

/** Draws so many kills over so many mutations, the first first. */
export function drawTimetable(random: () => number, kills: number, mutations: number): Kill[] {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const drawn = Array.from({ length: kills }, (_, number): Kill => {
    const at = Math.floor(random() * mutations * LAST_AT_SHARE);
    const victim = number % BROKER_EVERY === 0 ? 'broker' : (pick(SUBGRAPHS) ?? 'orders');
    const point = victim === 'broker' || random() < AT_ONCE_SHARE ? undefined : pick(pointsOf(victim));
    return { at, victim, point, after: 1 + Math.floor(random() * PASSES_MAX) };
  });
  return drawn.sort((left, right) => left.at - right.at);
}

async function killSubgraph(graph: TestGraph, name: SubgraphName, { point, after }: Kill): Promise<boolean> {
  const { child } = graph.subgraph(name);
  let isAtPoint = false;
  if (point !== undefined) {
    const abort = new AbortController();
    const exit = once(child, 'exit', { signal: abort.signal }).then(
      () => true,
      () => false,
    );
    const late = setTimeout(() => abort.abort(), POINT_WITHIN_MS);
    child.send({ killAt: point, after } satisfies KillWish);
    isAtPoint = await exit;
    clearTimeout(late);
  }
  await graph.kill(name);
  await graph.revive(name);
  return isAtPoint;
}

/** What kills. */
export interface Killing {
  readonly graph: TestGraph;
  readonly kills: readonly Kill[];
  /** How many mutations are acknowledged now. */
  readonly acknowledged: () => number;
  readonly killBroker: () => Promise<void>;
  /** Aborted when the writers fail. */
  readonly signal: AbortSignal;
}

/** Kills by the timetable, several victims at a time, each revived before it is killed again; gives what was done. */
export async function runTimetable({ graph, kills, acknowledged, killBroker, signal }: Killing): Promise<KillCount> {
  const count: KillCount = { broker: 0, atOnce: 0, atPoint: 0 };
  const reach = (at: number): Promise<unknown> => waitUntil(() => signal.aborted || acknowledged() >= at, Infinity);
  const lanes = Map.groupBy(kills, ({ victim }) => victim);
  const runLane = async (victim: Kill['victim'], own: readonly Kill[]): Promise<void> => {
    for (const kill of own) {
      await reach(kill.at);
      if (signal.aborted) return;
      if (victim === 'broker') {
        await killBroker();
        count.broker += 1;
      } else if (await killSubgraph(graph, victim, kill)) count.atPoint += 1;
      else count.atOnce += 1;
    }
  };
  await Promise.all([...lanes].map(([victim, own]) => runLane(victim, own)));
  return count;
}
