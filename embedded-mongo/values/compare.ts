// The order of BSON values, as MongoDB compares them: by kind first, then by value. The bytes of `keyEncoding.ts`
// follow the same order; a property test holds the two together.
import { Binary, type BSONRegExp, type Code, Decimal128, type ObjectId, Timestamp } from 'bson';
import { KIND, type Doc, kindOf, numeric } from './kinds.ts';
import { splitNumber } from './numberKey.ts';

function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at += 1) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a === b) continue;
    // UTF-8 bytes are compared: a character beyond the first plane is greater than any other, though its halves are not.
    const [highA, highB] = [(a & 0xf800) === 0xd800, (b & 0xf800) === 0xd800];
    if (highA !== highB) return highA ? 1 : -1;
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
}

function order(left: number | bigint, right: number | bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareNumbers(left: unknown, right: unknown): number {
  const a = numeric(left) ?? 0;
  const b = numeric(right) ?? 0;
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    const [one, two] = [splitNumber(a), splitNumber(b)];
    return compareNumbers(one.base, two.base) || order(one.rest, two.rest);
  }
  const [lost, other] = [Number.isNaN(Number(a)), Number.isNaN(Number(b))];
  if (lost || other) return lost ? (other ? 0 : -1) : 1;
  return order(a, b);
}

/** Takes a binary value in any form; gives its subtype and its bytes. */
export function binaryParts(value: unknown): { subtype: number; bytes: Uint8Array } {
  if (value instanceof Binary) return { subtype: value.sub_type, bytes: value.buffer.subarray(0, value.position) };
  return { subtype: 0, bytes: value as Uint8Array };
}

function compareBinaries(left: unknown, right: unknown): number {
  const [a, b] = [binaryParts(left), binaryParts(right)];
  return a.bytes.length - b.bytes.length || a.subtype - b.subtype || Buffer.compare(a.bytes, b.bytes);
}

/** Takes a regular expression in any form; gives its pattern and its options. */
export function regexParts(value: unknown): { pattern: string; options: string } {
  if (value instanceof RegExp) return { pattern: value.source, options: value.flags.replace('g', '') };
  const regex = value as BSONRegExp;
  return { pattern: regex.pattern, options: regex.options };
}

function compareRegexes(left: unknown, right: unknown): number {
  const [a, b] = [regexParts(left), regexParts(right)];
  return compareStrings(a.pattern, b.pattern) || compareStrings(a.options, b.options);
}

function compareDocs(left: Doc, right: Doc): number {
  const [namesA, namesB] = [Object.keys(left), Object.keys(right)];
  const shared = Math.min(namesA.length, namesB.length);
  for (let at = 0; at < shared; at += 1) {
    const [nameA = '', nameB = ''] = [namesA[at], namesB[at]];
    const [a, b] = [left[nameA], right[nameB]];
    const found = kindOf(a) - kindOf(b) || compareStrings(nameA, nameB) || compareValues(a, b);
    if (found !== 0) return found;
  }
  return namesA.length - namesB.length;
}

function compareArrays(left: readonly unknown[], right: readonly unknown[]): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at += 1) {
    const found = compareValues(left[at], right[at]);
    if (found !== 0) return found;
  }
  return left.length - right.length;
}

/** Takes a date, timestamp or boolean; gives its place among its kind. */
function scalarOrder(value: unknown): number | bigint {
  if (value instanceof Timestamp) return value.toBigInt();
  return Number(value);
}

/** Gives below 0, 0 or above 0 as `left` sorts before, with or after `right`. Absent counts as null. */
export function compareValues(left: unknown, right: unknown): number {
  const kind = kindOf(left);
  const byKind = kind - kindOf(right);
  if (byKind !== 0) return byKind;
  switch (kind) {
    case KIND.number:
      return compareNumbers(left, right);
    case KIND.string:
      return compareStrings(String(left), String(right));
    case KIND.object:
      return compareDocs(left as Doc, right as Doc);
    case KIND.array:
      return compareArrays(left as unknown[], right as unknown[]);
    case KIND.binary:
      return compareBinaries(left, right);
    case KIND.objectId:
      return Buffer.compare((left as ObjectId).id, (right as ObjectId).id);
    case KIND.regex:
      return compareRegexes(left, right);
    case KIND.code:
      return compareStrings((left as Code).code, (right as Code).code);
    case KIND.boolean:
    case KIND.date:
    case KIND.timestamp:
      return order(scalarOrder(left), scalarOrder(right));
    default:
      return 0;
  }
}

/** Whether two values are equal for a query: the same kind and value, numbers across their types. */
export function equalValues(left: unknown, right: unknown): boolean {
  return left === right || compareValues(left, right) === 0;
}
