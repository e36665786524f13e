// Chooses how a query is read: which index, which parts of it, in which direction, and what is left to be tested.
import { MongoFault } from '../mongoFault.ts';
import type { FilterNode } from '../query/filterNode.ts';
import { conjuncts } from '../query/filterNode.ts';
import { type CollectionInfo, type IndexInfo, hasField } from '../store/catalogEntries.ts';
import type { Reader } from '../store/tableReader.ts';
import { equalValues } from '../values/compare.ts';
import { isDoc } from '../values/kinds.ts';
import { type IndexBounds, indexBounds } from './indexBounds.ts';
import { mayUse } from './implied.ts';
import type { SortField } from './sortSpec.ts';

/** What is to be found. */
export interface Question {
  readonly filter: FilterNode;
  readonly sort: readonly SortField[];
  /** How many documents are wanted at most, those that are skipped included; undefined: all. */
  readonly most: number | undefined;
  readonly hint: unknown;
}

/** Reading an index; `order` says whether its order is the one that is asked for, and how it comes about. */
export interface IndexPlan {
  readonly kind: 'index';
  readonly index: IndexInfo;
  readonly bounds: IndexBounds;
  readonly reverse: boolean;
  readonly order: 'none' | 'asRead' | 'merged';
  readonly residual: FilterNode | undefined;
}

/** Any plan: an index, several of them (an `$or`), or everything. */
export type Plan =
  | IndexPlan
  | { readonly kind: 'union'; readonly branches: readonly IndexPlan[]; readonly residual: FilterNode | undefined }
  | { readonly kind: 'scan'; readonly reverse: boolean; readonly residual: FilterNode | undefined };

/** Whether a document may come more than once: where an array's path is not bound to one value. */
export function mayRepeat({ index, bounds }: IndexPlan): boolean {
  return index.fields.some((_, at) => hasField(index.arrays, at) && bounds.points[at] !== 1);
}

const PROBE_MAX = 101;
const PROBED_INTERVALS = 4;
const MERGED_INTERVALS_MAX = 64;

function residualOf(filter: FilterNode, exact: readonly FilterNode[]): FilterNode | undefined {
  const nodes = conjuncts(filter).filter((node) => !exact.includes(node));
  if (nodes.length === 0) return undefined;
  return { op: 'and', nodes };
}

interface Order {
  readonly order: IndexPlan['order'];
  readonly reverse: boolean;
}

const UNORDERED: Order = { order: 'none', reverse: false };

interface Walk {
  merged: boolean;
  reverse: boolean | undefined;
  matched: number;
}

/** Takes the next field of the index along with the sort; gives false when the index cannot give that order. */
function walkField(
  walk: Walk,
  { fields }: IndexInfo,
  at: number,
  { points, wanted }: { points: readonly number[]; wanted: readonly SortField[] },
): boolean {
  const field = fields[at];
  const next = wanted[walk.matched];
  if (!field || !next || points[at] === 1) return true;
  if (field.path !== next.path) {
    walk.merged = (points[at] ?? 0) > 1 && walk.matched === 0;
    return walk.merged;
  }
  // A field that is bound to a list and stands behind one that is merged would not be compared by the merge.
  if (walk.merged && at < points.length) return false;
  const turned = field.descending !== next.descending;
  if (walk.reverse !== undefined && walk.reverse !== turned) return false;
  walk.reverse = turned;
  walk.matched += 1;
  return true;
}

/** Whether the index's entries come in the order that is asked for. */
function orderFrom(index: IndexInfo, { points, intervals }: IndexBounds, sort: readonly SortField[]): Order {
  if (sort.length === 0) return { order: 'asRead', reverse: false };
  // A path with arrays has no one value to be sorted by, not even where the filter names one of its items.
  const plain = index.fields.filter((_, at) => !hasField(index.arrays, at)).map(({ path }) => path);
  if (sort.some(({ path }) => !plain.includes(path))) return UNORDERED;
  const fixed = new Set(index.fields.filter((_, at) => points[at] === 1).map(({ path }) => path));
  const wanted = sort.filter(({ path }) => !fixed.has(path));
  const walk: Walk = { merged: false, reverse: undefined, matched: 0 };
  for (let at = 0; at < index.fields.length && walk.matched < wanted.length; at += 1) {
    if (!walkField(walk, index, at, { points, wanted })) return UNORDERED;
  }
  const isMergeTooWide = walk.merged && intervals.length > MERGED_INTERVALS_MAX;
  if (walk.matched < wanted.length || isMergeTooWide) return UNORDERED;
  return { order: walk.merged ? 'merged' : 'asRead', reverse: walk.reverse ?? false };
}

