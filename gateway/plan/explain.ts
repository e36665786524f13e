// Draws an explanation as text: the plan as a tree, with each fetch's time, size and database commands beside it, then
// where the request's time went, step by step.
import type { DatabaseCommand, ExplainedFetch, ExplainedRecall, Explanation, PlanTree } from '../requestState.ts';

/** What `extensions.explain` of a response holds. */
export interface AnsweredExplanation {
  readonly plan: PlanTree | null;
  readonly fetches: readonly ExplainedFetch[];
  /** What was not fetched, as it was kept. */
  readonly recalled: readonly ExplainedRecall[];
  /** The steps in their order; with `restMs` they add up to the whole. */
  readonly steps: Explanation['steps'];
  /** Whether the operation was planned before; null where it was not planned at all. */
  readonly planKnown: boolean | null;
  readonly totals: {
    readonly fetches: number;
    /** Fetches may travel together. */
    readonly requests: number;
    readonly databaseCommands: number;
    readonly bytes: number;
    /** How long at least one request to a subgraph was on its way, in milliseconds. */
    readonly waitedMs: number;
    /** What passed between the steps, in milliseconds. */
    readonly restMs: number;
    /** The whole request, in milliseconds. */
    readonly ms: number;
  };
}

/** Milliseconds to two places, so that rounded parts still add up. */
function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** How long at least one of some fetches was on its way. */
function timeWaited(fetches: readonly ExplainedFetch[]): number {
  let waitedMs = 0;
  let coveredMs = 0;
  for (const { startMs, ms } of [...fetches].sort((left, right) => left.startMs - right.startMs)) {
    const endMs = startMs + ms;
    if (endMs > coveredMs) waitedMs += endMs - Math.max(startMs, coveredMs);
    coveredMs = Math.max(coveredMs, endMs);
  }
  return waitedMs;
}

