// How long a try waits for the next: exponential, with jitter, so that many that failed together do not come together.

const FIRST_MS = 200;
const LONGEST_MS = 60_000;

/** How often an event is tried before it is parked. */
export const TRIES_MAX = 8;

/**
 * Takes how many tries failed so far, from 1, and a draw from 0 up to 1; gives the wait in milliseconds: between half of
 * 200 ms doubled with each try, and the whole; never more than 60 s.
 */
export function backoffMs(triesFailed: number, draw: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (triesFailed - 1));
  return fullMs / 2 + (fullMs / 2) * draw;
}
