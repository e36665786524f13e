// Reads what an owner has and what a follower copied, by ranges of the key, as hashes of the compared values. Reads only,
// beside all writes; a range is bounded, so that neither side is ever in memory as a whole.
import { createHash } from 'node:crypto';
import type mongoose from 'mongoose';
import type { CopiedView, DriftView, OwnedView } from './driftPairs.ts';

type Db = mongoose.mongo.Db;
type Row = Readonly<Record<string, unknown>>;

/** The rows of one key: what the compared values are, as hashes by their names. */
export interface KeyedHashes {
  readonly key: string;
  readonly hashes: Readonly<Record<string, string>>;
  /** Whether there is any value at all. */
  readonly hasValue: boolean;
}

/** Keys after one and up to another (undefined: no end), or a list of them. */
export type KeyRange =
  { readonly after: string; readonly upto: string | undefined } | { readonly keys: readonly string[] };

/** How many of an owner's rows make a range. */
export const RANGE_ROWS = 500;

const HASH_CHARACTERS = 22;

function valueAt(document: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, step) => {
    if (Array.isArray(at)) return at.at(Number(step)) as unknown;
    return at !== null && typeof at === 'object' ? Reflect.get(at, step) : undefined;
  }, document);
}

function hashOf(value: unknown): string {
  // JSON writes dates in the one form; null, nothing and zero are what a follower holds of no value.
  return createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('base64url')
    .slice(0, HASH_CHARACTERS);
}

/** Takes values by their names; gives them hashed. */
export function hashValues(key: string, values: Readonly<Record<string, unknown>>): KeyedHashes {
  const hashes = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hashOf(value)]));
  const hasValue = Object.values(values).some((value) => value !== undefined && value !== null && value !== 0);
  return { key, hashes, hasValue };
}

interface CopiedGroup {
  readonly key: unknown;
  readonly value: Row;
  readonly where: readonly unknown[];
}

/** The rows of one tenant. */
export class DriftRows {
  readonly #db: (subgraph: string) => Db;
  readonly #tenantId: string;

  constructor(db: (subgraph: string) => Db, tenantId: string) {
    this.#db = db;
    this.#tenantId = tenantId;
  }

  /** Gives the owner's rows of a range, by key, at most RANGE_ROWS of an open one. */
  async owned(subgraph: string, view: OwnedView, range: KeyRange): Promise<KeyedHashes[]> {
    const fields = Object.values(view.value).map((path) => path.split('.')[0] ?? path);
    const projection = Object.fromEntries([view.key, ...fields].map((field) => [field, 1]));
    const limit = 'keys' in range ? range.keys.length : RANGE_ROWS;
    const rows = await this.#db(subgraph)
      .collection<Row>(view.collection)
      .find(this.#filter(view, range), { projection, sort: { [view.key]: 1 }, limit, batchSize: limit + 1 })
      .toArray();
    const empty = Object.keys(view.value);
    return rows.map((row) => {
      const key = this.#keyOf(view, row[view.key]);
      const values = Object.fromEntries(
        empty.map((name) => [name, valueAt(row, view.value[name] ?? '') ?? view.empty?.[name]]),
      );
      return hashValues(key, values);
    });
  }

  /** Gives the distinct copies of a range; several of a key where rows differ. Copies made by somebody else have none. */
  async copied(subgraph: string, view: CopiedView, range: KeyRange): Promise<Map<string, (KeyedHashes | 'foreign')[]>> {
    const names = Object.keys(view.value);
    const where = Object.entries(view.where ?? {});
    const id = {
      key: `$${view.key}`,
      value: Object.fromEntries(names.map((name) => [name, `$${view.value[name] ?? ''}`])),
      where: where.map(([field]) => `$${field}`),
    };
    const groups = await this.#db(subgraph)
      .collection(view.collection)
      .aggregate<{ _id: CopiedGroup }>([{ $match: this.#filter(view, range) }, { $group: { _id: id } }])
      .toArray();
    const found = new Map<string, (KeyedHashes | 'foreign')[]>();
    for (const { _id: group } of groups) {
      const key = this.#keyOf(view, group.key);
      const isOurs = where.every(([, expected], at) => (group.where[at] ?? null) === expected);
      const copy = hashValues(key, Object.fromEntries(names.map((name) => [name, group.value[name]])));
      found.set(key, [...(found.get(key) ?? []), isOurs ? copy : 'foreign']);
    }
    return found;
  }

  #filter(view: DriftView, range: KeyRange): Record<string, unknown> {
    const prefix = view.isKeyPrefixed === true ? `${this.#tenantId}:` : '';
    if ('keys' in range)
      return { tenantId: this.#tenantId, [view.key]: { $in: range.keys.map((key) => prefix + key) } };
    const end = range.upto === undefined ? {} : { $lte: prefix + range.upto };
    return { tenantId: this.#tenantId, [view.key]: { $gt: prefix + range.after, ...end } };
  }

  #keyOf(view: DriftView, stored: unknown): string {
    const text = String(stored);
    return view.isKeyPrefixed === true ? text.slice(this.#tenantId.length + 1) : text;
  }
}
