// Typed filter inputs → conditions. Depth and lists are bounded; only fields that the subgraph names here, each with an
// index, can be asked for; texts are compared or taken as a prefix, never as a pattern.
import type { IdPrefix } from '../../../contracts/entityId.ts';
import { inList, noneOf, startsWith, within, type Condition } from './operators.ts';
import { readId, readKeyText } from './readReference.ts';
import { refuse } from '../refuse.ts';

const DEPTH_MAX = 5;
const BRANCHES_MAX = 20;
const VALUES_MAX = 100;

/** Turns the filter of one field into a condition. */
export type FieldReader = (value: unknown) => Condition;

interface TextFilter {
  readonly eq?: string | null;
  readonly in?: readonly string[] | null;
  readonly startsWith?: string | null;
}

/** Gives the form in which texts are kept for comparing without case. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function boundValues<V>(values: readonly V[]): readonly V[] {
  if (values.length <= VALUES_MAX) return values;
  throw refuse('BAD_USER_INPUT', `A filter's list holds at most ${VALUES_MAX} values.`);
}

function allOf(conditions: readonly Condition[]): Condition {
  const [only, ...others] = conditions;
  return others.length === 0 ? (only ?? {}) : { $and: conditions };
}

/** Filters a text field by `eq`, `in` and `startsWith`; `prepare` brings a given text into the stored form. */
export function textField(field: string, prepare: (text: string) => string = (text) => text): FieldReader {
  return (value) => {
    const given = value as TextFilter;
    const conditions: Condition[] = [];
    if (given.eq != null) conditions.push({ [field]: prepare(readKeyText('eq', given.eq)) });
    if (given.in != null) conditions.push({ [field]: inList(boundValues(given.in).map(prepare)) });
    if (given.startsWith != null)
      conditions.push({ [field]: startsWith(prepare(readKeyText('startsWith', given.startsWith))) });
    return allOf(conditions);
  };
}

/** Filters an id field by `eq` and `in`. */
export function idField(field: string, prefix: IdPrefix): FieldReader {
  return (value) => {
    const given = value as { eq?: unknown; in?: readonly unknown[] | null };
    const conditions: Condition[] = [];
    if (given.eq != null) conditions.push({ [field]: readId(prefix, given.eq) });
    if (given.in != null) conditions.push({ [field]: inList(boundValues(given.in).map((id) => readId(prefix, id))) });
    return allOf(conditions);
  };
}

/** Filters a time field by `gte` and `lt`. */
export function dateField(field: string): FieldReader {
  return (value) => {
    const { gte, lt } = value as { gte?: Date | null; lt?: Date | null };
    return gte == null && lt == null ? {} : { [field]: within({ gte, lt }) };
  };
}

/** Filters a field by a list of enum values. */
export function enumField(field: string): FieldReader {
  return (value) => ({ [field]: inList(boundValues(value as readonly string[])) });
}

function readBranches(value: unknown, fields: Readonly<Record<string, FieldReader>>, depth: number): Condition[] {
  const branches = value as readonly object[];
  if (branches.length === 0 || branches.length > BRANCHES_MAX) {
    throw refuse('BAD_USER_INPUT', `and, or hold 1 to ${BRANCHES_MAX} filters.`);
  }
  return branches.map((branch) => readFilter(branch, fields, depth + 1));
}

/** Takes a filter input and the fields it may name; gives the condition. Refuses what is too deep or too long. */
export function readFilter(
  filter: object | null | undefined,
  fields: Readonly<Record<string, FieldReader>>,
  depth = 1,
): Condition {
  if (depth > DEPTH_MAX) throw refuse('BAD_USER_INPUT', `A filter is at most ${DEPTH_MAX} levels deep.`);
  const conditions = Object.entries(filter ?? {}).flatMap(([name, value]: [string, unknown]): Condition[] => {
    if (value == null) return [];
    if (name === 'and') return readBranches(value, fields, depth);
    if (name === 'or') return [{ $or: readBranches(value, fields, depth) }];
    if (name === 'not') return [noneOf([readFilter(value, fields, depth + 1)])];
    const read = fields[name];
    return read === undefined ? [] : [read(value)];
  });
  return allOf(conditions.filter((condition) => Object.keys(condition).length > 0));
}

/** Says whether a filter input asks for a field at its top level: then that field's index is the one to use. */
export function asksFor(filter: object | null | undefined, field: string): boolean {
  return filter != null && (Reflect.get(filter, field) ?? null) !== null;
}
