// One supergraph, served: @apollo/server parses, validates and answers over HTTP's rules, ApolloGateway plans and
// executes. Made anew for every supergraph; a request that began on one ends on it.
import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Log } from '../platform/log.ts';
import { openAnswerShapes } from './fetch/answerShape.ts';
import { openSupergraph } from './plan/apolloGateway.ts';
import { concludeExplanation } from './plan/explain.ts';
import type { PublishedSupergraph } from './plan/supergraphSource.ts';
import type { FetchPart, GraphqlRequest, RequestState } from './requestState.ts';
import { clientCodeOf, maskError } from './respond/maskErrors.ts';

/** What a graph needs to be opened. */
export interface GraphSettings {
  readonly introspectionAllowed: boolean;
  readonly addresses: ReadonlyMap<string, string>;
  readonly fetchPart: FetchPart;
  readonly plansMax: number;
  readonly expandedSelectionsMax: number;
  readonly log: Log;
}

/** An answer as @apollo/server gives it. */
export interface GraphAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Whether any root field was answered; false too where nothing ran. */
  readonly hasData: boolean;
}

/** A supergraph that answers requests. */
export interface Graph {
  readonly supergraph: PublishedSupergraph;
  readonly subgraphs: ReadonlyMap<string, string>;
  answer(request: GraphqlRequest, accept: string | undefined, state: RequestState): Promise<GraphAnswer>;
  /** Frees it once nobody uses it. */
  close(): Promise<void>;
}

interface Context {
  readonly state: RequestState;
  readonly outcome: { hasData: boolean };
}

/** Looks at the answer before it is sent: its codes for the log, faults with their cause, and the explanation. */
function watchAnswers(log: Log): ApolloServerPlugin<Context> {
  return {
    requestDidStart() {
      return Promise.resolve({
        didEncounterErrors({ errors, contextValue }) {
          for (const error of errors) {
            if (clientCodeOf(error.extensions) !== 'INTERNAL') continue;
            log.error({ err: error.originalError ?? error, requestId: contextValue.state.requestId }, 'fault');
          }
          return Promise.resolve();
        },
        willSendResponse({ response, contextValue: { state, outcome } }) {
          if (response.body.kind !== 'single') return Promise.resolve();
          const { singleResult } = response.body;
          for (const error of singleResult.errors ?? []) state.codes.add(String(error.extensions?.['code']));
          outcome.hasData = Object.values(singleResult.data ?? {}).some((value) => value !== null);
          const { explanation } = state;
          if (explanation !== undefined) {
            const explain = concludeExplanation(explanation.plan, explanation.fetches, state.elapsedMs());
            singleResult.extensions = { ...singleResult.extensions, explain };
          }
          return Promise.resolve();
        },
      });
    },
  };
}

/** How many characters the kept documents have together: parsed, each takes up to 170 bytes, so 85 MB at most. */
const DOCUMENT_CHARACTERS_MAX = 500_000;

/** Parsed and validated documents, bounded by number and length; the default weighs each by printing it as JSON. */
function openDocumentStore(documentsMax: number) {
  const documents = new LRUCache<string, DocumentNode>({
    max: documentsMax,
    maxSize: DOCUMENT_CHARACTERS_MAX,
    sizeCalculation: (document) => 1 + (document.loc?.source.body.length ?? 0),
  });
  return {
    get: (key: string) => Promise.resolve(documents.get(key)),
    set: (key: string, document: DocumentNode) => Promise.resolve(void documents.set(key, document)),
    delete: (key: string) => Promise.resolve(documents.delete(key)),
  };
}

function openServer(gateway: ReturnType<typeof openSupergraph>['gateway'], settings: GraphSettings) {
  const { log } = settings;
  return new ApolloServer<Context>({
    gateway,
    introspection: settings.introspectionAllowed,
    hideSchemaDetailsFromClientErrors: !settings.introspectionAllowed,
    includeStacktraceInErrorResponses: false,
    maxRecursiveSelections: settings.expandedSelectionsMax * 3,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    formatError: maskError,
    documentStore: openDocumentStore(settings.plansMax),
    logger: {
      debug: (message) => log.trace({ library: '@apollo/server' }, String(message)),
      info: (message) => log.debug({ library: '@apollo/server' }, String(message)),
      warn: (message) => log.warn({ library: '@apollo/server' }, String(message)),
      error: (message) => log.error({ library: '@apollo/server' }, String(message)),
    },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      watchAnswers(log),
    ],
  });
}

/** What @apollo/server sees of the request: the steps before have checked the rest, so only this much is passed on. */
function httpRequestOf(request: GraphqlRequest, accept: string | undefined) {
  const { method, query, operationName, variables } = request;
  const headers = new HeaderMap([['apollo-require-preflight', 'checked']]);
  if (accept !== undefined) headers.set('accept', accept);
  if (method === 'POST') {
    headers.set('content-type', 'application/json');
    return { method, headers, search: '', body: { query, operationName: operationName ?? null, variables } };
  }
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  if (operationName !== undefined) search.set('operationName', operationName);
  return { method, headers, search: `?${search.toString()}`, body: undefined };
}

/** Takes a published supergraph; gives it ready to answer. Throws where it cannot be served. */
export async function openGraph(supergraph: PublishedSupergraph, settings: GraphSettings): Promise<Graph> {
  const { gateway, subgraphs } = openSupergraph(supergraph.sdl, {
    fetchPart: settings.fetchPart,
    openShapes: (schema) => openAnswerShapes(schema, settings.plansMax),
    addresses: settings.addresses,
    plansMax: settings.plansMax,
    log: settings.log,
  });
  const server = openServer(gateway, settings);
  await server.start();
  return {
    supergraph,
    subgraphs,
    async answer(request, accept, state) {
      const outcome = { hasData: false };
      const answer = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: httpRequestOf(request, accept),
        context: () => Promise.resolve({ state, outcome }),
      });
      if (answer.body.kind !== 'complete') throw new Error('an answer in parts was not asked for');
      return { status: answer.status ?? 200, headers: answer.headers, body: answer.body.string, ...outcome };
    },
    close: () => server.stop(),
  };
}
