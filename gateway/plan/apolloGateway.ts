// A supergraph, ready to plan and execute: the only file that imports @apollo/gateway. Each supergraph gets an
// ApolloGateway of its own, so that a faulty one touches nothing that serves and each request keeps the one it began
// with (docs/decisions/0007-one-gateway-per-supergraph.md). Plans are cached per supergraph.
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { buildASTSchema, GraphQLError, parse, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Log } from '../../platform/log.ts';
import type { AnswerShapes, FetchPart, PlanTree, RequestState } from '../requestState.ts';
import { planTreeOf } from './planTree.ts';
import { tellUnsentFetches } from './unsentFetches.ts';

/** What a request's context holds for the executor. */
export interface ExecutionContext {
  readonly state: RequestState;
}

/** What a supergraph needs from the other steps. */
export interface SupergraphPorts {
  readonly fetchPart: FetchPart;
  /** Makes what checks answers, from the supergraph's own schema. */
  readonly openShapes: (schema: GraphQLSchema) => AnswerShapes;
  /** Addresses that replace those in the supergraph, by subgraph. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly plansMax: number;
  readonly log: Log;
}

/** A supergraph that @apollo/server can be started on, with the subgraphs it is made of. */
export interface OpenSupergraph {
  readonly gateway: ApolloGateway;
  readonly subgraphs: ReadonlyMap<string, string>;
}

/** Plans by operation: bounded by number, where the default weighs each by printing it as JSON. */
function openPlanCache(plansMax: number) {
  const plans = new LRUCache<string, object>({ max: plansMax });
  return {
    get: (key: string) => Promise.resolve(plans.get(key)),
    set: (key: string, plan: object) => Promise.resolve(void plans.set(key, plan)),
    delete: (key: string) => Promise.resolve(plans.delete(key)),
    clear: () => plans.clear(),
  };
}

/** The library's own words are for the log, at a level below ours. */
function libraryLog(log: Log) {
  return {
    debug: (message?: unknown) => log.trace({ library: '@apollo/gateway' }, String(message)),
    info: (message?: unknown) => log.debug({ library: '@apollo/gateway' }, String(message)),
    warn: (message?: unknown) => log.warn({ library: '@apollo/gateway' }, String(message)),
    error: (message?: unknown) => log.error({ library: '@apollo/gateway' }, String(message)),
  };
}

function dataSourceOf(
  { subgraph, url }: { subgraph: string; url: string },
  ports: SupergraphPorts,
  shapes: AnswerShapes,
  executionOf: (state: RequestState) => Execution,
): GraphQLDataSource {
  return {
    async process(options) {
      if (!('incomingRequestContext' in options)) throw new Error('subgraphs are never polled');
      const { query = '', operationName, variables = {} } = options.request;
      const { state } = options.context as ExecutionContext;
      const path = options.pathInIncomingRequest ?? [];
      executionOf(state).sent.add(sentKey(subgraph, query));
      const fetch = { subgraph, url, document: query, operationName, variables, path, shapes };
      const answer = await ports.fetchPart(fetch, state);
      // A field that is there but undefined is not the same to the executor as one that is absent.
      const response: Awaited<ReturnType<GraphQLDataSource['process']>> = {};
      if (answer.data !== null) response.data = answer.data;
      if (answer.errors.length > 0) response.errors = answer.errors;
      return response;
    },
  };
}

/** Values that did not fit the API schema are nulls that the library only notes: here they are errors (F5). */
function tellCompletionFaults(result: Awaited<ReturnType<NonNullable<ApolloGateway['executor']>>>) {
  const { valueCompletion, ...extensions } = result.extensions ?? {};
  if (!Array.isArray(valueCompletion)) return result;
  const errors = valueCompletion.map((fault: unknown) => {
    const path = fault instanceof GraphQLError ? fault.path : undefined;
    const field = String(path?.at(-1) ?? 'data');
    return new GraphQLError(`${field}: The part of the graph that has this field answered wrongly.`, {
      path,
      extensions: { code: 'SUBGRAPH_BAD_ANSWER' },
    });
  });
  return { ...result, extensions, errors: [...(result.errors ?? []), ...errors] };
}

/** What the executor did for one request: kept beside its state, since no other step needs it. */
interface Execution {
  plan: PlanTree | undefined;
  readonly sent: Set<string>;
}

function sentKey(subgraph: string, document: string): string {
  return `${subgraph} ${document}`;
}

/** Takes a supergraph's SDL; gives it ready to be loaded. Throws where it is not one that can be served. */
export function openSupergraph(sdl: string, ports: SupergraphPorts): OpenSupergraph {
  const types = buildASTSchema(parse(sdl, { noLocation: true }), { assumeValid: true, assumeValidSDL: true });
  const shapes = ports.openShapes(types);
  const subgraphs = new Map<string, string>();
  const executions = new WeakMap<RequestState, Execution>();
  const executionOf = (state: RequestState): Execution => {
    const known = executions.get(state) ?? { plan: undefined, sent: new Set() };
    executions.set(state, known);
    return known;
  };
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    buildService({ name, url = '' }) {
      const address = ports.addresses.get(name) ?? url;
      subgraphs.set(name, address);
      return dataSourceOf({ subgraph: name, url: address }, ports, shapes, executionOf);
    },
    experimental_didResolveQueryPlan({ queryPlan, requestContext }) {
      const { state } = requestContext.context as ExecutionContext;
      const plan = planTreeOf(queryPlan.node);
      executionOf(state).plan = plan;
      if (state.explanation !== undefined) state.explanation.plan = plan;
    },
    queryPlannerConfig: { cache: openPlanCache(ports.plansMax) as never },
    logger: libraryLog(ports.log),
    // Explicit, whatever NODE_ENV says (reliability.md, F16).
    __exposeQueryPlanExperimental: false,
    validateSupergraph: true,
    serviceHealthCheck: false,
    debug: false,
  });
  const load = gateway.load.bind(gateway);
  gateway.load = async (options) => {
    const { schema, executor } = await load(options);
    return {
      schema,
      async executor(context) {
        const result = tellCompletionFaults(await executor(context));
        const { plan, sent } = executionOf((context.context as ExecutionContext).state);
        if (plan === undefined || result.errors === undefined) return result;
        const unsent = tellUnsentFetches({
          plan,
          variables: context.request.variables ?? {},
          isSent: (node) => sent.has(sentKey(node.subgraph, node.operation)),
          data: result.data,
          errors: result.errors,
        });
        return { ...result, errors: [...result.errors, ...unsent] };
      },
    };
  };
  return { gateway, subgraphs };
}
