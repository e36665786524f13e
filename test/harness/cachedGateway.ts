// A gateway's graph in the test's own process, with the entity cache before real subgraphs and behind a real broker; the
// test is told when an event is acknowledged, so that it knows which reads may give nothing older.
import type { Caller } from '../../gateway/caller.ts';
import { OPEN_CALLER } from '../../gateway/caller.ts';
import { openMemoryStore } from '../../gateway/cache/memoryStore.ts';
import type { CacheStore } from '../../gateway/cache/cacheStore.ts';
import { openEntityCache } from '../../gateway/cache/openEntityCache.ts';
import { openSubgraphSettings } from '../../gateway/config/subgraphSettings.ts';
import { openFetcher } from '../../gateway/fetch/fetcher.ts';
import { SILENT_OBSERVER, type Observer } from '../../gateway/observe/observer.ts';
import { openStepClock } from '../../gateway/observe/stepClock.ts';
import { openGraph } from '../../gateway/openGraph.ts';
import { openPlannerClient } from '../../gateway/plan/plannerClient.ts';
import { isRefusal, type Explanation } from '../../gateway/requestState.ts';
import { nameSupergraph } from '../../gateway/source/supergraphSource.ts';
import { systemClock, type Clock } from '../../platform/clock.ts';
import type { Broker, Delivery } from '../../sync/brokers/broker.ts';
import { NO_LOG } from './identifyParts.ts';
import { callerAt } from './requestStates.ts';

/** What the gateway is made of. */
export interface CachedGatewayOptions {
  readonly supergraph: string;
  /** By subgraph. */
  readonly addresses: Readonly<Record<string, string>>;
  /** CRM_PROOF_SECRET, where the subgraphs want one. */
  readonly proofSecret?: string;
  /** Undefined: nothing is kept. */
  readonly broker: Broker | undefined;
  /** In memory without one. */
  readonly store?: CacheStore;
  /** That of the cache: one moved by hand keeps it fresh for as long as a test takes. */
  readonly cacheClock?: Clock;
  /** Called when the gateway is done with events. */
  readonly onAcknowledged?: (messages: readonly Delivery[]) => void;
}

/** An answer. */
export interface CachedAnswer {
  /** Byte for byte. */
  readonly text: string;
  readonly data: unknown;
  readonly requests: number;
  /** How many entities were not fetched. */
  readonly recalled: number;
}

/** A gateway whose cache is on. */
export interface CachedGateway {
  ask(query: string, variables?: Readonly<Record<string, unknown>>, caller?: Caller): Promise<CachedAnswer>;
  stop(): Promise<void>;
}

/** Calls back once the gateway is done with what it was given. */
function tellAcknowledged(broker: Broker, onAcknowledged: (messages: readonly Delivery[]) => void): Broker {
  return {
    kind: broker.kind,
    publish: (messages) => broker.publish(messages),
    subscribe: (subscription) => broker.subscribe(subscription),
    follow: (following) =>
      broker.follow({
        ...following,
        async deliver(messages) {
          await following.deliver(messages);
          onAcknowledged(messages);
        },
      }),
    isConnected: () => broker.isConnected(),
    close: () => broker.close(),
  };
}

function openCacheOf({ broker, store, cacheClock, onAcknowledged = () => undefined }: CachedGatewayOptions) {
  if (broker === undefined) return undefined;
  const clock = cacheClock ?? systemClock;
  return openEntityCache({
    store: store ?? openMemoryStore({ clock, entriesMax: 100_000, bytesMax: 64_000_000, tagsMax: 100_000 }),
    broker: tellAcknowledged(broker, onAcknowledged),
    ...{ tenantId: 'main', observer: SILENT_OBSERVER.entityCache, clock, log: NO_LOG },
    notePassing: () => undefined,
  });
}

/** Opens the gateway. */
export async function openCachedGateway(options: CachedGatewayOptions): Promise<CachedGateway> {
  const clock = systemClock;
  const observer: Observer = SILENT_OBSERVER;
  const fetcher = openFetcher({
    signer: { secret: options.proofSecret, tenantId: 'main' },
    settingsOf: openSubgraphSettings({ all: {}, subgraphs: {} }, 10_000).settingsOf,
    ...{ observer, clock, isRevoked: () => false },
  });
  const planner = openPlannerClient({ planTimeoutMs: 20_000, plansWaitingMax: 100, clock, log: NO_LOG });
  const cache = openCacheOf(options);
  const graph = await openGraph(nameSupergraph(options.supergraph), {
    ...{ introspectionAllowed: true, callersKnown: true, contracts: new Map<string, never>(), policies: new Map() },
    ...{ listSizeAssumed: 10, operationsMax: 1_000, representationsMax: 500, errorsMax: 200 },
    addresses: new Map(Object.entries(options.addresses)),
    entityCache: cache?.ofGraph,
    ...{ fetcher, planner, observer, clock, log: NO_LOG, steps: openStepClock(observer, clock) },
  });
  return {
    async ask(query, variables = {}, caller = OPEN_CALLER) {
      const view = graph.viewOf(undefined);
      if (view === undefined) throw new Error('a graph has a view of the whole of it');
      const known = graph.operations.prepare({ query, operationName: undefined }, view);
      if (isRefusal(known)) throw new Error(`refused: ${known.message ?? known.refused}`);
      const coerced = known.prepared.coerceVariables(variables);
      if ('wrong' in coerced) throw new Error(coerced.wrong.join(' '));
      const operation = await known.prepared.variantFor(coerced.coerced);
      if (isRefusal(operation)) throw new Error(`refused: ${operation.message ?? operation.refused}`);
      const explanation: Explanation = { plan: undefined, isPlanKnown: true, fetches: [], recalled: [], steps: [] };
      const { state } = callerAt(clock, { caller, explanation });
      const { text } = await graph.run(operation, variables, coerced.coerced, state);
      const requests = explanation.fetches.filter(({ joinedTo }) => joinedTo === undefined).length;
      const recalled = explanation.recalled.reduce((sum, { entities }) => sum + entities, 0);
      return { text, data: (JSON.parse(text) as { data: unknown }).data, requests, recalled };
    },
    async stop() {
      await cache?.stop();
      graph.close();
      await fetcher.close();
      await planner.close();
    },
  };
}
