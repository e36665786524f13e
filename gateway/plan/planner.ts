// The only file that runs @apollo/query-planner: plans operations on the prepared supergraph. Always of the version
// that @apollo/gateway itself uses.
import { DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner, type PlanNode } from '@apollo/query-planner';
import { buildASTSchema, parse } from 'graphql';
import type { PreparedSupergraph } from './prepareSupergraph.ts';
import { repairPlan } from './repairPlan.ts';

export type { FetchDataRewrite, FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';

/** Plans operations of one supergraph. */
export interface Planner {
  /** Takes a valid document and the name of its operation; gives the plan, undefined where nothing is to be fetched. */
  plan(document: string, operationName: string | undefined): PlanNode | undefined;
}

/**
 * How many plans the planner compares at most: its own default is 10,000. Each costs up to 0.1 ms, so a plan is found
 * within about 0.1 s; an operation with more choices gets the best of those that were looked at.
 */
const PLANS_COMPARED_MAX = 1_000;

/** Contexts are applied by the fetch step, which the stock executor does not. */
const FEATURES = new Set([...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, 'https://specs.apollo.dev/context/v0.1']);

/** Takes a prepared supergraph, which has been validated as published; gives its planner. */
export function openPlanner(prepared: PreparedSupergraph): Planner {
  const supergraph = Supergraph.build(prepared.document, { supportedFeatures: FEATURES, validateSupergraph: false });
  const schema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph, {
    // Fetch documents without named fragments: each selection stands where it is asked, so fetches can be joined.
    reuseQueryFragments: false,
    generateQueryFragments: false,
    incrementalDelivery: { enableDefer: false },
    debug: { maxEvaluatedPlans: PLANS_COMPARED_MAX },
  });
  const planOperation = (document: string, operationName?: string): PlanNode | undefined => {
    const operation = operationFromDocument(schema, parse(document, { noLocation: true }), {
      validate: false,
      ...(operationName !== undefined && { operationName }),
    });
    const { node } = planner.buildQueryPlan(operation);
    if (node?.kind === 'Subscription') throw new Error('subscriptions are not planned');
    return node;
  };
  if (!prepared.hasRequirements) return { plan: planOperation };
  const types = buildASTSchema(prepared.document, { assumeValid: true, assumeValidSDL: true });
  return {
    plan(document, operationName) {
      const node = planOperation(document, operationName);
      return node && repairPlan(node, { prepared, types, plan: planOperation });
    },
  };
}
