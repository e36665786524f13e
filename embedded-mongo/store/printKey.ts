// A key value as MongoDB prints it in the message of E11000.
import { ObjectId } from 'bson';
import { type Doc, asNumber, isDoc, kindOf, KIND } from '../values/kinds.ts';

function printValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (kindOf(value) === KIND.number) return String(asNumber(value));
  if (Array.isArray(value)) return `[ ${value.map(printValue).join(', ')} ]`;
  if (isDoc(value)) return printKey(value);
  return typeof value === 'symbol' ? 'undefined' : JSON.stringify(value);
}

/** Takes the values of a key by their paths; gives them as `{ path: value, … }`. */
export function printKey(values: Doc): string {
  const parts = Object.entries(values).map(([path, value]) => `${path}: ${printValue(value)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}
