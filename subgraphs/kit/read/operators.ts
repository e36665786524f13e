// The only file that builds MongoDB operators for a filter. `sanitizeFilter` turns every object that looks like an
// operator into a plain value unless it was made here (reliability.md, F11 and F13); lint refuses `trusted` elsewhere.
import mongoose from 'mongoose';

/** A part of a filter whose operators this file made. */
export type Condition = Record<string, unknown>;

/** Takes checked values; gives the condition that a field is one of them. */
export function inList(values: readonly (string | number | boolean | Date)[]): Condition {
  return mongoose.trusted({ $in: [...values] });
}

/** Takes bounds, each optional; gives the condition that a field lies within them. */
export function within(bounds: { gt?: unknown; gte?: unknown; lt?: unknown; lte?: unknown }): Condition {
  const given = Object.entries(bounds).filter(([, value]) => value !== undefined && value !== null);
  return mongoose.trusted(Object.fromEntries(given.map(([name, value]) => [`$${name}`, value])));
}

/** The last of all characters in the order that MongoDB compares texts by, that of their UTF-8 bytes. */
const LAST_CHARACTER = '\u{10ffff}';

/** Takes a prefix; gives the range of the texts that begin with it. No pattern reaches the database. */
export function startsWith(prefix: string): Condition {
  return within({ gte: prefix, lt: `${prefix}${LAST_CHARACTER}` });
}

/** Takes a condition on the elements of a list field; gives the condition that one element meets it whole. */
export function someElement(condition: Condition): Condition {
  return mongoose.trusted({ $elemMatch: condition });
}

/** Gives the condition that a document meets none of these. */
export function noneOf(conditions: readonly Condition[]): Condition {
  return { $nor: mongoose.trusted([...conditions] as unknown as Condition) };
}
