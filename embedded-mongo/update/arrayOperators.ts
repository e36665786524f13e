// The update operators of arrays: $push, $addToSet, $pull, $pullAll, $pop.
import { MongoFault } from '../mongoFault.ts';
import { compareSortKeys, parseSort, sortKey } from '../plan/sortSpec.ts';
import { compileFilter } from '../query/matches.ts';
import { FilterParser } from '../query/parseFilter.ts';
import { typeName } from '../query/typeNames.ts';
import { compareValues, equalValues } from '../values/compare.ts';
import { KIND, type Doc, asNumber, isDoc, kindOf } from '../values/kinds.ts';
import type { Place } from './place.ts';

const parser = new FilterParser(() => {
  throw new MongoFault(2, '$expr is not allowed in $pull');
});

const PUSH_MODIFIERS = new Set(['$each', '$slice', '$sort', '$position']);

function arrayAt(place: Place, operator: string): unknown[] | undefined {
  const value = place.get();
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value as unknown[];
  throw new MongoFault(2, `The field '${place.path}' must be an array but is of type ${typeName(value)} (${operator})`);
}

function whole(value: unknown, name: string): number {
  const number = asNumber(value);
  if (number === undefined || !Number.isInteger(number))
    throw new MongoFault(2, `The value for ${name} must be an integer value`);
  return number;
}

function eachOf(argument: unknown, operator: string): { items: unknown[]; modifiers: Doc } {
  if (!isDoc(argument) || !('$each' in argument)) {
    return { items: [argument], modifiers: {} };
  }
  if (!Array.isArray(argument['$each']))
    throw new MongoFault(2, `The argument to $each in ${operator} must be an array`);
  const unknown = Object.keys(argument).find((name) => !PUSH_MODIFIERS.has(name));
  if (unknown !== undefined) throw new MongoFault(2, `Unrecognized clause in ${operator}: ${unknown}`);
  return { items: argument['$each'] as unknown[], modifiers: argument };
}

function sortItems(items: unknown[], sort: unknown): unknown[] {
  if (isDoc(sort)) {
    const fields = parseSort(sort);
    const keyed = items.map((item) => ({ item, key: sortKey(isDoc(item) ? item : {}, fields) }));
    return keyed.sort((a, b) => compareSortKeys(a.key, b.key, fields)).map(({ item }) => item);
  }
  const sign = whole(sort, '$sort');
  return [...items].sort((a, b) => compareValues(a, b) * sign);
}

function push(place: Place, argument: unknown): void {
  const { items, modifiers } = eachOf(argument, '$push');
  const old = arrayAt(place, '$push') ?? [];
  const position = modifiers['$position'] === undefined ? old.length : whole(modifiers['$position'], '$position');
  let now = [...old];
  now.splice(position, 0, ...items);
  if (modifiers['$sort'] !== undefined) now = sortItems(now, modifiers['$sort']);
  if (modifiers['$slice'] !== undefined) {
    const slice = whole(modifiers['$slice'], '$slice');
    now = slice < 0 ? now.slice(slice) : now.slice(0, slice);
  }
  place.set(now);
}

function addToSet(place: Place, argument: unknown): void {
  const { items } = eachOf(argument, '$addToSet');
  const now = [...(arrayAt(place, '$addToSet') ?? [])];
  for (const item of items)
    if (!now.some((other) => kindOf(other) === kindOf(item) && equalValues(other, item))) now.push(item);
  place.set(now);
}

function pullTest(argument: unknown): (item: unknown) => boolean {
  if (kindOf(argument) === KIND.regex) {
    const test = compileFilter(parser.parse({ '': argument }));
    return (item) => test({ '': item });
  }
  if (!isDoc(argument)) return (item) => equalValues(item, argument);
  if (Object.keys(argument)[0]?.startsWith('$')) {
    const test = compileFilter(parser.parse({ '': argument }));
    return (item) => test({ '': item });
  }
  const test = compileFilter(parser.parse(argument));
  return (item) => isDoc(item) && test(item);
}

function keep(place: Place, operator: string, stays: (item: unknown) => boolean): void {
  const items = arrayAt(place, operator);
  if (!items) return;
  const now = items.filter(stays);
  if (now.length !== items.length) place.set(now);
}

function pop(place: Place, argument: unknown): void {
  const end = asNumber(argument);
  if (end !== 1 && end !== -1) throw new MongoFault(9, `$pop expects 1 or -1, found: ${String(end)}`);
  const items = arrayAt(place, '$pop');
  if (items && items.length > 0) place.set(end === 1 ? items.slice(0, -1) : items.slice(1));
}

/** Applies one of the operators at a place; gives false when the operator is not one of them. */
export function applyToArray(operator: string, place: Place, argument: unknown): boolean {
  switch (operator) {
    case '$push':
      push(place, argument);
      return true;
    case '$addToSet':
      addToSet(place, argument);
      return true;
    case '$pull': {
      const test = pullTest(argument);
      keep(place, operator, (item) => !test(item));
      return true;
    }
    case '$pullAll': {
      if (!Array.isArray(argument)) throw new MongoFault(2, '$pullAll requires an array argument');
      const gone = argument as unknown[];
      keep(place, operator, (item) => !gone.some((other) => equalValues(item, other)));
      return true;
    }
    case '$pop':
      pop(place, argument);
      return true;
    default:
      return false;
  }
}
