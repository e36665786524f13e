// What is checked, as a port: something that is asked whether a caller may run an operation. Here it is the authorize step
// by itself.
import { DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { Kind, lexicographicSortSchema, printSchema, type DocumentNode, type GraphQLSchema } from 'graphql';
import { TOLD_MAX } from '../../../gateway/authorize/authorize.ts';
import { pruneOperation } from '../../../gateway/authorize/pruneOperation.ts';
import { secureSupergraph } from '../../../gateway/authorize/secureSupergraph.ts';
import { OPEN_CALLER, type Caller } from '../../../gateway/caller.ts';
import type { ComposedSchema } from '../../oracle/federatedSchema.ts';
import type { SentOperation } from '../../oracle/startOracleGraph.ts';
import type { Asker } from './bruteForce.ts';
import { POLICY_NAMES } from './generateScopedSchema.ts';

/** What is told of an operation and a caller. */
export interface Told {
  /** Paths of denied places, `/a/b`; empty where all is allowed. */
  readonly denied: readonly string[];
  /** Whether more may be denied than is told: a refusal names so many places at most. */
  readonly isCut: boolean;
  /** What would be planned instead in filter mode; undefined where that is not known here. */
  readonly filtered: DocumentNode | undefined;
  /** Whatever else was wrong, in words. */
  readonly faults?: readonly string[];
}

/** Decides on operations of one graph. */
export interface ScopeDecider {
  /** Gives undefined for an operation that is refused for its size, before anybody's rights. */
  ask(operation: SentOperation, asker: Asker): Promise<Told | undefined> | Told;
  stop?(): Promise<void>;
}

function callerFor({ signedIn, scopes }: Asker): Caller {
  const rights = JSON.stringify([signedIn, ...[...scopes].sort()]);
  return { ...OPEN_CALLER, kind: signedIn ? 'key' : 'nobody', scopes, rights, denial: 'filter' };
}

/** Takes a composed schema; gives the authorize step on it. Throws where what is left of the supergraph is not the same graph. */
export function openModuleDecider({ supergraph, api }: ComposedSchema): ScopeDecider {
  const policies = new Map(POLICY_NAMES.map((name) => [name, () => false]));
  const { plannerSdl, authorizer } = secureSupergraph(supergraph, policies);
  const left = Supergraph.build(plannerSdl, { supportedFeatures: DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES });
  const sorted = (schema: GraphQLSchema): string => printSchema(lexicographicSortSchema(schema));
  if (sorted(left.apiSchema().toGraphQLJSSchema()) !== sorted(api)) throw new Error('clients see another API');
  return {
    ask({ document }, asker) {
      const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
      if (operation === undefined) throw new Error('a document without operation');
      const needs = authorizer.needsOf(document, operation);
      const decision = authorizer.decide(needs, callerFor(asker), asker.policies);
      if (decision.allowed) return { denied: [], isCut: false, filtered: document };
      const isFiltered = decision.answer === 'filter';
      return {
        denied: decision.denied.map(({ path }) => `/${path.join('/')}`),
        isCut: decision.denied.length >= TOLD_MAX,
        filtered: isFiltered ? pruneOperation(document, operation, decision.nodes).document : undefined,
      };
    },
  };
}
