// From a document that may run to its answer, on one graph. A known operation that equals one which is running needs no
// turn: it costs nothing but the waiting. Everything else waits for its turn, which ends with the work: work that is
// given up still costs.
import type { Gate } from './admit/shedLoad.ts';
import type { CompiledOperation, Fields, PreparedOperation } from './compiledOperation.ts';
import type { StepClock } from './observe/stepClock.ts';
import type { Graph, GraphAnswer } from './openGraph.ts';
import { isRefusal, refuse, type GraphqlRequest, type Refusal, type RequestState } from './requestState.ts';
import type { RunSharing } from './shareRun.ts';

/** What running needs beside the graph. */
export interface RunParts {
  readonly gate: Gate;
  readonly runs: RunSharing;
  readonly steps: StepClock;
}

/** An operation with the variables of one request. */
interface Planned {
  readonly operation: CompiledOperation;
  readonly coerced: Fields;
  /** As received; undefined where the operation has none. */
  readonly variables: Fields | undefined;
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
    isRefusal(operation)
      ? operation
      : { operation, coerced, variables: prepared.hasVariables ? asked.variables : undefined };
  const variant = prepared.variantFor(coerced);
  return variant instanceof Promise ? variant.then(conclude) : conclude(variant);
}

/** Finds a known operation, or prepares a new one in a turn of its own, as that costs. */
function prepare(asked: GraphqlRequest, graph: Graph): Planned | Refusal | Promise<Planned | Refusal> {
  const prepared = graph.operations.prepare(asked.query, asked.operationName);
  return isRefusal(prepared) ? prepared : plan(prepared, asked);
}

/** Takes a request that was admitted, and the graph that answers it; gives the answer or the refusal. */
export async function runOperation(
  asked: GraphqlRequest,
  graph: Graph,
  state: RequestState,
  { gate, runs, steps }: RunParts,
): Promise<GraphAnswer | Refusal> {
  const isKnown = graph.operations.isKnown(asked.query, asked.operationName);
  let planned: Planned | Refusal | Promise<Planned | Refusal> | undefined;
  if (isKnown) {
    const startMs = steps.begin();
    planned = prepare(asked, graph);
    steps.end('plan', startMs, state);
    if (isRefusal(planned)) return planned;
    const running = planned instanceof Promise ? undefined : runs.join(planned, state);
    if (running !== undefined) return running;
  }
  const waitingMs = steps.begin();
  const entered = gate.enter(state.patience);
  const leave = entered instanceof Promise ? await entered : entered;
  const planningMs = steps.end('wait', waitingMs, state);
  if (isRefusal(leave)) return leave;
  try {
    planned ??= prepare(asked, graph);
    if (state.explanation !== undefined) state.explanation.isPlanKnown = isKnown && !(planned instanceof Promise);
    const ready = planned instanceof Promise ? await planned : planned;
    if (!isKnown || planned instanceof Promise) steps.end('plan', planningMs, state);
    if (isRefusal(ready)) return ready;
    const { operation, coerced } = ready;
    return await runs.share(ready, state, (own) => graph.run(operation, asked.variables, coerced, own));
  } finally {
    leave();
  }
}
