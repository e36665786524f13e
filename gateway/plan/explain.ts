// Draws an explanation as text: the plan as a tree, with each fetch's time, size and database commands beside it.
import type { DatabaseCommand, ExplainedFetch, PlanTree } from '../requestState.ts';

/** What `extensions.explain` of a response holds. */
export interface AnsweredExplanation {
  readonly plan: PlanTree | null;
  readonly fetches: readonly ExplainedFetch[];
  readonly totals: {
    readonly fetches: number;
    readonly databaseCommands: number;
    readonly bytes: number;
    /** The whole request, in milliseconds. */
    readonly ms: number;
  };
}

/** Takes what was collected and the request's duration; gives what the response carries. */
export function concludeExplanation(
  plan: PlanTree | undefined,
  fetches: readonly ExplainedFetch[],
  ms: number,
): AnsweredExplanation {
  const round = (value: number): number => Math.round(value * 100) / 100;
  return {
    plan: plan ?? null,
    fetches: fetches.map((fetch) => ({ ...fetch, startMs: round(fetch.startMs), ms: round(fetch.ms) })),
    totals: {
      fetches: fetches.length,
      databaseCommands: fetches.reduce((sum, fetch) => sum + fetch.databaseCommands.length, 0),
      bytes: fetches.reduce((sum, fetch) => sum + fetch.bytes, 0),
      ms: round(ms),
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

/** Takes the fetches that a plan's node made, out of those not drawn yet. */
class Ledger {
  private readonly left: ExplainedFetch[];

  constructor(fetches: readonly ExplainedFetch[]) {
    this.left = [...fetches];
  }

  take(subgraph: string, path: string): ExplainedFetch[] {
    const isMine = (fetch: ExplainedFetch): boolean => fetch.subgraph === subgraph && fetch.path.join('.') === path;
    const taken: ExplainedFetch[] = [];
    // Two nodes can have one subgraph and path; parts of one split fetch follow each other at the same moment.
    for (const fetch of this.left) {
      if (!isMine(fetch)) continue;
      if (taken.length > 0 && fetch.representations === 0) break;
      if (taken.length > 0 && Math.abs(fetch.startMs - (taken[0]?.startMs ?? 0)) > 1) break;
      taken.push(fetch);
    }
    for (const fetch of taken) this.left.splice(this.left.indexOf(fetch), 1);
    return taken;
  }

  rest(): readonly ExplainedFetch[] {
    return this.left;
  }
}

function fetchBranch(fetch: ExplainedFetch): Branch {
  const entities = fetch.representations > 0 ? `, ${count(fetch.representations, 'entity', 'entities')}` : '';
  const commands = count(fetch.databaseCommands.length, 'database command');
  return {
    label: `${time(fetch.ms)} (from ${time(fetch.startMs)})${entities}, ${fetch.bytes} bytes, ${commands}`,
    branches: fetch.databaseCommands.map((command) => ({ label: commandLine(command), branches: [] })),
  };
}

function branchOf(tree: PlanTree, ledger: Ledger): Branch {
  switch (tree.kind) {
    case 'sequence':
    case 'parallel':
      return { label: tree.kind, branches: tree.nodes.map((node) => branchOf(node, ledger)) };
    case 'fetch': {
      const made = ledger.take(tree.subgraph, tree.path.join('.'));
      const where = tree.path.length > 0 ? ` at ${tree.path.join('.')}` : '';
      const [only] = made;
      if (only === undefined) return { label: `fetch ${tree.subgraph}${where}  (not made)`, branches: [] };
      if (made.length === 1) {
        const drawn = fetchBranch(only);
        return { label: `fetch ${tree.subgraph}${where}  ${drawn.label}`, branches: drawn.branches };
      }
      return { label: `fetch ${tree.subgraph}${where}  in ${made.length} calls`, branches: made.map(fetchBranch) };
    }
  }
}

function draw(branch: Branch, indent: string, lines: string[]): void {
  branch.branches.forEach((inner, position) => {
    const isLast = position === branch.branches.length - 1;
    lines.push(`${indent}${isLast ? '└─' : '├─'} ${inner.label}`);
    draw(inner, `${indent}${isLast ? '   ' : '│  '}`, lines);
  });
}

/** Takes `extensions.explain` of a response; gives it as a tree of lines, with the totals as the last one. */
export function renderExplanation(explanation: AnsweredExplanation): string {
  const ledger = new Ledger(explanation.fetches);
  const lines: string[] = [];
  if (explanation.plan === null) lines.push('plan: nothing to fetch');
  else {
    const root = branchOf(explanation.plan, ledger);
    lines.push(root.label);
    draw(root, '', lines);
  }
  for (const fetch of ledger.rest()) lines.push(`fetch ${fetch.subgraph}  ${fetchBranch(fetch).label}`);
  const { totals } = explanation;
  const fetches = count(totals.fetches, 'fetch', 'fetches');
  const commands = count(totals.databaseCommands, 'database command');
  lines.push(`total: ${fetches}, ${commands}, ${totals.bytes} bytes, ${time(totals.ms)}`);
  return `${lines.join('\n')}\n`;
}
