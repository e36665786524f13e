// Sort specifications and the order of documents under one.
import { MongoFault } from '../mongoFault.ts';
import { compareValues } from '../values/compare.ts';
import { type Doc, asNumber, isDoc } from '../values/kinds.ts';
import { somePathValue } from '../values/path.ts';

/** One field of a sort. */
export interface SortField {
  readonly path: string;
  readonly segments: readonly string[];
  readonly descending: boolean;
}

/** Takes a sort as a client gives it; gives its fields. Throws MongoFault for what is no sort. */
export function parseSort(sort: unknown): SortField[] {
  if (sort === undefined || sort === null) return [];
  if (!isDoc(sort)) throw new MongoFault(14, 'Expected field sort to be of type object');
  return Object.entries(sort).map(([path, direction]) => {
    if (isDoc(direction))
      throw new MongoFault(238, `sorting by ${JSON.stringify(direction)} is not supported by this server`);
    if (path.startsWith('$')) throw new MongoFault(238, `sorting by ${path} is not supported by this server`);
    const number = asNumber(direction);
    if (number !== 1 && number !== -1) {
      throw new MongoFault(15_975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    return { path, segments: path.split('.'), descending: number < 0 };
  });
}

/** The value that a document is sorted by: the least of an array ascending, the greatest descending. */
function sortValue(doc: Doc, field: SortField): unknown {
  const [only] = field.segments;
  if (field.segments.length === 1 && only !== undefined) {
    const value = Object.hasOwn(doc, only) ? doc[only] : undefined;
    if (!Array.isArray(value)) return value;
  }
  let best: unknown;
  let found = false;
  const take = (value: unknown): void => {
    const better = !found || (field.descending ? compareValues(value, best) > 0 : compareValues(value, best) < 0);
    if (better) best = value;
    found = true;
  };
  somePathValue(doc, field.segments, 0, (value) => {
    if (Array.isArray(value)) for (const item of value as unknown[]) take(item);
    else take(value);
    return false;
  });
  return best;
}

/** Takes a document; gives the values that it is sorted by. */
export function sortKey(doc: Doc, fields: readonly SortField[]): unknown[] {
  return fields.map((field) => sortValue(doc, field));
}

/** Compares two sort keys of the same fields. */
export function compareSortKeys(
  left: readonly unknown[],
  right: readonly unknown[],
  fields: readonly SortField[],
): number {
  for (let at = 0; at < fields.length; at += 1) {
    const order = compareValues(left[at], right[at]);
    if (order !== 0) return fields[at]?.descending ? -order : order;
  }
  return 0;
}
