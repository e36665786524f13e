// The planner's plan → steps of ours.
import type { PlanStep } from '../compiledOperation.ts';
import type { FetchCompiler } from './compileFetch.ts';
import type { PlanNode } from './planner.ts';

function pathNames(path: readonly (string | number)[]): string[] {
  return path.map(String);
}

function oneOf(kind: 'sequence' | 'parallel', steps: readonly PlanStep[]): PlanStep | undefined {
  const [only] = steps;
  return steps.length <= 1 ? only : { kind, steps };
}

/** Takes a planned node and what compiles fetches; gives the step, undefined where nothing is left to do. */
export function compilePlan(
  node: PlanNode,
  fetches: FetchCompiler,
  path: readonly string[] = [],
): PlanStep | undefined {
  const compileAll = (nodes: readonly PlanNode[]): PlanStep[] =>
    nodes.map((inner) => compilePlan(inner, fetches, path)).filter((step) => step !== undefined);
  switch (node.kind) {
    case 'Fetch':
      return oneOf('parallel', fetches.compile(node, path));
    case 'Flatten':
      return compilePlan(node.node, fetches, [...path, ...pathNames(node.path)]);
    case 'Sequence':
      return oneOf('sequence', compileAll(node.nodes));
    case 'Parallel':
      return oneOf('parallel', compileAll(node.nodes));
    case 'Condition':
    case 'Defer':
      throw new Error('operations are planned without conditions and deferred parts');
  }
}
