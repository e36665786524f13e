// A supergraph, loaded and checked: the only file that imports @apollo/gateway. Each supergraph gets an ApolloGateway of
// its own, so that a faulty one touches nothing that serves (docs/decisions/0007-one-gateway-per-supergraph.md). Plans
// and executes nothing: planner.ts and the fetch step do.
import { ApolloGateway } from '@apollo/gateway';
import { Kind, parse, print, visit, type GraphQLSchema } from 'graphql';
import type { Log } from '../../platform/log.ts';

/** A supergraph that was found good. */
export interface LoadedSupergraph {
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  /** The subgraphs' addresses, by name. */
  readonly subgraphs: ReadonlyMap<string, string>;
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

/**
 * ApolloGateway refuses features that it would have to enforce and does not know. Contexts (`@fromContext`) are such a
 * one: the planner knows them and the fetch step applies them, so their link loses the word that makes it refuse.
 */
function withContextsAllowed(sdl: string): string {
  if (!sdl.includes('specs.apollo.dev/context/')) return sdl;
  const document = visit(parse(sdl, { noLocation: true }), {
    Directive(node) {
      const url = node.arguments?.find((argument) => argument.name.value === 'url')?.value;
      if (url?.kind !== Kind.STRING || !url.value.startsWith('https://specs.apollo.dev/context/')) return undefined;
      return { ...node, arguments: node.arguments?.filter((argument) => argument.name.value !== 'for') };
    },
  });
  return print(document);
}

/** Takes a supergraph's SDL; gives it loaded. Rejects where it is not one that can be served. */
export async function loadSupergraph(
  sdl: string,
  addresses: ReadonlyMap<string, string>,
  log: Log,
): Promise<LoadedSupergraph> {
  const subgraphs = new Map<string, string>();
  const gateway = new ApolloGateway({
    supergraphSdl: withContextsAllowed(sdl),
    buildService({ name, url = '' }) {
      subgraphs.set(name, addresses.get(name) ?? url);
      return { process: () => Promise.reject(new Error('subgraphs are called by the fetch step alone')) };
    },
    logger: libraryLog(log),
    // Explicit, whatever NODE_ENV says (reliability.md, F16).
    __exposeQueryPlanExperimental: false,
    validateSupergraph: true,
    serviceHealthCheck: false,
    debug: false,
  });
  const { schema } = await gateway.load();
  await gateway.stop();
  return { apiSchema: schema, subgraphs };
}
