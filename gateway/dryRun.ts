// What an operation would do, without doing it: `extensions: { dryRun: true }` is admitted, authorized and planned as any
// other request, fetches nothing, and costs a tenth.
import type { Lease, PointStore } from './admit/pointStore.ts';
import { UNITS } from './admit/pointStore.ts';
import type { OperationNeeds } from './authorize/operationNeeds.ts';
import type { Caller } from './caller.ts';
import type { CompiledOperation } from './compiledOperation.ts';
import type { PlanTree } from './requestState.ts';
import { COMMON_HEADERS } from './respond/status.ts';
import { allOf, missingFor, policiesIn, type Alternatives } from '../supergraph/needs.ts';

/** How much of its price a dry run costs: a tenth, and no less than a point. */
const PRICE_SHARE = 0.1;

/** A plan without what it asks: which subgraphs in which order, but for callers of a contract, who may not know them. */
type PlanShape =
  | { readonly kind: 'sequence' | 'parallel'; readonly nodes: readonly PlanShape[] }
  | { readonly kind: 'fetch'; readonly subgraph?: string };

/** What stands in `extensions.dryRun`. */
interface DryRun {
  /** The estimate that the operation will be charged with. */
  readonly cost: number;
  readonly fetches: number;
  /** Null where nothing is fetched. */
  readonly plan: PlanShape | null;
  /** The scopes that it takes to see all of it: any one of these lists would do. */
  readonly scopes: Alternatives;
  /** Who may keep the answer, as its `cache-control` says. */
  readonly cachePolicy: string;
}

/** Takes the price of an operation in points; gives that of its dry run. */
export function dryPrice(points: number): number {
  return Math.max(points * PRICE_SHARE, 1);
}

/** Takes a store of points; gives it for dry runs, which it charges as such. */
export function dryPoints(store: PointStore): PointStore {
  return {
    reserve: (callerId, limits, units) => store.reserve(callerId, limits, Math.ceil(dryPrice(units / UNITS) * UNITS)),
    settle: (lease: Lease, refund: number) => store.settle(lease, refund),
  };
}

function shapeOf(tree: PlanTree, isWhole: boolean): PlanShape {
  if (tree.kind === 'fetch') return { kind: 'fetch', ...(isWhole && { subgraph: tree.subgraph }) };
  return { kind: tree.kind, nodes: tree.nodes.map((node) => shapeOf(node, isWhole)) };
}

function countFetches(tree: PlanTree | undefined): number {
  if (tree === undefined) return 0;
  return tree.kind === 'fetch' ? 1 : tree.nodes.reduce((sum, node) => sum + countFetches(node), 0);
}

function scopesFor({ groups }: OperationNeeds): Alternatives {
  const needs = allOf(groups.map((group) => group.needs));
  const held = { authenticated: true, scopes: new Set<string>(), policies: new Set(policiesIn(needs)) };
  return missingFor(needs, held)?.scopes ?? [];
}

/** Takes an operation ready to run, its price in points and its caller; gives what is told of it. */
export function dryRunOf({ planTree }: CompiledOperation, needs: OperationNeeds, cost: number, caller: Caller): DryRun {
  return {
    cost,
    fetches: countFetches(planTree),
    plan: planTree === undefined ? null : shapeOf(planTree, caller.contract === undefined),
    scopes: scopesFor(needs),
    cachePolicy: COMMON_HEADERS['cache-control'],
  };
}
