// Names a finding through pushes, rebases and merge queues: an approval is an approval of exactly this change.
import { createHash } from 'node:crypto';

/** What of a finding makes it the same finding: neither its place nor its words do. */
export interface Fingerprinted {
  readonly code: string;
  readonly coordinate: string | undefined;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The contracts that alone show it: what is approved for one of them is not approved for the whole graph. */
  readonly contracts?: readonly string[];
}

const DIGITS = 16;

/** Takes what changed from what to what; gives the first 16 hexadecimal digits of its SHA-256. */
export function fingerprintOf({ code, coordinate, before, after, contracts = [] }: Fingerprinted): string {
  // As JSON, so that no text can move from one part into the next.
  const text = JSON.stringify([code, coordinate ?? null, before ?? null, after ?? null, ...contracts.toSorted()]);
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}
