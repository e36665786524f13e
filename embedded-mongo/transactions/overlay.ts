// A transaction's view: the tables as they were when it began, with its own writes laid over them. A document that the
// transaction wrote is read from the overlay alone, everything else from the snapshot.
import { type CollectionInfo, type IndexInfo } from '../store/catalogEntries.ts';
import type { DocKeys } from '../store/indexKeys.ts';
import type { Sqlite } from '../store/sqlite.ts';
import {
  type DocRow,
  type IndexRow,
  type Interval,
  type Reader,
  type ScanOptions,
  TableReader,
} from '../store/tableReader.ts';
import type { Doc } from '../values/kinds.ts';
import { SortedKeys } from './sortedKeys.ts';

/** What a transaction did to one document: as it was (undefined: new) and as it is (undefined: gone). */
export interface Touched {
  readonly before: DocKeys | undefined;
  readonly after: { readonly bytes: Uint8Array; readonly doc: Doc; readonly keys: DocKeys } | undefined;
}

type TouchedRows = Map<number, Touched>;

/** The keys that one index has of the documents that the transaction wrote: as they are, and as the snapshot has them. */
interface OwnKeys {
  readonly index: IndexInfo;
  readonly now: SortedKeys;
  readonly before: SortedKeys;
}

/** What a transaction wrote in one collection. Keys are kept of the indexes that were asked for. */
class OwnDocuments {
  readonly rows: TouchedRows = new Map();
  private readonly keys = new Map<number, OwnKeys>();

  /** Remembers what became of a document; what it was before the transaction stays. */
  set(row: number, touched: Touched): void {
    const earlier = this.rows.get(row);
    this.rows.set(row, earlier ? { ...touched, before: earlier.before } : touched);
    for (const { index, now, before } of this.keys.values()) {
      for (const key of keysIn(index, earlier?.after?.keys)) now.delete({ key, row });
      for (const key of keysIn(index, touched.after?.keys)) now.add({ key, row });
      if (!earlier) for (const key of keysIn(index, touched.before)) before.add({ key, row });
    }
  }

  keysIn(index: IndexInfo): OwnKeys {
    const known = this.keys.get(index.id);
    if (known) return known;
    const made: OwnKeys = { index, now: new SortedKeys(), before: new SortedKeys() };
    this.keys.set(index.id, made);
    for (const [row, touched] of this.rows) {
      for (const key of keysIn(index, touched.after?.keys)) made.now.add({ key, row });
      for (const key of keysIn(index, touched.before)) made.before.add({ key, row });
    }
    return made;
  }
}

function keysIn(index: IndexInfo, keys: DocKeys | undefined): readonly Buffer[] {
  return keys?.in(index).keys ?? [];
}

/** Leaves out the documents that the transaction wrote. */
function* without(base: Generator<IndexRow>, written: ReadonlyMap<number, Touched>): Generator<IndexRow> {
  for (const row of base) if (!written.has(row.row)) yield row;
}

/** Takes two ordered sources; gives their rows in one order. */
function* merge(base: Generator<IndexRow>, own: Generator<IndexRow>, reverse: boolean): Generator<IndexRow> {
  let next = own.next();
  for (const row of base) {
    for (; !next.done; next = own.next()) {
      const order = Buffer.compare(next.value.key, row.key) || next.value.row - row.row;
      if (reverse ? order < 0 : order > 0) break;
      yield next.value;
    }
    yield row;
  }
  for (; !next.done; next = own.next()) yield next.value;
}

/** Reads a snapshot and the overlay together. */
export class OverlayReader implements Reader {
  private readonly base: TableReader;
  private readonly startedAt: number;
  private readonly touched = new Map<number, OwnDocuments>();

  constructor(snapshot: Sqlite, startedAt: number) {
    this.base = new TableReader(snapshot);
    this.startedAt = startedAt;
  }

  sees(createdAt: number): boolean {
    return createdAt <= this.startedAt;
  }

  /** The documents of a collection that the transaction wrote. */
  rowsOf(collection: CollectionInfo): ReadonlyMap<number, Touched> {
    return this.ownOf(collection).rows;
  }

