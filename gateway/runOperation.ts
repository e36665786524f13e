// From a document that may run to its answer, on one graph. Everything that is not running already waits for its turn,
// which ends with the work: work that is given up still costs.
import type { Gate } from './admit/shedLoad.ts';
import type { CompiledOperation, Fields, PreparedOperation } from './compiledOperation.ts';
import type { StepClock } from './observe/stepClock.ts';
import type { Graph, GraphAnswer } from './openGraph.ts';
import { isRefusal, refuse, type GraphqlRequest, type Refusal, type RequestState } from './requestState.ts';

/** What running needs beside the graph. */
export interface RunParts {
  readonly gate: Gate;
  readonly steps: StepClock;
}

/** An operation with the variables of one request. */
interface Planned {
  readonly operation: CompiledOperation;
  readonly coerced: Fields;
}

const NO_VARIABLES: { readonly coerced: Fields } = Object.freeze({ coerced: {} });

/** Gives the operation under the request's variables: at once where it is compiled already. */
function plan(prepared: PreparedOperation, asked: GraphqlRequest): Planned | Refusal | Promise<Planned | Refusal> {
  const variables = prepared.hasVariables ? prepared.coerceVariables(asked.variables) : NO_VARIABLES;
  if ('wrong' in variables) {
    const [message, ...more] = variables.wrong;
    return refuse('BAD_USER_INPUT', message, { more: more.map((each) => ({ message: each })) });
  }
  const { coerced } = variables;
  const conclude = (operation: CompiledOperation | Refusal): Planned | Refusal =>
    isRefusal(operation) ? operation : { operation, coerced };
  const variant = prepared.variantFor(coerced);
  return variant instanceof Promise ? variant.then(conclude) : conclude(variant);
}

/** Finds a known operation, or prepares a new one. */
function prepare(asked: GraphqlRequest, graph: Graph): Planned | Refusal | Promise<Planned | Refusal> {
  const prepared = graph.operations.prepare(asked.query, asked.operationName);
  return isRefusal(prepared) ? prepared : plan(prepared, asked);
}

/** Takes a request that was admitted, and the graph that answers it; gives the answer or the refusal. */
export async function runOperation(
  asked: GraphqlRequest,
  graph: Graph,
  state: RequestState,
  { gate, steps }: RunParts,
): Promise<GraphAnswer | Refusal> {
  const isKnown = graph.operations.isKnown(asked.query, asked.operationName);
  const waitingMs = steps.begin();
  const entered = gate.enter(state.patience);
  const leave = entered instanceof Promise ? await entered : entered;
  const planningMs = steps.end('wait', waitingMs, state);
  if (isRefusal(leave)) return leave;
  try {
    const planned = prepare(asked, graph);
    if (state.explanation !== undefined) state.explanation.isPlanKnown = isKnown && !(planned instanceof Promise);
    const ready = planned instanceof Promise ? await planned : planned;
    steps.end('plan', planningMs, state);
    if (isRefusal(ready)) return ready;
    return await graph.run(ready.operation, asked.variables, ready.coerced, state);
  } finally {
    leave();
  }
}
