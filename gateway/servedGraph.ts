// Which graph is served now. A new supergraph is opened beside the old one, warmed with the operations that are used
// most, and takes its place in one step; one that cannot be opened is refused, remembered and told, and the old goes on.
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { isRefusal } from './requestState.ts';
import { openGraph, type Graph, type GraphSettings } from './openGraph.ts';
import type { PublishedSupergraph } from './source/supergraphSource.ts';

/** A supergraph that was not taken. */
export interface RefusedSupergraph {
  readonly hash: string;
  readonly at: string;
  readonly reason: string;
}

/** The graph that is served, and what became of the latest ones. */
export interface ServedGraph {
  /** Runs `use` on the graph of this moment, which stays open until `use` is done. */
  withGraph<T>(use: (graph: Graph) => Promise<T>): Promise<T>;
  current(): Graph;
  readonly since: () => Date;
  readonly refused: () => RefusedSupergraph | undefined;
  /** Opens a supergraph in place of the current one, or refuses it. Never rejects. */
  replace(published: PublishedSupergraph): Promise<void>;
  refuse(hash: string, error: unknown): void;
  /** What was refused is not published any more. */
  forgetRefused(): void;
}

interface Holding {
  readonly graph: Graph;
  users: number;
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 1_000);
}

/** How many operations a new graph knows from the start. */
const WARMED_MAX = 100;

/** Prepares the operations that the old graph was asked most; other requests go on between any two. */
async function warm(graph: Graph, old: Graph): Promise<void> {
  for (const { document: query, operationName, contract, outcomes } of old.operations.mostUsed(WARMED_MAX)) {
    const view = graph.viewOf(contract);
    if (view === undefined) continue;
    const known = graph.operations.prepare({ query, operationName }, view);
    if (isRefusal(known)) continue;
    for (const conditions of outcomes) await known.prepared.variantFor(conditions);
  }
}

/** Takes the first supergraph, which has to be good; gives what serves it and its successors. */
export async function serveGraph(
  first: PublishedSupergraph,
  settings: GraphSettings,
  clock: Clock,
): Promise<ServedGraph> {
  const log: Log = settings.log;
  let holding: Holding = { graph: await openGraph(first, settings), users: 0 };
  /** Those whose place was taken, while requests that began on them run. */
  const retired = new Set<Holding>();
  let since = clock.now();
  let refused: RefusedSupergraph | undefined;
  const closeUnused = async (old: Holding): Promise<void> => {
    if (old.users > 0 || !retired.delete(old)) return;
    old.graph.close();
    await settings.fetcher.keepOnly([holding, ...retired].map(({ graph }) => graph.subgraphs));
  };
  const refuse = (hash: string, error: unknown): void => {
    refused = { hash, at: clock.now().toISOString(), reason: reasonOf(error) };
    log.error({ supergraph: hash, reason: refused.reason }, 'supergraph refused; the old one stays');
  };
  return {
    async withGraph(use) {
      const mine = holding;
      mine.users++;
      try {
        return await use(mine.graph);
      } finally {
        mine.users--;
        await closeUnused(mine);
      }
    },
    current: () => holding.graph,
    since: () => since,
    refused: () => refused,
    refuse,
    forgetRefused: () => (refused = undefined),
    async replace(published) {
      try {
        const graph = await openGraph(published, settings);
        await warm(graph, holding.graph);
        const old = holding;
        holding = { graph, users: 0 };
        since = clock.now();
        refused = undefined;
        log.info({ supergraph: published.hash }, 'supergraph taken');
        retired.add(old);
        await closeUnused(old);
      } catch (error) {
        refuse(published.hash, error);
      }
    },
  };
}
