// The kinds of BSON values, in the order in which MongoDB sorts them. Inside this part a document is decoded without
// loss: numbers stay Int32, Double, Long or Decimal128; a plain JavaScript number counts as a number too.
import { BSONValue, Decimal128, Double, Int32, Long, Timestamp } from 'bson';

/** A decoded document. */
export type Doc = Record<string, unknown>;

/** One byte a kind, in sort order; an empty array's index entry has a kind of its own below null. */
export const KIND = {
  minKey: 0x01,
  emptyArray: 0x08,
  null: 0x10,
  number: 0x20,
  string: 0x30,
  object: 0x40,
  array: 0x50,
  binary: 0x60,
  objectId: 0x70,
  boolean: 0x80,
  date: 0x90,
  timestamp: 0xa0,
  regex: 0xb0,
  code: 0xc0,
  maxKey: 0xf0,
} as const;

const BSON_KINDS: Readonly<Record<string, number>> = {
  MinKey: KIND.minKey,
  Int32: KIND.number,
  Double: KIND.number,
  Long: KIND.number,
  Decimal128: KIND.number,
  BSONSymbol: KIND.string,
  DBRef: KIND.object,
  Binary: KIND.binary,
  ObjectId: KIND.objectId,
  Timestamp: KIND.timestamp,
  BSONRegExp: KIND.regex,
  Code: KIND.code,
  MaxKey: KIND.maxKey,
};

function objectKind(value: object): number {
  if (value instanceof BSONValue) return BSON_KINDS[value._bsontype] ?? KIND.object;
  if (Array.isArray(value)) return KIND.array;
  if (value instanceof Date) return KIND.date;
  if (value instanceof RegExp) return KIND.regex;
  if (value instanceof Uint8Array) return KIND.binary;
  return KIND.object;
}

/** Takes any decoded value; gives the byte of its kind. Absent counts as null. */
export function kindOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return KIND.string;
    case 'number':
    case 'bigint':
      return KIND.number;
    case 'boolean':
      return KIND.boolean;
    case 'object':
      return value === null ? KIND.null : objectKind(value);
    default:
      return KIND.null;
  }
}

/** Whether the value is an embedded document (no array, no BSON scalar). */
export function isDoc(value: unknown): value is Doc {
  return typeof value === 'object' && value !== null && kindOf(value) === KIND.object;
}

/** Takes a number of any BSON type; gives it as a number, a bigint (a Long beyond 2^53) or a Decimal128. */
export function numeric(value: unknown): number | bigint | Decimal128 | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Decimal128) return value;
  if (!(value instanceof Long) || value instanceof Timestamp) return undefined;
  const near = value.toNumber();
  return Number.isSafeInteger(near) ? near : value.toBigInt();
}

/** Takes a value that a command needs as a number; gives it as a JavaScript number, or undefined if it is none. */
export function asNumber(value: unknown): number | undefined {
  const found = numeric(value);
  return found === undefined ? undefined : Number(typeof found === 'object' ? found.toString() : found);
}

/** Whether a flag is set: true, or a number other than 0. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const number = asNumber(value);
  return number === undefined ? value !== null && value !== undefined : number !== 0;
}
