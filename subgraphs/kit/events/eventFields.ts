// The fields that the events of all subgraphs are made of, as JSON has them. The only other file with zod is
// eventType.ts; the subgraphs' `events.ts` take it from here.
import { z } from 'zod';
import type { EntityDocument } from '../write/entityDocument.ts';

export { z };

/** An id of an entity. */
export const id = z.string();
/** A moment: RFC 3339 in UTC with milliseconds. */
export const moment = z.iso.datetime({ precision: 3 });
/** A moment, or null. */
export const momentOrNull = moment.nullable();
/** A text, or null. */
export const textOrNull = z.string().nullable();
/** A whole number: counts, and amounts in a currency's smallest unit. */
export const whole = z.int();
/** How another system knows the entity. */
export const externalRef = z.object({ source: z.string(), id: z.string() });
/** How a customer can be reached. */
export const channel = z.enum(['EMAIL', 'SMS', 'PUSH', 'WEB']);
/** Who gets the credit for an order. */
export const attributionModel = z.enum(['FIRST_TOUCH', 'LAST_TOUCH', 'LINEAR']);

/** The fields that the state of every entity with a version has. */
export const stamps = { createdAt: moment, updatedAt: moment, deletedAt: momentOrNull };

/** Takes a moment or null; gives it as JSON has it. */
export function iso(value: Date): string;
export function iso(value: Date | null): string | null;
export function iso(value: Date | null): string | null {
  return value === null ? null : value.toISOString();
}

/** Takes an entity; gives the fields of `stamps`. */
export function stampsOf({ createdAt, updatedAt, deletedAt }: EntityDocument) {
  return { createdAt: iso(createdAt), updatedAt: iso(updatedAt), deletedAt: iso(deletedAt) };
}

/** Takes something with a reference from outside; gives that alone, without what the database adds. */
export function refOf({
  externalRef: ref,
}: {
  readonly externalRef: { readonly source: string; readonly id: string };
}) {
  return { source: ref.source, id: ref.id };
}
