// What a follower needs of an event's data, checked on its side: who told it may be of another release. The words of a
// fault name fields, never values.
import { isIdOf, type IdPrefix } from '../../../contracts/entityId.ts';

/** Says what is wrong with a value; nothing where it is right. */
export type FieldCheck = (value: unknown) => boolean;

/** A text. */
export const isText: FieldCheck = (value) => typeof value === 'string';
/** A whole number. */
export const isWhole: FieldCheck = (value) => Number.isSafeInteger(value);
/** A moment. */
export const isMoment: FieldCheck = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));

/** An id with a prefix. */
export function isId(prefix: IdPrefix): FieldCheck {
  return (value) => isIdOf(prefix, value);
}

/** What `check` accepts, or null. */
export function orNull(check: FieldCheck): FieldCheck {
  return (value) => value === null || check(value);
}

/** A list of objects with these fields. */
export function listOf(fields: Readonly<Record<string, FieldCheck>>): FieldCheck {
  return (value) => Array.isArray(value) && value.every((each) => faultOf(fields, each) === undefined);
}

function faultOf(fields: Readonly<Record<string, FieldCheck>>, value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return 'data is no object';
  const wrong = Object.entries(fields).find(([name, check]) => !check(Reflect.get(value, name)));
  return wrong === undefined ? undefined : `data.${wrong[0]} is missing or not what it was`;
}

/** Takes the fields that a follower reads; gives the check of an event's data. */
export function needsFields(fields: Readonly<Record<string, FieldCheck>>): (data: unknown) => string | undefined {
  return (data) => faultOf(fields, data);
}
