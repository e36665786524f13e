// Fits a value of a source to the type of the field it is for: numbers that are ids become texts, Dates become moments.
// What would need a guess is refused: a text becomes a number by the transform `number` alone.
import type { ValueType } from './inputTypes.ts';

/** A record that does not fit the mapping; the message tells the field and why, and never the value. */
export class Unmappable extends Error {}

const INT_MAX = 2 ** 31 - 1;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const LISTED_VALUES_MAX = 8;

/** A number as a text, as for an id. One that was read with more digits than a number holds is another one's already. */
export function numberText(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Unmappable('is no number that there is');
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new Unmappable('is a number too large to be exact: let the source give it as a text');
  }
  return String(value);
}

/** A moment as the graph has it. Throws Unmappable for a date that is none, such as 0000-00-00 of a database. */
export function momentText(value: Date): string {
  if (Number.isNaN(value.getTime())) throw new Unmappable('is no date that there is');
  return value.toISOString();
}

function fitText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value);
  if (value instanceof Date) return momentText(value);
  throw new Unmappable(`expects a text, the source has ${describeKind(value)}`);
}

function fitNumber(value: unknown, isFitting: (number: number) => boolean, what: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && isFitting(number)) return number;
  if (typeof number === 'number') throw new Unmappable(`expects ${what}`);
  throw new Unmappable(`expects ${what}, the source has ${describeKind(value)}`);
}

function fitMoment(value: unknown): string {
  if (value instanceof Date) return momentText(value);
  if (typeof value === 'string' && MOMENT.test(value)) return value;
  throw new Unmappable('expects a moment like 2026-01-01T00:00:00.000Z: use the transform date');
}

function fitBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Unmappable(`expects true or false, the source has ${describeKind(value)}`);
}

function describeKind(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a moment';
  return (
    { string: 'a text', number: 'a number', bigint: 'a number', boolean: 'a boolean' }[typeof value as string] ??
    'an object'
  );
}

const FITS: Readonly<Record<string, (value: unknown) => unknown>> = {
  String: fitText,
  ID: fitText,
  Int: (value) => fitNumber(value, (each) => Number.isInteger(each) && Math.abs(each) <= INT_MAX, 'a whole number'),
  SafeInt: (value) => fitNumber(value, Number.isSafeInteger, 'a whole number'),
  Float: (value) => fitNumber(value, Number.isFinite, 'a number'),
  Boolean: fitBoolean,
  DateTime: fitMoment,
};

/** Takes a value that is not null and a type; gives the value as the mutation takes it. Throws Unmappable. */
export function fitValue(value: unknown, type: ValueType): unknown {
  if (type.kind === 'enum') {
    if (typeof value === 'string' && type.values.includes(value)) return value;
    const shown = type.values.slice(0, LISTED_VALUES_MAX).join(', ');
    throw new Unmappable(`expects one of ${shown}: use the transform map`);
  }
  const fit = FITS[type.name];
  if (type.kind === 'object' || fit === undefined) throw new Unmappable(`expects ${type.name}`);
  return fit(value);
}
