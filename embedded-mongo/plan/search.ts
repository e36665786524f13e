// A whole query: plan, sort, skip, limit. Sorted results keep bytes and sort keys, and with a limit only the best.
import { MongoFault } from '../mongoFault.ts';
import { fieldNames, pickFields } from '../values/pickFields.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import type { Reader } from '../store/tableReader.ts';
import { type Plan, type Question, choosePlan } from './planner.ts';
import { type Examined, type Found, readPlan } from './readPlan.ts';
import { type SortField, compareSortKeys, sortKey } from './sortSpec.ts';

/** What is to be found, and which part of it. */
interface Search extends Omit<Question, 'most'> {
  readonly skip: number;
  /** 0: all. */
  readonly limit: number;
}

/** A planned search: `found` reads it, `examined` counts what it looked at, `sorts` whether a sort of its own is needed. */
export interface PlannedSearch {
  readonly plan: Plan;
  readonly sorts: boolean;
  readonly examined: Examined;
  readonly found: Generator<Found>;
}

const SORT_BYTES_MAX = 512 * 1024 * 1024;

interface Kept {
  readonly found: Found;
  readonly key: unknown[];
}

function* sorted(source: Iterable<Found>, sort: readonly SortField[], most: number | undefined): Generator<Found> {
  let kept: Kept[] = [];
  let bytes = 0;
  const names = fieldNames(sort.map(({ segments }) => segments[0] ?? ''));
  const inOrder = (left: Kept, right: Kept): number => compareSortKeys(left.key, right.key, sort);
  for (const found of source) {
    const key = sortKey(found.doc ?? pickFields(found.bytes, names, true), sort);
    kept.push({ found: { row: found.row, bytes: found.bytes, doc: undefined }, key });
    bytes += found.bytes.length;
    if (most !== undefined && kept.length > most * 2 + 256) {
      kept = kept.sort(inOrder).slice(0, most);
      bytes = kept.reduce((sum, one) => sum + one.found.bytes.length, 0);
    }
    if (bytes > SORT_BYTES_MAX) {
      throw new MongoFault(
        292,
        'Executor error during find command :: caused by :: Sort exceeded memory limit; use an index or a limit',
      );
    }
  }
  for (const { found } of kept.sort(inOrder)) yield found;
}

function* part(source: Generator<Found>, skip: number, limit: number): Generator<Found> {
  let at = 0;
  for (const found of source) {
    at += 1;
    if (at > skip) yield found;
    if (limit > 0 && at >= skip + limit) return;
  }
}

/**
 * Plans a search. `tick` is called for each row that is looked at; it may throw to stop. Once `needsDocs` gives false,
 * what is found may come without its bytes.
 */
export function planSearch(
  collection: CollectionInfo,
  search: Search,
  reader: Reader,
  tick: () => void,
  needsDocs = (): boolean => true,
): PlannedSearch {
  const most = search.limit > 0 ? search.skip + search.limit : undefined;
  const plan = choosePlan(collection, { ...search, most }, reader);
  const sorts = search.sort.length > 0 && !(plan.kind === 'index' && plan.order !== 'none');
  const examined: Examined = { keys: 0, docs: 0 };
  const reading = sorts ? { most: undefined, needsDocs: () => true } : { most, needsDocs };
  const source = readPlan(plan, { collection, reader, examined, tick, ...reading });
  const ordered = sorts ? sorted(source, search.sort, most) : source;
  const found = search.skip > 0 || search.limit > 0 ? part(ordered, search.skip, search.limit) : ordered;
  return { plan, sorts, examined, found };
}
