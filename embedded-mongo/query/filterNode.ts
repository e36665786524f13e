// A filter after parsing: a tree that the matcher compiles and the planner reads bounds from.
import type { Doc } from '../values/kinds.ts';

/** One operator at one path; `value` is the operator's argument as `parseFilter.ts` prepared it. */
export interface FieldNode {
  readonly op: 'field';
  readonly path: string;
  readonly segments: readonly string[];
  readonly name: FieldOperator;
  readonly value: unknown;
}

/** The operators that stand at a path. `$ne`, `$nin` and `$not` became a `not` node around one of these. */
export type FieldOperator =
  | '$eq'
  | '$in'
  | '$gt'
  | '$gte'
  | '$lt'
  | '$lte'
  | '$exists'
  | '$type'
  | '$mod'
  | '$regex'
  | '$size'
  | '$all'
  | '$elemMatch'
  | '$bits';

/** Any node of a parsed filter. */
export type FilterNode =
  | { readonly op: 'and' | 'or' | 'nor'; readonly nodes: readonly FilterNode[] }
  | { readonly op: 'not'; readonly node: FilterNode }
  | { readonly op: 'expr'; readonly test: (doc: Doc) => boolean }
  | FieldNode;

/** What an `$elemMatch` holds: the inner filter and whether it tests the item itself (under the empty path). */
export interface ElementFilter {
  readonly node: FilterNode;
  readonly onValue: boolean;
}

/** A test of bits: which bits, and how many of them have to be set or clear. */
export interface BitTest {
  readonly mask: bigint;
  readonly every: boolean;
  readonly set: boolean;
}

/** Takes a filter; gives the nodes that all have to hold. */
export function conjuncts(node: FilterNode): FilterNode[] {
  return node.op === 'and' ? node.nodes.flatMap(conjuncts) : [node];
}

/** The top-level fields that a filter looks at; undefined when it may look at any. */
export function topFieldsOf(node: FilterNode): string[] | undefined {
  if (node.op === 'field') return [node.segments[0] ?? ''];
  if (node.op === 'expr') return undefined;
  const inner = (node.op === 'not' ? [node.node] : node.nodes).map(topFieldsOf);
  return inner.some((names) => names === undefined) ? undefined : inner.flatMap((names) => names ?? []);
}
