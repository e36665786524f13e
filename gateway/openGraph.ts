// One supergraph, served: loaded, its planner and compiler, its known operations, and the run of each. Made anew for
// every supergraph; a request that began on one ends on it.
import { buildASTSchema, buildSchema, parse } from 'graphql';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { CompiledOperation, Fields } from './compiledOperation.ts';
import type { Fetcher } from './fetch/fetcher.ts';
import { executePlan } from './fetch/executePlan.ts';
import type { StepClock } from './observe/stepClock.ts';
import { openOperationCompiler } from './plan/compileOperation.ts';
import { concludeExplanation } from './plan/explain.ts';
import { openOperationStore, type OperationStore } from './plan/operationStore.ts';
import type { PlannerClient } from './plan/plannerClient.ts';
import { prepareSupergraph } from './plan/prepareSupergraph.ts';
import { fieldNamesOf } from './plan/renameAliases.ts';
import type { Observer } from './observe/observer.ts';
import type { PublishedSupergraph } from './plan/supergraphSource.ts';
import type { RequestState } from './requestState.ts';
import { maskSubgraphError, sentenceOf } from './respond/maskErrors.ts';
import { projectAnswer } from './respond/project.ts';
import { encodeBody, type AnswerBody } from './respond/status.ts';

/** What a graph needs to be opened. */
export interface GraphSettings {
  readonly introspectionAllowed: boolean;
  readonly addresses: ReadonlyMap<string, string>;
  readonly fetcher: Fetcher;
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
  /** `{"data":…}` with errors and extensions, as it is sent. */
  readonly body: AnswerBody;
  /** Whether any root field was answered. */
  readonly hasData: boolean;
  /** The codes of its errors. */
  readonly codes: ReadonlySet<string>;
}

/** A supergraph that answers requests. */
export interface Graph {
  readonly supergraph: PublishedSupergraph;
  readonly subgraphs: ReadonlyMap<string, string>;
  readonly operations: OperationStore;
  /** Frees it once nobody uses it. */
  close(): void;
  /** Runs an operation with coerced variables; `variables` are those received. Rejects for faults of our own alone. */
  run(operation: CompiledOperation, variables: Fields, coerced: Fields, state: RequestState): Promise<GraphAnswer>;
}

const NO_CODES: ReadonlySet<string> = new Set();
let graphsOpened = 0;

/** Takes a published supergraph; gives it ready to answer. Rejects where it cannot be served. */
export async function openGraph(supergraph: PublishedSupergraph, settings: GraphSettings): Promise<Graph> {
  const { introspectionAllowed, operationsMax, representationsMax, errorsMax, steps } = settings;
  // Two graphs can be of one supergraph, the one before last and the newest: each is freed on its own.
  const planned = `${supergraph.hash} ${graphsOpened++}`;
  const { apiSdl, subgraphs: published } = await settings.planner.load(planned, supergraph.sdl);
  const apiSchema = buildSchema(apiSdl, { noLocation: true, assumeValid: true, assumeValidSDL: true });
  const subgraphs = new Map([...published].map(([name, url]) => [name, settings.addresses.get(name) ?? url]));
  const prepared = prepareSupergraph(supergraph.sdl);
  const document = parse(supergraph.sdl, { noLocation: true });
  const types = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  const compiler = openOperationCompiler({
    apiSchema,
    types,
    plan: (text, operationName) => settings.planner.plan(planned, text, operationName),
    prepared,
    fieldNames: fieldNamesOf(types),
    suggestionsAllowed: introspectionAllowed,
    clock: settings.clock,
  });
  const operations = openOperationStore({
    apiSchema,
    compiler,
    introspectionAllowed,
    operationsMax,
    noteLookup: (isKnown) => settings.observer.planLookedUp(isKnown),
  });
  const send = settings.fetcher.senderFor(subgraphs);
  const after = settings.clock.after.bind(settings.clock);
  const executor = { send, mask: maskSubgraphError, sentenceOf, representationsMax, errorsMax, after };
  return {
    supergraph,
    subgraphs,
    operations,
    close: () => settings.planner.free(planned),
    async run(operation, variables, coerced, state) {
      const { explanation } = state;
      if (explanation !== undefined) explanation.plan = operation.planTree;
      const fetchingMs = steps.begin();
      const executed = await executePlan({ operation, variables, state }, executor);
      const respondingMs = steps.end('fetch', fetchingMs, state);
      const { text, hasData, errors } = projectAnswer(executed, operation.shape, coerced, { sentenceOf, errorsMax });
      if (errors.length === 0 && explanation === undefined) {
        const body = encodeBody(`{"data":${text}}\n`);
        steps.end('respond', respondingMs, state);
        return { body, hasData, codes: NO_CODES };
      }
      const codes = new Set(errors.map((error) => error.extensions.code));
      const answer = `{${errors.length > 0 ? `"errors":${JSON.stringify(errors)},` : ''}"data":${text}}`;
      steps.end('respond', respondingMs, state);
      if (explanation === undefined) return { body: encodeBody(`${answer}\n`), hasData, codes };
      // Behind the answer, whose writing it tells the time of.
      const explain = JSON.stringify(concludeExplanation(explanation, state.elapsedMs()));
      const body = encodeBody(`${answer.slice(0, -1)},"extensions":{"explain":${explain}}}\n`);
      return { body, hasData, codes };
    },
  };
}
