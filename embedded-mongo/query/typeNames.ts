// MongoDB's names and numbers of BSON types, for `$type`.
import { BSONValue } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import { KIND, asNumber, kindOf } from '../values/kinds.ts';

const NUMBERS: Readonly<Record<string, string>> = {
  '1': 'double',
  '2': 'string',
  '3': 'object',
  '4': 'array',
  '5': 'binData',
  '6': 'undefined',
  '7': 'objectId',
  '8': 'bool',
  '9': 'date',
  '10': 'null',
  '11': 'regex',
  '12': 'dbPointer',
  '13': 'javascript',
  '14': 'symbol',
  '15': 'javascriptWithScope',
  '16': 'int',
  '17': 'timestamp',
  '18': 'long',
  '19': 'decimal',
  '-1': 'minKey',
  '127': 'maxKey',
};

const KIND_NAMES: Readonly<Record<number, string>> = {
  [KIND.minKey]: 'minKey',
  [KIND.null]: 'null',
  [KIND.string]: 'string',
  [KIND.object]: 'object',
  [KIND.array]: 'array',
  [KIND.binary]: 'binData',
  [KIND.objectId]: 'objectId',
  [KIND.boolean]: 'bool',
  [KIND.date]: 'date',
  [KIND.timestamp]: 'timestamp',
  [KIND.regex]: 'regex',
  [KIND.code]: 'javascript',
  [KIND.maxKey]: 'maxKey',
};

const NUMBER_NAMES: Readonly<Record<string, string>> = {
  Int32: 'int',
  Double: 'double',
  Long: 'long',
  Decimal128: 'decimal',
};

/** Takes an exactly decoded value; gives MongoDB's name of its type. */
export function typeName(value: unknown): string {
  if (value === undefined) return 'missing';
  const kind = kindOf(value);
  if (kind !== KIND.number) return KIND_NAMES[kind] ?? 'object';
  if (value instanceof BSONValue) return NUMBER_NAMES[value._bsontype] ?? 'double';
  return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31 ? 'int' : 'double';
}

function nameFrom(value: unknown): string {
  const name = typeof value === 'string' ? value : (NUMBERS[String(asNumber(value))] ?? '');
  const known = name === 'number' || Object.values(NUMBERS).includes(name);
  if (!known)
    throw new MongoFault(2, `Unknown type name alias: ${typeof value === 'string' ? value : String(asNumber(value))}`);
  return name;
}

/** Takes the argument of `$type`; gives the names that pass. Throws MongoFault 2 for an unknown type. */
export function typeTest(value: unknown): ReadonlySet<string> {
  const names = (Array.isArray(value) ? (value as unknown[]) : [value]).map(nameFrom);
  if (names.length === 0) throw new MongoFault(9, '$type must match at least one type');
  return new Set(names.flatMap((name) => (name === 'number' ? ['int', 'long', 'double', 'decimal'] : [name])));
}
