// A transaction's view: the tables as they were when it began, with its own writes laid over them. A document that the
// transaction wrote is read from the overlay alone, everything else from the snapshot.
import { type CollectionInfo, type IndexInfo } from '../store/catalogEntries.ts';
import { keysOf } from '../store/indexKeys.ts';
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

/** What a transaction did to one document: as it was (undefined: new) and as it is (undefined: gone). */
export interface Touched {
  readonly before: Doc | undefined;
  readonly after: { readonly bytes: Uint8Array; readonly doc: Doc } | undefined;
  readonly keys: Map<number, readonly Buffer[]>;
}

type TouchedRows = Map<number, Touched>;

function keysInIndex(touched: Touched, index: IndexInfo): readonly Buffer[] {
  const known = touched.keys.get(index.id);
  if (known) return known;
  const made = touched.after ? keysOf(index, touched.after.doc) : { keys: [], multikey: false };
  touched.keys.set(index.id, made.keys);
  return made.keys;
}

/** Takes two ordered sources; gives their rows in one order. */
function* merge(base: Generator<IndexRow>, own: IndexRow[], reverse: boolean): Generator<IndexRow> {
  let at = 0;
  for (const row of base) {
    for (let next = own[at]; next; next = own[at]) {
      const order = Buffer.compare(next.key, row.key) || next.row - row.row;
      if (reverse ? order < 0 : order > 0) break;
      yield next;
      at += 1;
    }
    yield row;
  }
  yield* own.slice(at);
}

/** Reads a snapshot and the overlay together. */
export class OverlayReader implements Reader {
  private readonly base: TableReader;
  private readonly startedAt: number;
  private readonly touched = new Map<number, TouchedRows>();

  constructor(snapshot: Sqlite, startedAt: number) {
    this.base = new TableReader(snapshot);
    this.startedAt = startedAt;
  }

  sees(createdAt: number): boolean {
    return createdAt <= this.startedAt;
  }

  /** The documents of a collection that the transaction wrote. */
  rowsOf(collection: CollectionInfo): TouchedRows {
    const known = this.touched.get(collection.id);
    if (known) return known;
    const rows: TouchedRows = new Map();
    this.touched.set(collection.id, rows);
    return rows;
  }

  docAt(collection: CollectionInfo, row: number): Uint8Array | undefined {
    const own = this.rowsOf(collection).get(row);
    if (own) return own.after?.bytes;
    return this.hasBase(collection) ? this.base.docAt(collection, row) : undefined;
  }

  *scanIndex(
    collection: CollectionInfo,
    index: IndexInfo,
    interval: Interval,
    options: ScanOptions,
  ): Generator<IndexRow> {
    const own = this.ownRows(collection, index, interval, options);
    if (this.hasBase(collection))
      yield* merge(this.untouched(collection, index, interval, options), own, options.reverse);
    else yield* own;
  }

  *scanPoints(
    collection: CollectionInfo,
    index: IndexInfo,
    keys: readonly Buffer[],
    options: ScanOptions,
  ): Generator<IndexRow> {
    for (const key of keys) {
      yield* this.scanIndex(collection, index, { lo: key, hi: Buffer.concat([key, Buffer.of(0)]) }, options);
    }
  }

  *scanAll(collection: CollectionInfo, reverse: boolean): Generator<DocRow> {
    const rows = this.rowsOf(collection);
    if (this.hasBase(collection)) {
      for (const row of this.base.scanAll(collection, reverse)) if (!rows.has(row.row)) yield row;
    }
    for (const [row, { after }] of rows) if (after) yield { row, bytes: after.bytes };
  }

  countKeys(collection: CollectionInfo, index: IndexInfo, interval: Interval, max: number): number {
    const base = this.hasBase(collection) ? this.base.countKeys(collection, index, interval, max) : 0;
    return Math.min(max, base + this.rowsOf(collection).size);
  }

  private hasBase(collection: CollectionInfo): boolean {
    return !collection.pending && this.sees(collection.createdAt);
  }

  private *untouched(
    collection: CollectionInfo,
    index: IndexInfo,
    interval: Interval,
    options: ScanOptions,
  ): Generator<IndexRow> {
    const rows = this.rowsOf(collection);
    for (const row of this.base.scanIndex(collection, index, interval, options)) if (!rows.has(row.row)) yield row;
  }

  private ownRows(
    collection: CollectionInfo,
    index: IndexInfo,
    { lo, hi }: Interval,
    options: ScanOptions,
  ): IndexRow[] {
    const found: IndexRow[] = [];
    for (const [row, touched] of this.rowsOf(collection)) {
      for (const key of keysInIndex(touched, index)) {
        if (Buffer.compare(key, lo) < 0 || Buffer.compare(key, hi) >= 0) continue;
        found.push({ key, row, bytes: options.withDocs ? touched.after?.bytes : undefined });
      }
    }
    found.sort((a, b) => Buffer.compare(a.key, b.key) || a.row - b.row);
    return options.reverse ? found.reverse() : found;
  }
}
