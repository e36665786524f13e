// A supergraph, loaded and checked: the only file that imports @apollo/gateway. Each supergraph gets an ApolloGateway of
// its own, so that a faulty one touches nothing that serves (docs/decisions/0007-one-gateway-per-supergraph.md). Plans
// and executes nothing: planner.ts and the fetch step do.
import { ApolloGateway } from '@apollo/gateway';
import { Kind, parse, print, visit, type GraphQLSchema } from 'graphql';

/** A supergraph that was found good. */
export interface CheckedSupergraph {
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  /** The subgraphs' addresses, by name. */
  readonly subgraphs: ReadonlyMap<string, string>;
}

const nothing = (): void => undefined;

/** What is wrong is thrown too; the library's words beside it say nothing more. */
const SILENT_LOG = { debug: nothing, info: nothing, warn: nothing, error: nothing };

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
export async function loadSupergraph(sdl: string): Promise<CheckedSupergraph> {
  const subgraphs = new Map<string, string>();
  const gateway = new ApolloGateway({
    supergraphSdl: withContextsAllowed(sdl),
    buildService({ name, url = '' }) {
      subgraphs.set(name, url);
      return { process: () => Promise.reject(new Error('subgraphs are called by the fetch step alone')) };
    },
    logger: SILENT_LOG,
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
