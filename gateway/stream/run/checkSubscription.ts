// Whether a caller may follow a subscription on one graph: the same steps as any operation, in their order — the view,
// validation, price, what may be seen, the plan — for the subscription and for the query that runs with each event. They
// are gone through when the stream begins, and again whenever the caller's rights or the graph have changed.
import { GraphQLError } from 'graphql';
import { LIMITS } from '../../admit/limits.ts';
import { admitOperation, chargeRefused, type AdmitParts } from '../../admitOperation.ts';
import type { Caller } from '../../caller.ts';
import type { Fields } from '../../compiledOperation.ts';
import { dryPoints, dryPrice } from '../../dryRun.ts';
import type { GraphView, OperationFacts } from '../../graphView.ts';
import type { Graph } from '../../openGraph.ts';
import type { KnownOperation } from '../../plan/operationStore.ts';
import { isRefusal, refuse, type GraphqlRequest, type Refusal } from '../../requestState.ts';
import type { LiveOperation } from './liveOperation.ts';

/** A subscription that may be followed, on the graph and with the rights for which that was found. */
export interface CheckedSubscription {
  readonly graph: Graph;
  readonly rights: string;
  readonly live: LiveOperation;
  /** The arguments of the subscription's field. */
  readonly given: Fields;
  /** What runs for each event, but for the entity's id. */
  readonly query: GraphqlRequest;
  readonly facts: OperationFacts;
}

function readArguments(live: LiveOperation, coerced: Fields): Fields | Refusal {
  try {
    return live.argumentsOf(coerced);
  } catch (error) {
    if (error instanceof GraphQLError) return refuse('BAD_USER_INPUT', error.message);
    throw error;
  }
}

function queryOf(asked: GraphqlRequest, live: LiveOperation): GraphqlRequest {
  const variables = Object.fromEntries(
    Object.entries(asked.variables).filter(([name]) => live.variables.includes(name)),
  );
  const { isRegistered, operationName } = asked;
  return { method: 'POST', query: live.query, isRegistered, operationName, variables };
}

/** Plans what runs for each event, once; gives what is wrong with it. */
async function planQuery(
  query: GraphqlRequest,
  { idVariable }: LiveOperation,
  view: GraphView,
  { caller, graph, parts }: { readonly caller: Caller; readonly graph: Graph; readonly parts: AdmitParts },
): Promise<Refusal | undefined> {
  const known = graph.operations.prepare(query, view);
  if (isRefusal(known)) return known;
  // The subscription is charged for, not its parts.
  const free = { ...caller, limits: undefined };
  const admitted = await admitOperation(known, { ...query.variables, [idVariable]: 'any' }, free, graph, parts);
  if (isRefusal(admitted)) return admitted;
  admitted.charge.settle(0);
  const variant = await known.prepared.variantFor(admitted.coerced, admitted.denied);
  return isRefusal(variant) ? variant : undefined;
}

async function admitSubscription(
  known: KnownOperation<OperationFacts>,
  live: LiveOperation,
  asked: GraphqlRequest,
  { caller, graph, parts }: { readonly caller: Caller; readonly graph: Graph; readonly parts: AdmitParts },
): Promise<Fields | Refusal> {
  // Nothing is fetched yet: it costs what a dry run costs, and each message its own price.
  const dry = { points: dryPoints(parts.points), policies: parts.policies };
  const admitted = await admitOperation(known, asked.variables, caller, graph, dry);
  if (isRefusal(admitted)) return admitted;
  const { points, charge, coerced, denied } = admitted;
  charge.settle(dryPrice(points));
  if (denied?.failures.has(live.root) === true) {
    return refuse('SCOPE_MISSING', `${live.key} ${denied.failures.get(live.root)?.message ?? ''}`);
  }
  const max = LIMITS.streamPointsMax.value;
  if (points > max) return refuse('OPERATION_TOO_LARGE', `A message would cost more than ${max} points.`);
  return readArguments(live, coerced);
}

/** Takes a subscription, its caller and the graph; gives what can be followed, or the refusal. */
export async function checkSubscription(
  asked: GraphqlRequest,
  caller: Caller,
  graph: Graph,
  parts: AdmitParts,
): Promise<CheckedSubscription | Refusal> {
  const view = graph.viewOf(caller.contract);
  if (view === undefined) return refuse('CONTRACT_UNKNOWN');
  const known = graph.operations.prepare(asked, view);
  if (isRefusal(known)) return chargeRefused(known, caller, parts);
  const live = known.facts.live();
  if (isRefusal(live)) return chargeRefused(live, caller, parts);
  const given = await admitSubscription(known, live, asked, { caller, graph, parts });
  if (isRefusal(given)) return given;
  const query = queryOf(asked, live);
  const refused = await planQuery(query, live, view, { caller, graph, parts });
  return refused ?? { graph, rights: caller.rights, live, given, query, facts: known.facts };
}
