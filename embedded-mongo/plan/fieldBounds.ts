// Which key bytes a filter allows at one path. An edge is a beginning of keys and a side of it; ranges are kept for an
// ascending field and turned over for a descending one.
import type { FieldNode, FilterNode } from '../query/filterNode.ts';
import { conjuncts } from '../query/filterNode.ts';
import { literalPrefix } from '../query/regex.ts';
import { encodeKey } from '../values/keyEncoding.ts';
import { KIND, kindOf } from '../values/kinds.ts';

/** A place between keys: before or after all keys that begin with `bytes`. */
interface Edge {
  readonly bytes: Buffer;
  readonly after: boolean;
}

/** The keys between two edges; `point` when they are those of one value. */
export interface FieldRange {
  readonly lo: Edge;
  readonly hi: Edge;
  readonly point: boolean;
}

/** What a filter allows at a path, in order; `exact` are the nodes that the ranges alone prove (without arrays). */
interface FieldBounds {
  readonly ranges: readonly FieldRange[];
  readonly exact: readonly FilterNode[];
}

/** The least bytes that are greater than everything that begins with `bytes`; no key begins with 0xff. */
function successor(bytes: Buffer): Buffer {
  let length = bytes.length;
  while (bytes[length - 1] === 0xff) length -= 1;
  const next = Buffer.from(bytes.subarray(0, length));
  next[length - 1] = (next[length - 1] ?? 0) + 1;
  return next;
}

/** An edge as bytes. */
export function edgeBytes(edge: Edge): Buffer {
  return edge.after ? successor(edge.bytes) : edge.bytes;
}

function compareEdges(left: Edge, right: Edge): number {
  return Buffer.compare(edgeBytes(left), edgeBytes(right));
}

function turn(edge: Edge): Edge {
  return { bytes: Buffer.from(edge.bytes.map((byte) => ~byte & 0xff)), after: !edge.after };
}

/** The same range for a descending field. */
export function turnRange(range: FieldRange): FieldRange {
  return { lo: turn(range.hi), hi: turn(range.lo), point: range.point };
}

function around(bytes: Buffer, point: boolean): FieldRange {
  return { lo: { bytes, after: false }, hi: { bytes, after: true }, point };
}

function pointsOf(values: readonly unknown[]): FieldRange[] | undefined {
  if (values.some(Array.isArray)) return undefined;
  const keys = values.map((value) => encodeKey(value)).sort((a, b) => Buffer.compare(a, b));
  return keys.filter((key, at) => at === 0 || !keys[at - 1]?.equals(key)).map((key) => around(key, true));
}

const NAN = encodeKey(NaN);

function rangeOf(name: string, value: unknown): FieldRange[] | undefined {
  const kind = kindOf(value);
  if (kind === KIND.array || kind === KIND.minKey || kind === KIND.maxKey) return undefined;
  if (kind === KIND.null) return name === '$gte' || name === '$lte' ? pointsOf([null]) : [];
  const key = encodeKey(value);
  if (key.equals(NAN)) return name === '$gte' || name === '$lte' ? [around(key, true)] : [];
  const whole = Buffer.of(kind);
  const start: Edge = kind === KIND.number ? { bytes: NAN, after: true } : { bytes: whole, after: false };
  const end: Edge = { bytes: whole, after: true };
  switch (name) {
    case '$gt':
      return [{ lo: { bytes: key, after: true }, hi: end, point: false }];
    case '$gte':
      return [{ lo: { bytes: key, after: false }, hi: end, point: false }];
    case '$lt':
      return [{ lo: start, hi: { bytes: key, after: false }, point: false }];
    default:
      return [{ lo: start, hi: { bytes: key, after: true }, point: false }];
  }
}

function prefixRange(regex: RegExp): FieldRange[] | undefined {
  const prefix = literalPrefix(regex);
  if (prefix === undefined || prefix.includes('\0')) return undefined;
  return [around(encodeKey(prefix).subarray(0, -2), false)];
}

