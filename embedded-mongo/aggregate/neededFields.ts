// Which top-level fields a `$group` at the beginning of a pipeline reads: the others are not decoded.
import { type Doc, isDoc } from '../values/kinds.ts';
import { type FieldNames, fieldNames } from '../values/pickFields.ts';
import { stageOf } from './checkStages.ts';

const SORTING = new Set(['$top', '$topN', '$bottom', '$bottomN']);

/** Adds the fields that an expression reads; gives false when it may read the whole document. */
function collect(value: unknown, names: Set<string>): boolean {
  if (typeof value === 'string') {
    if (value === '$$NOW') return true;
    if (value.startsWith('$$')) return false;
    if (value.startsWith('$')) names.add(value.slice(1).split('.')[0] ?? '');
    return true;
  }
  if (Array.isArray(value)) return value.every((item) => collect(item, names));
  if (!isDoc(value)) return true;
  return Object.entries(value).every(([name, inner]) => {
    if (SORTING.has(name) && isDoc(inner) && isDoc(inner['sortBy'])) {
      for (const path of Object.keys(inner['sortBy'])) names.add(path.split('.')[0] ?? '');
    }
    return collect(inner, names);
  });
}

/** Takes the first stage that is evaluated; gives the fields it needs, or undefined: all of them. */
export function fieldsForGroup(stage: Doc | undefined): FieldNames | undefined {
  const [name, spec] = stageOf(stage);
  const names = new Set<string>();
  return name === '$group' && collect(spec, names) ? fieldNames(names) : undefined;
}