/** Takes what was collected and the request's duration; gives what the response carries. */
export function concludeExplanation(explanation: Explanation, wholeMs: number): AnsweredExplanation {
  const { plan, fetches, recalled, isPlanKnown } = explanation;
  const steps = explanation.steps.map(({ step, ms }) => ({ step, ms: round(ms) }));
  const stepsMs = steps.reduce((sum, { ms }) => sum + ms, 0);
  const restMs = Math.max(0, round(wholeMs - stepsMs));
  return {
    plan: plan ?? null,
    fetches: fetches.map((fetch) => ({ ...fetch, startMs: round(fetch.startMs), ms: round(fetch.ms) })),
    recalled,
    steps,
    planKnown: isPlanKnown ?? null,
    totals: {
      fetches: fetches.length,
      requests: fetches.filter(({ joinedTo }) => joinedTo === undefined).length,
      databaseCommands: fetches.reduce((sum, fetch) => sum + fetch.databaseCommands.length, 0),
      bytes: fetches.reduce((sum, fetch) => sum + fetch.bytes, 0),
      waitedMs: round(timeWaited(fetches)),
      restMs,
      ms: round(stepsMs + restMs),
    },
  };
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function time(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

function commandLine(command: DatabaseCommand): string {
  return `${command.command} ${command.collection}  ${time(command.ms)}`;
}

interface Branch {
  readonly label: string;
  readonly branches: readonly Branch[];
}

/** A fetch with the number of the request in which it travelled. */
interface NumberedFetch extends ExplainedFetch {
  readonly request: number;
}

/** Numbers requests in the order in which they were sent. */
function numberRequests(fetches: readonly ExplainedFetch[]): NumberedFetch[] {
  const carriers = fetches.filter(({ joinedTo }) => joinedTo === undefined);
  const sent = carriers.sort((left, right) => left.startMs - right.startMs);
  return fetches.map((fetch) => {
    const carrier = fetch.joinedTo === undefined ? fetch : fetches[fetch.joinedTo];
    return { ...fetch, request: carrier === undefined ? 0 : sent.indexOf(carrier) + 1 };
  });
}

function placeOf(subgraph: string, path: readonly (string | number)[]): string {
  return path.length > 0 ? `${subgraph} at ${path.join('.')}` : subgraph;
}

function countPlaces(tree: PlanTree | null, places = new Map<string, number>()): Map<string, number> {
  if (tree === null) return places;
  if (tree.kind === 'fetch') {
    const place = placeOf(tree.subgraph, tree.path);
    return places.set(place, (places.get(place) ?? 0) + 1);
  }
  for (const inner of tree.nodes) countPlaces(inner, places);
  return places;
}

/** The fetches not drawn yet, and how many nodes of the plan will still ask for those of a place. */
class Ledger {
  private readonly left: NumberedFetch[];
  private readonly recalledLeft: ExplainedRecall[];
  private readonly nodesLeft: Map<string, number>;

  constructor(fetches: readonly NumberedFetch[], recalled: readonly ExplainedRecall[], plan: PlanTree | null) {
    this.left = [...fetches];
    this.recalledLeft = [...recalled];
    this.nodesLeft = countPlaces(plan);
  }

  /** Takes the place of a plan's node; gives the fetches that it made: several where it was split. */
  take(place: string): NumberedFetch[] {
    const mine = this.left.filter(({ subgraph, path }) => placeOf(subgraph, path) === place);
    const nodes = this.nodesLeft.get(place) ?? 1;
    this.nodesLeft.set(place, nodes - 1);
    // The nodes of one place make a fetch each, mostly; what is over is the last one's.
    const taken = nodes > 1 ? mine.slice(0, 1) : mine;
    for (const fetch of taken) this.left.splice(this.left.indexOf(fetch), 1);
    return taken;
  }

  /** Takes the place of a plan's node; gives how many of its entities were kept. */
  takeRecalled(place: string): number {
    const mine = this.recalledLeft.filter(({ subgraph, path }) => placeOf(subgraph, path) === place);
    for (const one of mine) this.recalledLeft.splice(this.recalledLeft.indexOf(one), 1);
    return mine.reduce((sum, { entities }) => sum + entities, 0);
  }

  rest(): readonly NumberedFetch[] {
    return this.left;
  }
}

function fetchBranch(fetch: NumberedFetch): Branch {
  const entities = fetch.representations > 0 ? `, ${count(fetch.representations, 'entity', 'entities')}` : '';
  if (fetch.joinedTo !== undefined) return { label: `with request ${fetch.request}${entities}`, branches: [] };
  const commands = count(fetch.databaseCommands.length, 'database command');
  const times = `${time(fetch.ms)} (from ${time(fetch.startMs)})`;
  return {
    label: `request ${fetch.request}: ${times}${entities}, ${fetch.bytes} bytes, ${commands}`,
    branches: fetch.databaseCommands.map((command) => ({ label: commandLine(command), branches: [] })),
  };
}

function branchOf(tree: PlanTree, ledger: Ledger): Branch {
  if (tree.kind !== 'fetch') {
    return { label: tree.kind, branches: tree.nodes.map((node) => branchOf(node, ledger)) };
  }
  const place = placeOf(tree.subgraph, tree.path);
  const made = ledger.take(place);
  const [only] = made;
  const kept = ledger.takeRecalled(place);
  const told = kept === 0 ? '' : `${count(kept, 'entity', 'entities')} from the cache`;
  if (only === undefined) return { label: `fetch ${place}  (${told || 'not made'})`, branches: [] };
  const beside = told === '' ? '' : `, ${told}`;
  if (made.length > 1) {
    return { label: `fetch ${place}  in ${made.length} parts${beside}`, branches: made.map(fetchBranch) };
  }
  const drawn = fetchBranch(only);
  return { label: `fetch ${place}  ${drawn.label}${beside}`, branches: drawn.branches };
}

function draw(branch: Branch, indent: string, lines: string[]): void {
  branch.branches.forEach((inner, position) => {
    const isLast = position === branch.branches.length - 1;
    lines.push(`${indent}${isLast ? '└─' : '├─'} ${inner.label}`);
    draw(inner, `${indent}${isLast ? '   ' : '│  '}`, lines);
  });
}

/** Lines that name where each hundredth of a millisecond went. */
function timeLines({ steps, planKnown, totals }: AnsweredExplanation): string[] {
  const exact = (ms: number): string => `${ms.toFixed(2)} ms`;
  const line = (name: string, ms: number, note = ''): string =>
    `  ${name.padEnd(8)}${exact(ms).padStart(11)}${note === '' ? '' : `  ${note}`}`;
  const noteOf = (step: string, ms: number): string => {
    if (step === 'plan') return planKnown === null ? '' : planKnown ? 'known before' : 'validated and planned now';
    if (step !== 'fetch' || totals.fetches === 0) return '';
    const waitedMs = Math.min(ms, totals.waitedMs);
    return `${exact(waitedMs)} for subgraphs to answer, ${exact(ms - waitedMs)} own work`;
  };
  return [
    'time:',
    ...steps.map(({ step, ms }) => line(step, ms, noteOf(step, ms))),
    line('rest', totals.restMs, 'between the steps'),
    line('whole', totals.ms),
  ];
}

/** Takes `extensions.explain` of a response; gives it as a tree of lines, its times, and the totals as the last line. */
export function renderExplanation(explanation: AnsweredExplanation): string {
  const ledger = new Ledger(numberRequests(explanation.fetches), explanation.recalled, explanation.plan);
  const lines: string[] = [];
  if (explanation.plan === null) lines.push('plan: nothing to fetch');
  else {
    const root = branchOf(explanation.plan, ledger);
    lines.push(root.label);
    draw(root, '', lines);
  }
  for (const fetch of ledger.rest()) {
    lines.push(`fetch ${placeOf(fetch.subgraph, fetch.path)}  ${fetchBranch(fetch).label}`);
  }
  const { totals } = explanation;
  const fetches = count(totals.fetches, 'fetch', 'fetches');
  const requests = count(totals.requests, 'request');
  const commands = count(totals.databaseCommands, 'database command');
  lines.push(...timeLines(explanation));
  lines.push(`total: ${fetches} in ${requests}, ${commands}, ${totals.bytes} bytes, ${time(totals.ms)}`);
  return `${lines.join('\n')}\n`;
}
