// The real steps of a request from its key to its permission to run, in this process: the key store is a memory, nothing
// is fetched. What bench/access.ts measures.
import { openMemoryPoints } from '../gateway/admit/memoryPoints.ts';
import { chooseOperation } from '../gateway/admit/measureOperation.ts';
import { checkVariables } from '../gateway/admit/measureVariables.ts';
import { openMemoryQueries } from '../gateway/admit/persistedQueries.ts';
import { NO_OPERATIONS } from '../gateway/admit/registeredOperations.ts';
import { resolveDocument } from '../gateway/admit/resolveDocument.ts';
import { admitOperation, type AdmitParts } from '../gateway/admitOperation.ts';
import type { TagFilter } from '../supergraph/composeContract.ts';
import { openSubgraphSettings } from '../gateway/config/subgraphSettings.ts';
import { openFetcher } from '../gateway/fetch/fetcher.ts';
import { readKnownScopes } from '../gateway/identify/knownScopes.ts';
import { openIdentify, type Identify } from '../gateway/identify/openIdentify.ts';
import { SILENT_OBSERVER } from '../gateway/observe/observer.ts';
import { openStepClock } from '../gateway/observe/stepClock.ts';
import { openGraph, type Graph } from '../gateway/openGraph.ts';
import type { PlannerClient } from '../gateway/plan/plannerClient.ts';
import { nameSupergraph } from '../gateway/source/supergraphSource.ts';
import { isRefusal, type ReceivedRequest } from '../gateway/requestState.ts';
import { systemClock } from '../platform/clock.ts';
import {
  drawTestKey,
  headOf,
  NO_LOG,
  openTestStore,
  TEST_PEPPERS,
  type TestKey,
} from '../test/harness/identifyParts.ts';

/** Where the time of a request went, in milliseconds. */
export interface StepTimes {
  readonly identifyMs: number;
  readonly admitMs: number;
  readonly authorizeMs: number;
}

/** A graph, ready for requests that are not planned. */
export function openBenchGraph(
  sdl: string,
  contracts: ReadonlyMap<string, TagFilter>,
  planner: PlannerClient,
): Promise<Graph> {
  const clock = systemClock;
  const fetcher = openFetcher({
    signer: { secret: undefined, tenantId: 'main' },
    settingsOf: openSubgraphSettings({ all: {}, subgraphs: {} }, 3_000).settingsOf,
    observer: SILENT_OBSERVER,
    clock,
    isRevoked: () => false,
  });
  return openGraph(nameSupergraph(sdl), {
    ...{ introspectionAllowed: false, callersKnown: true, contracts, policies: new Map(), listSizeAssumed: 10 },
    ...{
      addresses: new Map<string, string>(),
      fetcher,
      planner,
      entityCache: undefined,
      observer: SILENT_OBSERVER,
      clock,
      log: NO_LOG,
    },
    ...{ operationsMax: 2_000, representationsMax: 500, errorsMax: 200 },
    steps: openStepClock(SILENT_OBSERVER, clock),
  });
}

/** Draws a key with every scope of the graph, of a contract if one is named. */
export function drawBenchKey(sdl: string, contract: string | undefined): TestKey {
  const limits = { pointsPerSecond: 1e6, pointsBurst: 1e9, requestsPerSecond: 1e6, concurrentRequestsMax: 1e3 };
  const expiresAt = new Date(Date.now() + 100 * 86_400_000);
  const limited = { ...limits, pointsPerDay: 1e9 };
  return drawTestKey({ scopes: readKnownScopes(sdl), contract, expiresAt, limits: limited });
}

/** Sends requests of some keys through the steps. */
export class BenchSteps {
  readonly #graph: Graph;
  readonly #identify: Identify;
  readonly #heads: readonly ReturnType<typeof headOf>[];
  readonly #received: ReceivedRequest;
  readonly #admit: AdmitParts;
  readonly #documents = { registered: NO_OPERATIONS, persisted: openMemoryQueries() };

  constructor(graph: Graph, keys: readonly TestKey[], query: string, variables: Readonly<Record<string, unknown>>) {
    const clock = systemClock;
    this.#graph = graph;
    this.#identify = openIdentify({
      ...{ store: openTestStore(...keys), peppers: TEST_PEPPERS, feed: undefined, people: undefined },
      ...{ clock, log: NO_LOG },
    });
    this.#heads = keys.map((key) => {
      const { rawHeaders, ...head } = headOf(key);
      // About as many headers as a client of fetch sends.
      const more = ['Content-Type', 'application/json', 'Accept', '*/*', 'Accept-Encoding', 'gzip, deflate, br'];
      return { ...head, rawHeaders: [...rawHeaders, ...more, 'User-Agent', 'node', 'Content-Length', '900'] };
    });
    const none = { documentId: undefined, persistedQuery: undefined, operationName: undefined };
    this.#received = { method: 'POST', query, variables, ...none };
    const points = openMemoryPoints(clock, { callersMax: 20_000, leaseMs: 25_000 });
    this.#admit = { points, policies: { policies: new Map(), clock, policyTimeoutMs: 500, log: NO_LOG } };
  }

  /** One request, by the keys in turn: identified, admitted, authorized, charged and settled. Throws where it is refused. */
  async run(turn: number): Promise<StepTimes> {
    const head = this.#heads[turn % this.#heads.length];
    if (head === undefined) throw new Error('there are no keys');
    const startMs = performance.now();
    const identified = this.#identify.authenticate(head);
    const caller = identified instanceof Promise ? await identified : identified;
    if (isRefusal(caller)) throw new Error(caller.refused);
    const identifiedMs = performance.now();
    const { query, variables, operationName } = this.#received;
    const resolved = resolveDocument(this.#received, caller, this.#documents);
    const document = resolved instanceof Promise ? await resolved : resolved;
    if (isRefusal(document)) throw new Error(document.refused);
    const chosen = chooseOperation(document.query, operationName, document.isRegistered);
    const wrong = isRefusal(chosen) ? chosen : checkVariables(variables);
    if (wrong !== undefined) throw new Error(wrong.message ?? wrong.refused);
    const admittedMs = performance.now();
    const view = this.#graph.viewOf(caller.contract);
    if (view === undefined) throw new Error('the contract is none');
    const known = this.#graph.operations.prepare({ query: query ?? '', operationName }, view);
    if (isRefusal(known)) throw new Error(known.message ?? known.refused);
    const admitted = await admitOperation(known, variables, caller, this.#graph, this.#admit);
    if (isRefusal(admitted)) throw new Error(admitted.message ?? admitted.refused);
    if (admitted.denied !== undefined) throw new Error('something was denied');
    admitted.charge.settle(1);
    admitted.charge.headers();
    const endMs = performance.now();
    return { identifyMs: identifiedMs - startMs, admitMs: admittedMs - identifiedMs, authorizeMs: endMs - admittedMs };
  }

  stop(): Promise<void> {
    return this.#identify.stop();
  }
}
