// From a valid operation to one that may run: its variables, its price, what its caller may see of it. All of it before
// anything is planned.
import { chargePoints, type Charge } from './admit/chargePoints.ts';
import { LIMITS } from './admit/limits.ts';
import type { PointStore } from './admit/pointStore.ts';
import { askPolicies, NO_POLICIES, type PolicyParts } from './authorize/policies.ts';
import type { Caller } from './caller.ts';
import type { DeniedFields, Fields, PreparedOperation } from './compiledOperation.ts';
import { deniedFields, refuseDenied } from './denial.ts';
import type { OperationFacts } from './graphView.ts';
import type { Graph } from './openGraph.ts';
import type { KnownOperation } from './plan/operationStore.ts';
import { isRefusal, refuse, type Refusal } from './requestState.ts';

/** What admitting needs beside the graph. */
export interface AdmitParts {
  readonly points: PointStore;
  readonly policies: PolicyParts;
}

/** An operation that may run. */
export interface Admitted {
  readonly coerced: Fields;
  /** What is left out of it for this caller. */
  readonly denied: DeniedFields | undefined;
  /** What it is charged with; has to be settled, whatever becomes of it. */
  readonly charge: Charge;
  /** What it costs at most, in points. */
  readonly points: number;
}

const NO_VARIABLES: { readonly coerced: Fields } = Object.freeze({ coerced: {} });

function coerce(prepared: PreparedOperation, variables: Fields): { readonly coerced: Fields } | Refusal {
  const outcome = prepared.hasVariables ? prepared.coerceVariables(variables) : NO_VARIABLES;
  if (!('wrong' in outcome)) return outcome;
  const [message, ...more] = outcome.wrong;
  return refuse('BAD_USER_INPUT', message, { more: more.map((each) => ({ message: each })) });
}

/** The price of an operation under its variables. */
function priceOf({ cost }: OperationFacts, coerced: Fields, caller: Caller): number | Refusal {
  // A graph that is tried out says nothing of its lists' sizes: its costs would be guesses.
  if (caller.kind === 'open') return 1;
  const fault = cost.faultIn(coerced);
  if (fault !== undefined) return refuse('BAD_USER_INPUT', fault);
  const max = LIMITS.costMax.value;
  const points = cost.estimate(coerced);
  if (points > max) return refuse('OPERATION_TOO_LARGE', `The operation costs more than ${max} points.`);
  // What reads nothing but single values is still a request.
  return Math.max(points, 1);
}

async function decide(
  { needs }: OperationFacts,
  caller: Caller,
  graph: Graph,
  policies: PolicyParts,
): Promise<DeniedFields | undefined | Refusal> {
  const held = needs.policies.length === 0 ? NO_POLICIES : await askPolicies(needs.policies, caller, policies);
  const decision = graph.authorizer.decide(needs, caller, held);
  if (decision.allowed) return undefined;
  return decision.answer === 'refuse' ? refuseDenied(decision, caller) : deniedFields(decision);
}

/** Takes a valid operation, its variables as received and its caller; gives it ready to be planned, or the refusal. */
export async function admitOperation(
  { prepared, facts }: KnownOperation<OperationFacts>,
  variables: Fields,
  caller: Caller,
  graph: Graph,
  { points: store, policies }: AdmitParts,
): Promise<Admitted | Refusal> {
  const given = coerce(prepared, variables);
  const points = isRefusal(given) ? given : priceOf(facts, given.coerced, caller);
  // What is refused for its input is a request, too.
  const charged = chargePoints(store, caller, isRefusal(points) ? 1 : points);
  const charge = charged instanceof Promise ? await charged : charged;
  if (isRefusal(charge)) return charge;
  if (isRefusal(given)) return settleRefused(given, charge);
  if (isRefusal(points)) return settleRefused(points, charge);
  const denied = await decide(facts, caller, graph, policies);
  if (!isRefusal(denied)) return { coerced: given.coerced, denied, charge, points };
  return settleRefused(denied, charge);
}

/** What is refused for what it asks costs a point, and its answer says what is left. */
function settleRefused(refusal: Refusal, charge: Charge): Refusal {
  charge.settle(1);
  return { ...refusal, headers: { ...charge.headers(), ...refusal.headers } };
}

/** Charges a caller for a document that cannot run: reading it costs, too. Gives the refusal that the caller gets. */
export async function chargeRefused(refusal: Refusal, caller: Caller, { points }: AdmitParts): Promise<Refusal> {
  const charge = await chargePoints(points, caller, 1);
  return isRefusal(charge) ? charge : settleRefused(refusal, charge);
}