  /** Lays a document that the transaction wrote over the snapshot. */
  touch(collection: CollectionInfo, row: number, touched: Touched): void {
    this.ownOf(collection).set(row, touched);
  }

  docAt(collection: CollectionInfo, row: number): Uint8Array | undefined {
    const own = this.rowsOf(collection).get(row);
    if (own) return own.after?.bytes;
    return this.hasBase(collection) ? this.base.docAt(collection, row) : undefined;
  }

  /** Gives the row that has a key of a unique index: every write of a transaction asks for it. */
  rowOf(collection: CollectionInfo, index: IndexInfo, key: Uint8Array): number | undefined {
    const own = this.ownOf(collection);
    const mine = own.rows.size === 0 ? undefined : own.keysIn(index).now.rowOf(key);
    if (mine !== undefined || !this.hasBase(collection)) return mine;
    const row = this.base.rowOf(index, key);
    // What the transaction wrote has the keys that it was given.
    return row === undefined || own.rows.has(row) ? undefined : row;
  }

  *scanIndex(
    collection: CollectionInfo,
    index: IndexInfo,
    interval: Interval,
    options: ScanOptions,
  ): Generator<IndexRow> {
    const base = this.hasBase(collection) ? this.base.scanIndex(collection, index, interval, options) : undefined;
    const rows = this.rowsOf(collection);
    if (rows.size === 0) {
      // Nothing lies over the snapshot here: most reads of a transaction are like this.
      if (base) yield* base;
      return;
    }
    const own = this.ownRows(collection, index, interval, options);
    if (base) yield* merge(without(base, rows), own, options.reverse);
    else yield* own;
  }

  *scanPoints(
    collection: CollectionInfo,
    index: IndexInfo,
    keys: readonly Buffer[],
    options: ScanOptions,
  ): Generator<IndexRow> {
    const base = this.hasBase(collection) ? this.base.scanPoints(collection, index, keys, options) : undefined;
    const rows = this.rowsOf(collection);
    if (rows.size === 0) {
      if (base) yield* base;
      return;
    }
    const own = this.ownPoints(collection, index, keys, options);
    if (base) yield* merge(without(base, rows), own, options.reverse);
    else yield* own;
  }

  *scanAll(collection: CollectionInfo, reverse: boolean): Generator<DocRow> {
    const rows = this.rowsOf(collection);
    if (this.hasBase(collection)) {
      for (const row of this.base.scanAll(collection, reverse)) if (!rows.has(row.row)) yield row;
    }
    for (const [row, { after }] of rows) if (after) yield { row, bytes: after.bytes };
  }

  countKeys(collection: CollectionInfo, index: IndexInfo, interval: Interval, max: number): number {
    const { now, before } = this.ownOf(collection).keysIn(index);
    const gone = before.count(interval);
    const baseMax = Math.min(max + gone, Number.MAX_SAFE_INTEGER);
    const base = this.hasBase(collection) ? this.base.countKeys(collection, index, interval, baseMax) - gone : 0;
    return Math.min(max, base + now.count(interval));
  }

  private ownOf(collection: CollectionInfo): OwnDocuments {
    const known = this.touched.get(collection.id);
    if (known) return known;
    const made = new OwnDocuments();
    this.touched.set(collection.id, made);
    return made;
  }

  private hasBase(collection: CollectionInfo): boolean {
    return !collection.pending && this.sees(collection.createdAt);
  }

  private *ownPoints(
    collection: CollectionInfo,
    index: IndexInfo,
    keys: readonly Buffer[],
    options: ScanOptions,
  ): Generator<IndexRow> {
    for (const key of keys) {
      yield* this.ownRows(collection, index, { lo: key, hi: Buffer.concat([key, Buffer.of(0)]) }, options);
    }
  }

  private *ownRows(
    collection: CollectionInfo,
    index: IndexInfo,
    interval: Interval,
    { reverse, withDocs }: ScanOptions,
  ): Generator<IndexRow> {
    const own = this.ownOf(collection);
    for (const { key, row } of own.keysIn(index).now.range(interval, reverse)) {
      yield { key, row, bytes: withDocs ? own.rows.get(row)?.after?.bytes : undefined };
    }
  }
}
