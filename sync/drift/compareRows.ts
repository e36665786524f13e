// What differs between an owner's rows and the copies of them. Pure; tells keys and names of fields, never values.
import type { DriftPair } from './driftPairs.ts';
import { hashValues, type KeyedHashes } from './readRows.ts';

/** A copy that is not what its owner says. */
export interface Difference {
  readonly key: string;
  /** `missing`: there is no copy; `differs`: in the named fields. */
  readonly kind: 'missing' | 'differs';
  readonly fields: readonly string[];
  /** What the copy was: it lasts when it is still the same later. */
  readonly copyHash: string;
}

function fieldsThatDiffer(owned: KeyedHashes, copies: readonly KeyedHashes[]): string[] {
  return Object.keys(owned.hashes).filter((name) => copies.some(({ hashes }) => hashes[name] !== owned.hashes[name]));
}

function differenceOf(
  { copied: { isComplete }, owned: { empty } }: DriftPair,
  owned: KeyedHashes,
  copies: readonly (KeyedHashes | 'foreign')[],
): Difference | undefined {
  const { key } = owned;
  const ours = copies.filter((copy) => copy !== 'foreign');
  if (ours.length < copies.length) return undefined;
  // Of an owner's row without a value there is nothing to copy, unless the owner says what a copy holds then.
  if (!owned.hasValue && empty === undefined) return undefined;
  const copyHash = JSON.stringify(ours.map(({ hashes }) => hashes));
  if (ours.length === 0) {
    if (!isComplete || !owned.hasValue) return undefined;
    return { key, kind: 'missing', fields: Object.keys(owned.hashes), copyHash };
  }
  const fields = fieldsThatDiffer(owned, ours);
  return fields.length === 0 ? undefined : { key, kind: 'differs', fields, copyHash };
}

/** Takes a pair, the owner's rows and the copies of the same keys; gives what differs. */
export function compareRows(
  pair: DriftPair,
  owned: readonly KeyedHashes[],
  copies: ReadonlyMap<string, readonly (KeyedHashes | 'foreign')[]>,
): Difference[] {
  const known = new Map(owned.map((row) => [row.key, row]));
  const { empty } = pair.owned;
  // Copies of what the owner never had: compared with what a copy holds then, where the owner says so.
  for (const key of empty === undefined ? [] : copies.keys()) {
    if (empty !== undefined && !known.has(key)) known.set(key, hashValues(key, empty));
  }
  return [...known.values()].flatMap((row) => differenceOf(pair, row, copies.get(row.key) ?? []) ?? []);
}