function planIndex(index: IndexInfo, question: Question): IndexPlan {
  const bounds = indexBounds(index, question.filter);
  const found = orderFrom(index, bounds, question.sort);
  return { kind: 'index', index, bounds, ...found, residual: residualOf(question.filter, bounds.exact) };
}

function estimate(plan: IndexPlan, collection: CollectionInfo, reader: Reader): number {
  const { intervals } = plan.bounds;
  const probed = intervals.slice(0, PROBED_INTERVALS);
  const counted = probed.reduce(
    (sum, interval) => sum + reader.countKeys(collection, plan.index, interval, PROBE_MAX),
    0,
  );
  // A probe that ran into its end says only "many": what is bound less is taken for more.
  const scaled = probed.length === 0 ? 0 : (counted * intervals.length) / probed.length;
  return probed.length > 0 && counted >= PROBE_MAX * probed.length ? (scaled * 100) / plan.bounds.bound : scaled;
}

function cost(plan: IndexPlan, question: Question, rows: number): number {
  const tested = plan.residual ? 1.2 : 1;
  if (question.sort.length === 0 || plan.order === 'none') {
    const sorting = question.sort.length > 0 ? 2 : 1;
    return (rows + plan.bounds.intervals.length * 0.1) * tested * sorting;
  }
  const wanted = question.most === undefined ? rows : Math.min(rows, question.most * (plan.residual ? 8 : 1));
  return (wanted + plan.bounds.intervals.length * 0.1) * tested;
}

function byHint(collection: CollectionInfo, question: Question): Plan {
  const { hint } = question;
  if (isDoc(hint) && '$natural' in hint) {
    return { kind: 'scan', reverse: equalValues(hint['$natural'], -1), residual: question.filter };
  }
  const index = collection.indexes.find(
    ({ name, pattern }) => name === hint || (isDoc(hint) && equalValues(pattern, hint)),
  );
  if (!index)
    throw new MongoFault(
      2,
      'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
    );
  return planIndex(index, question);
}

function planUnion(
  collection: CollectionInfo,
  indexes: readonly IndexInfo[],
  question: Question,
  reader: Reader,
): Plan | undefined {
  for (const node of conjuncts(question.filter)) {
    if (node.op !== 'or') continue;
    const branches = node.nodes.map((branch) => {
      const narrowed: Question = {
        filter: { op: 'and', nodes: [branch, ...conjuncts(question.filter).filter((other) => other !== node)] },
        sort: [],
        most: undefined,
        hint: undefined,
      };
      return choose(collection, indexes, narrowed, reader)?.plan;
    });
    if (branches.every((branch) => branch !== undefined)) return { kind: 'union', branches, residual: undefined };
  }
  return undefined;
}

function choose(
  collection: CollectionInfo,
  indexes: readonly IndexInfo[],
  question: Question,
  reader: Reader,
): { plan: IndexPlan; cost: number } | undefined {
  const bound = indexes
    .filter((index) => mayUse(index, question.filter))
    .map((index) => planIndex(index, question))
    .filter((plan) => plan.bounds.bound > 0);
  const unique = bound.find(
    ({ index, bounds }) => index.unique && bounds.points.length === index.fields.length && bounds.intervals.length <= 1,
  );
  const [first] = bound;
  if (unique) return { plan: unique, cost: 1 };
  if (bound.length === 1 && first) return { plan: first, cost: PROBE_MAX };
  return bound
    .map((plan) => ({ plan, cost: cost(plan, question, estimate(plan, collection, reader)) }))
    .sort((a, b) => a.cost - b.cost || b.plan.bounds.bound - a.plan.bounds.bound)[0];
}

/** Takes a collection and what is to be found; gives how to read it. Throws MongoFault 2 for an unknown hint. */
export function choosePlan(collection: CollectionInfo, question: Question, reader: Reader): Plan {
  if (question.hint !== undefined) return byHint(collection, question);
  const indexes = collection.indexes.filter(({ createdAt }) => reader.sees(createdAt) || collection.pending);
  const chosen = choose(collection, indexes, question, reader)?.plan;
  if (chosen) return chosen;
  const union = planUnion(collection, indexes, question, reader);
  if (union) return union;
  const ordered =
    question.sort.length > 0 &&
    indexes
      .filter((index) => mayUse(index, question.filter))
      .map((index) => planIndex(index, question))
      .find((plan) => plan.order === 'asRead');
  return ordered || { kind: 'scan', reverse: false, residual: question.filter };
}
