// From a document that may run to its answer, on one graph. Everything that is not running already waits for its turn,
// which ends with the work: work that is given up still costs.
import type { Charge, CostReport } from './admit/chargePoints.ts';
import type { Gate } from './admit/shedLoad.ts';
import { admitOperation, chargeRefused, type AdmitParts, type Admitted } from './admitOperation.ts';
import type { OperationFacts } from './graphView.ts';
import { dryPoints, dryPrice, dryRunOf } from './dryRun.ts';
import type { StepClock } from './observe/stepClock.ts';
import type { Graph, GraphAnswer } from './openGraph.ts';
import type { KnownOperation } from './plan/operationStore.ts';
import type { UsedOperation } from './usage/minuteCounts.ts';
import type { UsageRecorder } from './usage/usageRecorder.ts';
import { isRefusal, refuse, type GraphqlRequest, type Refusal, type RequestState } from './requestState.ts';

/** What running needs beside the graph. */
export interface RunParts extends AdmitParts {
  readonly gate: Gate;
  readonly steps: StepClock;
  readonly usage: UsageRecorder;
}

/** An answer, and what it cost. */
export interface PricedAnswer extends Pick<GraphAnswer, 'extensions' | 'hasData' | 'codes'> {
  /** As GraphAnswer has it; taken away once it is on its way, see answerOperation.ts. */
  text: string;
  readonly points: number;
  readonly actualPoints: number;
  /** What the caller is told of the cost, and by which headers. */
  readonly cost: CostReport;
  readonly costHeaders: Readonly<Record<string, string>>;
  /** What it used of the schema; undefined where that is not counted. */
  readonly used: UsedOperation | undefined;
}

/** Nothing ran: there is no data, and no error. */
function answerDry(told: string, points: number, charge: Charge): PricedAnswer {
  return {
    ...{ text: '{"data":null}\n', extensions: `"dryRun":${told}`, hasData: true, codes: new Set() },
    ...{ points, actualPoints: points, cost: charge.settle(points), costHeaders: charge.headers(), used: undefined },
  };
}

async function planAndRun(
  asked: GraphqlRequest,
  { prepared, facts }: KnownOperation<OperationFacts>,
  { coerced, denied, charge, points }: Admitted,
  graph: Graph,
  state: RequestState,
  { steps, usage }: RunParts,
): Promise<PricedAnswer | Refusal> {
  // What is refused here was worked on, and what broke here was not the caller's.
  let actual = 1;
  try {
    const planningMs = steps.begin();
    const variant = prepared.variantFor(coerced, denied);
    if (state.explanation !== undefined) state.explanation.isPlanKnown = !(variant instanceof Promise);
    const operation = variant instanceof Promise ? await variant : variant;
    steps.end('plan', planningMs, state);
    if (isRefusal(operation)) {
      // It took the planner all the time that it has: more than its answer would have.
      if (operation.refused === 'OPERATION_UNPLANNABLE') actual = points;
      return operation;
    }
    if (asked.isDryRun === true) {
      actual = dryPrice(points);
      return answerDry(JSON.stringify(dryRunOf(operation, facts.needs, points, state.caller)), actual, charge);
    }
    const answer = await graph.run(operation, asked.variables, coerced, state);
    const isLimited = state.caller.limits !== undefined;
    actual = isLimited ? Math.max(1, Math.min(points, facts.treeCost().actual(answer.tree, coerced))) : points;
    const cost = charge.settle(actual);
    const { text, extensions, hasData, codes } = answer;
    const used = usage.usedBy(facts.use, asked.variables);
    return {
      text,
      extensions,
      hasData,
      codes,
      points,
      actualPoints: actual,
      cost,
      costHeaders: charge.headers(),
      used,
    };
  } finally {
    charge.settle(actual);
  }
}

/** Takes a request and the graph that answers it; gives the answer or the refusal. `noteAdmitted` gets its price. */
export async function runOperation(
  asked: GraphqlRequest,
  graph: Graph,
  state: RequestState,
  parts: RunParts,
  noteAdmitted: (points: number) => void,
): Promise<PricedAnswer | Refusal> {
  const { gate, steps } = parts;
  const { caller } = state;
  const view = graph.viewOf(caller.contract);
  if (view === undefined) return refuse('CONTRACT_UNKNOWN');
  const waitingMs = steps.begin();
  const entered = gate.enter(state.patience);
  const leave = entered instanceof Promise ? await entered : entered;
  const authorizingMs = steps.end('wait', waitingMs, state);
  if (isRefusal(leave)) return leave;
  try {
    const known = graph.operations.prepare(asked, view);
    if (isRefusal(known)) return await chargeRefused(known, caller, parts);
    const isDry = asked.isDryRun === true;
    const charged = isDry ? { points: dryPoints(parts.points), policies: parts.policies } : parts;
    const admitted = await admitOperation(known, asked.variables, caller, graph, charged);
    steps.end('authorize', authorizingMs, state);
    if (isRefusal(admitted)) return admitted;
    noteAdmitted(isDry ? dryPrice(admitted.points) : admitted.points);
    return await planAndRun(asked, known, admitted, graph, state, parts);
  } finally {
    leave();
  }
}