function boundsOfNode(node: FieldNode): FieldBounds | undefined {
  const { name, value } = node;
  switch (name) {
    case '$eq':
      return withExact(pointsOf([value]), node);
    case '$in':
      return withExact(pointsOf(value as unknown[]), node);
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return withExact(rangeOf(name, value), node);
    case '$regex': {
      const ranges = prefixRange(value as RegExp);
      return ranges && { ranges, exact: [] };
    }
    default:
      return undefined;
  }
}

function withExact(ranges: FieldRange[] | undefined, node: FilterNode): FieldBounds | undefined {
  return ranges && { ranges, exact: [node] };
}

function intersect(left: readonly FieldRange[], right: readonly FieldRange[]): FieldRange[] {
  const found: FieldRange[] = [];
  let [a, b] = [0, 0];
  for (let one = left[a], two = right[b]; one && two; one = left[a], two = right[b]) {
    const lo = compareEdges(one.lo, two.lo) >= 0 ? one.lo : two.lo;
    const ends = compareEdges(one.hi, two.hi);
    const hi = ends <= 0 ? one.hi : two.hi;
    if (compareEdges(lo, hi) < 0) found.push({ lo, hi, point: one.point || two.point });
    if (ends <= 0) a += 1;
    else b += 1;
  }
  return found;
}

function union(all: readonly FieldRange[]): FieldRange[] {
  const sorted = [...all].sort((a, b) => compareEdges(a.lo, b.lo));
  const found: FieldRange[] = [];
  for (const range of sorted) {
    const last = found.at(-1);
    if (
      !last ||
      compareEdges(range.lo, last.hi) > 0 ||
      (last.point && range.point && compareEdges(range.lo, last.lo) !== 0)
    ) {
      found.push(range);
    } else if (compareEdges(range.hi, last.hi) > 0) {
      found[found.length - 1] = { lo: last.lo, hi: range.hi, point: false };
    }
  }
  return found;
}

/** What the branches of an `$or` allow at a path together; undefined when one of them leaves it free. */
function boundsOfBranches(nodes: readonly FilterNode[], path: string, multikey: boolean): FieldBounds | undefined {
  const parts = nodes.map((node) => boundsAt(node, path, multikey));
  if (parts.some((part) => part === undefined)) return undefined;
  return { ranges: union(parts.flatMap((part) => part?.ranges ?? [])), exact: [] };
}

function boundsOfConjunct(node: FilterNode, path: string, multikey: boolean): FieldBounds | undefined {
  if (node.op === 'field') return node.path === path ? boundsOfNode(node) : undefined;
  return node.op === 'or' ? boundsOfBranches(node.nodes, path, multikey) : undefined;
}

/** Null is left out: an index has it for items that lack the field, and for absent fields, too. */
function namesValues(node: FilterNode): boolean {
  if (node.op !== 'field') return false;
  if (node.name === '$eq') return node.value !== null && node.value !== undefined;
  return node.name === '$in' && !(node.value as unknown[]).includes(null);
}

/**
 * Takes a filter and a path; gives what it allows there, or undefined when it says nothing. With arrays (`multikey`)
 * two conditions may hold for two items, so that only the narrowest single condition counts. It is proved when it names
 * values: an item, or the field itself, is one of them.
 */
export function boundsAt(filter: FilterNode, path: string, multikey: boolean): FieldBounds | undefined {
  const parts = conjuncts(filter)
    .map((node) => boundsOfConjunct(node, path, multikey))
    .filter((part) => part !== undefined);
  const [first, ...others] = parts;
  if (!first) return undefined;
  if (multikey) {
    const best = parts.find(({ ranges }) => ranges.every(({ point }) => point)) ?? first;
    return { ranges: best.ranges, exact: best.exact.filter(namesValues) };
  }
  return others.reduce<FieldBounds>(
    (sum, part) => ({ ranges: intersect(sum.ranges, part.ranges), exact: [...sum.exact, ...part.exact] }),
    first,
  );
}
