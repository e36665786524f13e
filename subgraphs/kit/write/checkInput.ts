// Checks of input values beyond what GraphQL's types say. Each gives undefined, or a sentence that the client may read.

/** A fault of an input value in public words, or none. */
export type Fault = string | undefined;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Gives the first fault of several. */
export function firstFault(...faults: Fault[]): Fault {
  return faults.find((fault) => fault !== undefined);
}

/** Checks a text that must be there, 1 to `lengthMax` characters. */
export function checkText(name: string, value: string | null | undefined, lengthMax: number): Fault {
  if (value == null || value.trim() === '') return `${name} must not be empty.`;
  return value.length > lengthMax ? `${name} has at most ${lengthMax} characters.` : undefined;
}

/** Checks a text that may be absent or null. */
export function checkOptionalText(name: string, value: string | null | undefined, lengthMax: number): Fault {
  return value == null ? undefined : checkText(name, value, lengthMax);
}

/** Checks an e-mail address that may be absent or null. */
export function checkEmail(value: string | null | undefined): Fault {
  if (value == null || (value.length <= 254 && EMAIL.test(value))) return undefined;
  return 'email is not an e-mail address.';
}

/** Checks a country as ISO 3166 has it. */
export function checkCountry(value: string): Fault {
  return /^[A-Z]{2}$/.test(value) ? undefined : 'countryCode is two capital letters (ISO 3166).';
}

/** Checks that a natural key is given whole or not at all. */
export function checkExternalRef(input: { source?: string | null; externalId?: string | null }): Fault {
  if (input.source == null && input.externalId == null) return undefined;
  return firstFault(checkText('source', input.source, 100), checkText('externalId', input.externalId, 100));
}

const EARLIEST_MS = 0;
const LATEST_MS = Date.UTC(2100, 0, 1);

/** Checks a moment that is to lie between 1970 and 2100. */
export function checkMoment(name: string, value: Date): Fault {
  const ms = value.getTime();
  return ms >= EARLIEST_MS && ms < LATEST_MS ? undefined : `${name} must lie between 1970 and 2100.`;
}
