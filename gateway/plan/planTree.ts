// The planner's plan in our own words: what a request that asked for its costs sees, and what explain.ts draws.
import type { PlanTree } from '../requestState.ts';

/** The parts of a planner's node that are shown. */
export interface PlannerNode {
  readonly kind: string;
  readonly nodes?: readonly PlannerNode[];
  readonly node?: PlannerNode;
  readonly path?: readonly (string | number)[];
  readonly serviceName?: string;
  readonly operation?: string;
}

type Path = readonly (string | number)[];

function grow(node: PlannerNode, path: Path, nameOf: (key: string) => string): PlanTree | undefined {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel': {
      const nodes = (node.nodes ?? []).map((inner) => grow(inner, path, nameOf)).filter((inner) => inner !== undefined);
      return { kind: node.kind === 'Sequence' ? 'sequence' : 'parallel', nodes };
    }
    case 'Flatten':
      return node.node && grow(node.node, [...path, ...(node.path ?? []).map((step) => nameOf(String(step)))], nameOf);
    case 'Fetch':
      return { kind: 'fetch', subgraph: node.serviceName ?? '', path, operation: node.operation ?? '' };
    default:
      return undefined;
  }
}

/**
 * Takes the root node of a planner's plan and what gives the client's names back; gives the tree, or undefined where
 * nothing is fetched.
 */
export function planTreeOf(node: object | undefined, nameOf: (key: string) => string): PlanTree | undefined {
  return node === undefined ? undefined : grow(node as PlannerNode, [], nameOf);
}
