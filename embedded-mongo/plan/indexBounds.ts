// The parts of an index that a filter allows: points on its first fields, then at most one field with ranges.
import { type IndexField, type IndexInfo, hasField } from '../store/catalogEntries.ts';
import type { Interval } from '../store/tableReader.ts';
import type { FilterNode } from '../query/filterNode.ts';
import { type FieldRange, boundsAt, edgeBytes, turnRange } from './fieldBounds.ts';

/** An interval of keys; all of them begin with the same `prefixLength` bytes of points. */
export interface PlannedInterval extends Interval {
  readonly prefixLength: number;
}

/** What to read of an index. */
export interface IndexBounds {
  /** In key order, apart from each other. */
  readonly intervals: readonly PlannedInterval[];
  /** How many values each of the first fields is bound to: 1 is an equality, more come from `$in`. */
  readonly points: readonly number[];
  /** How many fields are bound at all. */
  readonly bound: number;
  /** The nodes that need no further test. */
  readonly exact: readonly FilterNode[];
}

function sharesArray(index: IndexInfo, place: number, other: IndexField, field: IndexField): boolean {
  return hasField(index.arrays, place) && other.segments[0] === field.segments[0];
}

const INTERVALS_MAX = 20_000;

function rangesAt(
  index: IndexInfo,
  at: number,
  filter: FilterNode,
): { ranges: readonly FieldRange[]; exact: readonly FilterNode[] } | undefined {
  const field = index.fields[at];
  if (!field) return undefined;
  const hasArrays = hasField(index.arrays, at);
  // Two fields below one array may be matched by two of its items: only the first of them can be bound.
  if (hasArrays && index.fields.slice(0, at).some((other, place) => sharesArray(index, place, other, field)))
    return undefined;
  const bounds = boundsAt(filter, field.path, hasArrays);
  if (!bounds) return undefined;
  const ranges = field.descending ? bounds.ranges.map(turnRange).reverse() : bounds.ranges;
  return { ranges, exact: bounds.exact };
}

/** Takes an index and a filter; gives what of the index has to be read: all of it when the filter says nothing. */
export function indexBounds(index: IndexInfo, filter: FilterNode): IndexBounds {
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  const points: number[] = [];
  const exact: FilterNode[] = [];
  for (let at = 0; at < index.fields.length; at += 1) {
    const here = rangesAt(index, at, filter);
    if (!here || prefixes.length * here.ranges.length > INTERVALS_MAX) break;
    exact.push(...here.exact);
    if (here.ranges.every(({ point }) => point)) {
      prefixes = prefixes.flatMap((prefix) =>
        here.ranges.map(({ lo, hi }) => Buffer.concat([prefix, lo.after ? hi.bytes : lo.bytes])),
      );
      points.push(here.ranges.length);
      continue;
    }
    const intervals = prefixes.flatMap((prefix) =>
      here.ranges.map(({ lo, hi }) => ({
        lo: Buffer.concat([prefix, edgeBytes(lo)]),
        hi: Buffer.concat([prefix, edgeBytes(hi)]),
        prefixLength: prefix.length,
      })),
    );
    return { intervals, points, bound: at + 1, exact };
  }
  const end = Buffer.of(0xff);
  const intervals = prefixes.map((prefix) => ({
    lo: prefix,
    hi: Buffer.concat([prefix, end]),
    prefixLength: prefix.length,
  }));
  return { intervals, points, bound: points.length, exact };
}
