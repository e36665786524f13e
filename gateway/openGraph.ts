// One supergraph, served: secured, loaded, its planner and views, its known operations, and the run of each. Made anew for
// every supergraph; a request that began on one ends on it.
import { buildASTSchema, buildSchema, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { readCostIndex } from './admit/costIndex.ts';
import type { Authorizer } from './authorize/authorize.ts';
import type { TagFilter } from '../supergraph/composeContract.ts';
import type { Policies } from './authorize/policies.ts';
import { secureSupergraph } from './authorize/secureSupergraph.ts';
import type { CompiledOperation, Fields } from './compiledOperation.ts';
import { ANSWER_END } from './conclude.ts';
import type { EntityCache } from './fetch/entityCache.ts';
import type { Fetcher } from './fetch/fetcher.ts';
import { executePlan } from './fetch/executePlan.ts';
import { openViews, type GraphView, type OperationFacts } from './graphView.ts';
import type { StepClock } from './observe/stepClock.ts';
import { concludeExplanation } from './plan/explain.ts';
import { readCacheRules } from './plan/cacheRules.ts';
import { openOperationStore, type OperationStore } from './plan/operationStore.ts';
import type { PlannerClient } from './plan/plannerClient.ts';
import { prepareSupergraph } from './plan/prepareSupergraph.ts';
import { fieldNamesOf } from './plan/renameAliases.ts';
import type { Observer } from './observe/observer.ts';
import type { PublishedSupergraph } from './source/supergraphSource.ts';
import type { RequestState } from './requestState.ts';
import { readLiveFields } from './stream/run/liveFields.ts';
import { maskSubgraphError, sentenceOf } from './respond/maskErrors.ts';
import { projectAnswer } from './respond/project.ts';

/** What a graph needs to be opened. */
export interface GraphSettings {
  readonly introspectionAllowed: boolean;
  /** Whether callers are asked who they are: a graph that takes anything of them is not opened otherwise. */
  readonly callersKnown: boolean;
  readonly contracts: ReadonlyMap<string, TagFilter>;
  readonly policies: Policies;
  /** The length of a list of which nothing is said, where costs are estimated. */
  readonly listSizeAssumed: number;
  readonly addresses: ReadonlyMap<string, string>;
  readonly fetcher: Fetcher;
  /** Gives what keeps entities of a supergraph, by its hash; undefined where nothing is kept. */
  readonly entityCache: ((supergraphHash: string) => EntityCache) | undefined;
  readonly planner: PlannerClient;
  readonly observer: Observer;
  readonly operationsMax: number;
  readonly representationsMax: number;
  readonly errorsMax: number;
  readonly steps: StepClock;
  readonly clock: Clock;
  readonly log: Log;
}

/** An executed operation's answer. */
export interface GraphAnswer {
  /** `{"data":…}` and a line's end, with errors, without extensions. */
  readonly text: string;
  /** What stands in `extensions` of it, as `"name":value`. */
  readonly extensions: string | undefined;
  /** Whether any root field was answered. */
  readonly hasData: boolean;
  /** The codes of its errors. */
  readonly codes: ReadonlySet<string>;
  /** What it was made from, by the names of the plan. */
  readonly tree: Fields;
}

/** A supergraph that answers requests. */
export interface Graph {
  readonly supergraph: PublishedSupergraph;
  readonly subgraphs: ReadonlyMap<string, string>;
  readonly operations: OperationStore<OperationFacts>;
  readonly authorizer: Authorizer;
  /** The view of a contract, of the whole graph without one; undefined for a contract that there is not. */
  viewOf(contract: string | undefined): GraphView | undefined;
  /** Frees it once nobody uses it. */
  close(): void;
  /** Runs an operation with coerced variables; `variables` are those received. Rejects for faults of our own alone. */
  run(operation: CompiledOperation, variables: Fields, coerced: Fields, state: RequestState): Promise<GraphAnswer>;
}

const NO_CODES: ReadonlySet<string> = new Set();
/** Plans are kept beside what is compiled from them: one operation may be compiled for several views. */
const PLANS_MAX = 1_000;
let graphsOpened = 0;

/** Plans an operation once, for whatever views it is compiled. */
function sharePlans(planner: PlannerClient, graph: string) {
  const plans = new LRUCache<string, ReturnType<PlannerClient['plan']>>({ max: PLANS_MAX });
  return (text: string, operationName: string | undefined): ReturnType<PlannerClient['plan']> => {
    const key = `${operationName ?? ''} ${text}`;
    const known = plans.get(key);
    if (known !== undefined) return known;
    const planning = planner.plan(graph, text, operationName);
    plans.set(key, planning);
    const forget = (): void => void plans.delete(key);
    planning.then((planned) => {
      if ('refused' in planned) forget();
    }, forget);
    return planning;
  };
}

async function openViewsOf(supergraph: PublishedSupergraph, planned: string, settings: GraphSettings) {
  const { sdl } = supergraph;
  // The one way to what can be loaded: without what enforces them the directives are not taken out.
  const { plannerSdl, authorizer, carriesAuth } = secureSupergraph(sdl, settings.policies);
  if (carriesAuth && !settings.callersKnown) {
    throw new Error('its schema says who may see what, so it is not served with --access open');
  }
  const { apiSdl, subgraphs } = await settings.planner.load(planned, plannerSdl);
  // What composes them takes as long to load as all the rest.
  const contracts =
    settings.contracts.size === 0
      ? new Map<string, never>()
      : await (await import('./authorize/contractView.ts')).openContracts(sdl, settings.contracts);
  const apiSchema = buildSchema(apiSdl, { noLocation: true, assumeValid: true, assumeValidSDL: true });
  const document = parse(plannerSdl, { noLocation: true });
  const types = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  const viewOf = openViews(apiSchema, contracts, {
    types,
    plan: sharePlans(settings.planner, planned),
    prepared: prepareSupergraph(plannerSdl),
    cacheRules: settings.entityCache && readCacheRules(document),
    fieldNames: fieldNamesOf(types),
    suggestionsAllowed: settings.introspectionAllowed,
    clock: settings.clock,
    authorizer,
    liveFields: readLiveFields(apiSchema, document),
    costIndex: readCostIndex(parse(sdl, { noLocation: true })),
    listSizeAssumed: settings.listSizeAssumed,
  });
  return { authorizer, viewOf, published: subgraphs };
}

/** Takes a published supergraph; gives it ready to answer. Rejects where it cannot be served. */
export async function openGraph(supergraph: PublishedSupergraph, settings: GraphSettings): Promise<Graph> {
  const { introspectionAllowed, operationsMax, representationsMax, errorsMax, steps } = settings;
  // Two graphs can be of one supergraph, the one before last and the newest: each is freed on its own.
  const planned = `${supergraph.hash} ${graphsOpened++}`;
  const { authorizer, viewOf, published } = await openViewsOf(supergraph, planned, settings);
  const subgraphs = new Map([...published].map(([name, url]) => [name, settings.addresses.get(name) ?? url]));
  const operations = openOperationStore<OperationFacts>({
    introspectionAllowed,
    operationsMax,
    noteLookup: (isKnown) => settings.observer.planLookedUp(isKnown),
  });
  const send = settings.fetcher.senderFor(subgraphs);
  const after = settings.clock.after.bind(settings.clock);
  const cache = settings.entityCache?.(supergraph.hash);
  const executor = { send, cache, mask: maskSubgraphError, sentenceOf, representationsMax, after };
  return {
    supergraph,
    subgraphs,
    operations,
    authorizer,
    viewOf,
    close: () => settings.planner.free(planned),
    async run(operation, variables, coerced, state) {
      const { explanation } = state;
      if (explanation !== undefined) explanation.plan = operation.planTree;
      const fetchingMs = steps.begin();
      const executed = await executePlan({ operation, variables, state }, executor);
      const respondingMs = steps.end('fetch', fetchingMs, state);
      const {
        text: data,
        hasData,
        errors,
      } = projectAnswer(executed, operation.shape, coerced, { sentenceOf, errorsMax });
      const codes = errors.length === 0 ? NO_CODES : new Set(errors.map((error) => error.extensions.code));
      const told = errors.length === 0 ? '' : `"errors":${JSON.stringify(errors)},`;
      const text = `{${told}"data":${data}${ANSWER_END}`;
      steps.end('respond', respondingMs, state);
      // Behind the answer, whose writing it tells the time of.
      const extensions =
        explanation && `"explain":${JSON.stringify(concludeExplanation(explanation, state.elapsedMs()))}`;
      return { text, extensions, hasData, codes, tree: executed.tree };
    },
  };
}
