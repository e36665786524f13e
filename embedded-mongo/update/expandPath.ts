// Update paths with `$`, `$[]` and `$[name]` as the plain paths that they stand for in one document.
import { MongoFault } from '../mongoFault.ts';
import { compileFilter, type DocTest } from '../query/matches.ts';
import { FilterParser } from '../query/parseFilter.ts';
import { type Doc, isDoc } from '../values/kinds.ts';
import { isPosition, ownValue } from '../values/path.ts';

/** Tests of array items by the names in `$[name]`. */
export type ArrayFilters = ReadonlyMap<string, DocTest>;

/** What the wildcards of a path mean for one document. */
export interface PathContext {
  readonly filters: ArrayFilters;
  /** Gives the item of the array at `path` that the query matched; undefined when it matched none. */
  positionOf(path: string): number | undefined;
}

const plainParser = new FilterParser(() => {
  throw new MongoFault(9, '$expr is not allowed in an array filter');
});

function topNames(filter: Doc): string[] {
  return Object.entries(filter).flatMap(([name, value]) =>
    name.startsWith('$') && Array.isArray(value) ? (value as Doc[]).flatMap(topNames) : [name.split('.')[0] ?? ''],
  );
}

/** Takes `arrayFilters` as a client gives them; gives the tests by name. Throws 9 for a malformed one. */
export function parseArrayFilters(filters: unknown): ArrayFilters {
  const found = new Map<string, DocTest>();
  for (const filter of Array.isArray(filters) ? (filters as unknown[]) : []) {
    if (!isDoc(filter)) throw new MongoFault(14, 'arrayFilters has to be an array of objects');
    const names = new Set(topNames(filter));
    const [name] = names;
    if (name === undefined || names.size !== 1) {
      throw new MongoFault(9, 'Error parsing array filter :: caused by :: Expected a single top-level field name');
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name))
      throw new MongoFault(
        2,
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
      );
    if (found.has(name))
      throw new MongoFault(9, `Found multiple array filters with the same top-level field name ${name}`);
    found.set(name, compileFilter(plainParser.parse(filter)));
  }
  return found;
}

function valueAt(doc: Doc, segments: readonly string[]): unknown {
  return segments.reduce<unknown>((value, name) => {
    if (Array.isArray(value)) return isPosition(name) ? (value[Number(name)] as unknown) : undefined;
    return isDoc(value) ? ownValue(value, name) : undefined;
  }, doc);
}

function choose(segment: string, items: readonly unknown[], path: string, context: PathContext): number[] {
  if (segment === '$[]') return items.map((_, at) => at);
  if (segment === '$') {
    const at = context.positionOf(path);
    if (at === undefined)
      throw new MongoFault(2, 'The positional operator did not find the match needed from the query.');
    return [at];
  }
  const name = segment.slice(2, -1);
  const test = context.filters.get(name);
  if (!test) throw new MongoFault(2, `No array filter found for identifier '${name}' in path '${path}.${segment}'`);
  return items.flatMap((item, at) => (test({ [name]: item }) ? [at] : []));
}

/** Takes a document and an update path; gives the plain paths it stands for. */
export function expandPath(doc: Doc, segments: readonly string[], context: PathContext): string[][] {
  let found: string[][] = [[]];
  for (const segment of segments) {
    if (!segment.startsWith('$') || segment.startsWith('$$')) {
      for (const path of found) path.push(segment);
      continue;
    }
    if (segment !== '$' && !/^\$\[.*\]$/.test(segment)) {
      throw new MongoFault(
        52,
        `The dollar ($) prefixed field '${segment}' in '${segments.join('.')}' is not allowed in the context of an update's replacement document.`,
      );
    }
    found = found.flatMap((path) => {
      const items = valueAt(doc, path);
      const printed = path.join('.');
      if (!Array.isArray(items)) {
        if (segment === '$')
          throw new MongoFault(2, 'The positional operator did not find the match needed from the query.');
        throw new MongoFault(2, `The path '${printed}' must exist in the document in order to apply array updates.`);
      }
      return choose(segment, items, printed, context).map((at) => [...path, String(at)]);
    });
  }
  return found;
}
