// Whether a filter can only find documents that a sparse or partial index holds: only then may the index answer it.
import type { FieldNode, FilterNode } from '../query/filterNode.ts';
import { conjuncts } from '../query/filterNode.ts';
import { compileFilter } from '../query/matches.ts';
import type { IndexInfo } from '../store/catalogEntries.ts';
import { compareValues, equalValues } from '../values/compare.ts';
import { type Doc, kindOf } from '../values/kinds.ts';

const RANGES = new Set(['$gt', '$gte', '$lt', '$lte']);

/** Whether a condition can only hold where the field is there and not null. */
function needsValue(node: FieldNode): boolean {
  const { name, value } = node;
  if (name === '$eq') return value !== null && value !== undefined;
  if (name === '$in') return !(value as unknown[]).includes(null);
  if (name === '$exists') return value === true;
  return RANGES.has(name)
    ? value !== null
    : name === '$regex' || name === '$type' || name === '$size' || name === '$mod';
}

function nested(segments: readonly string[], value: unknown): Doc {
  return segments.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Doc;
}

function rangeImplies(given: FieldNode, wanted: FieldNode): boolean {
  if (kindOf(given.value) !== kindOf(wanted.value)) return false;
  if (given.name.slice(0, 3) !== wanted.name.slice(0, 3)) return false;
  const order = compareValues(given.value, wanted.value) * (given.name.startsWith('$g') ? 1 : -1);
  return order > 0 || (order === 0 && (given.name === wanted.name || given.name.length === 3));
}

function fieldImplies(given: FieldNode, wanted: FieldNode): boolean {
  if (given.path !== wanted.path) return false;
  if (wanted.name === '$exists')
    return wanted.value === true ? needsValue(given) : given.name === '$exists' && given.value === false;
  if (given.name === '$eq' || given.name === '$in') {
    const values = given.name === '$eq' ? [given.value] : (given.value as unknown[]);
    const test = compileFilter(wanted);
    return values.every((value) => value !== null && !Array.isArray(value) && test(nested(wanted.segments, value)));
  }
  if (RANGES.has(given.name) && RANGES.has(wanted.name)) return rangeImplies(given, wanted);
  return given.name === wanted.name && given.name !== '$elemMatch' && sameArgument(given.value, wanted.value);
}

function sameArgument(left: unknown, right: unknown): boolean {
  if (left instanceof Set && right instanceof Set)
    return left.size === right.size && [...left].every((item) => right.has(item));
  return equalValues(left, right);
}

/** Whether every document that passes `filter` passes `wanted`; false when that is not certain. */
export function implies(filter: FilterNode, wanted: FilterNode): boolean {
  const given = conjuncts(filter);
  return conjuncts(wanted).every((need) => {
    if (need.op === 'or') return need.nodes.some((node) => implies(filter, node));
    if (need.op !== 'field') return false;
    return given.some((node) => {
      if (node.op === 'field') return fieldImplies(node, need);
      return node.op === 'or' && node.nodes.every((branch) => implies(branch, need));
    });
  });
}

/** Whether the index holds every document that the filter can find. */
export function mayUse(index: IndexInfo, filter: FilterNode): boolean {
  if (index.partial && !implies(filter, index.partial.node)) return false;
  if (!index.sparse) return true;
  const paths = new Set(index.fields.map(({ path }) => path));
  return conjuncts(filter).some((node) => node.op === 'field' && paths.has(node.path) && needsValue(node));
}
