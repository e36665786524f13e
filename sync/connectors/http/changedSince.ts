// From when on an API is asked for what changed. Its pages need not be in the order of changes: what changed on a page
// that was read already can be older than what a later page shows. So nothing newer than the reading's own beginning
// counts as seen.

const NUMBER = /^[-+]?\d+(?:\.\d+)?$/;

/** Gives the milliseconds of a moment; undefined for a number, which is a place in the API's own count, and for all else. */
function momentMs(text: string): number | undefined {
  const ms = NUMBER.test(text) ? NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Says whether a value of the field that tells changes is the later one: moments and numbers by their value. */
export function isLater(left: string, right: string): boolean {
  const [a, b] = [momentMs(left), momentMs(right)];
  if (a !== undefined && b !== undefined) return a > b;
  if ([left, right].every((text) => /^-?\d+$/.test(text))) return BigInt(left) > BigInt(right);
  return NUMBER.test(left) && NUMBER.test(right) ? Number(left) > Number(right) : left > right;
}

/**
 * Takes the newest value that was seen and the moment (ISO 8601) at which the API answered with the first page; gives
 * from where the next reading has to begin: the earlier one. What is no moment is taken as it is.
 */
export function seenWhole(newest: string | null, began: string | null): string | null {
  if (newest === null || began === null || momentMs(newest) === undefined) return newest;
  return isLater(newest, began) ? began : newest;
}

/** Takes a value and an overlap in seconds; gives the moment so long before it. What is no moment stays as it is. */
export function before(value: string, overlapSeconds: number): string {
  const ms = momentMs(value);
  return ms === undefined ? value : new Date(ms - overlapSeconds * 1_000).toISOString();
}
