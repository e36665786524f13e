// Reads documents and index entries from one SQLite connection, in chunks: no statement stays open between two rows, so
// a cursor may rest for minutes and writes go on meanwhile.
import type { CollectionInfo, IndexInfo } from './catalogEntries.ts';
import type { List, Sqlite } from './sqlite.ts';

/** Keys from `lo` (included) to `hi` (excluded). */
export interface Interval {
  readonly lo: Buffer;
  readonly hi: Buffer;
}

/** One index entry; `bytes` is the document when it was asked for. */
export interface IndexRow {
  readonly key: Uint8Array;
  readonly row: number;
  readonly bytes: Uint8Array | undefined;
}

/** One document with its row number. */
export interface DocRow {
  readonly row: number;
  readonly bytes: Uint8Array;
}

/** How an index is read: backwards or not, with documents or keys alone, and how many rows are likely wanted. */
export interface ScanOptions {
  readonly reverse: boolean;
  /** Looked at before each chunk: documents may be left out from some row on. */
  readonly withDocs: boolean;
  readonly firstChunk: number;
}

/** What a plan reads from: the tables themselves, or a transaction's view of them. */
export interface Reader {
  /** Whether what was made by write number `createdAt` is visible. */
  sees(createdAt: number): boolean;
  docAt(collection: CollectionInfo, row: number): Uint8Array | undefined;
  scanIndex(
    collection: CollectionInfo,
    index: IndexInfo,
    interval: Interval,
    options: ScanOptions,
  ): Generator<IndexRow>;
  /** Gives the entries of a unique index that have one of the keys, which come in the order of the scan. */
  scanPoints(
    collection: CollectionInfo,
    index: IndexInfo,
    keys: readonly Buffer[],
    options: ScanOptions,
  ): Generator<IndexRow>;
  scanAll(collection: CollectionInfo, reverse: boolean): Generator<DocRow>;
  /** How many entries the interval has, counted up to `max`. */
  countKeys(collection: CollectionInfo, index: IndexInfo, interval: Interval, max: number): number;
}

const CHUNK_MAX = 512;
const POINTS_AT_ONCE = 50;
const POINT_PLACES = Array.from({ length: POINTS_AT_ONCE }, () => '?').join(', ');

/** Takes key, row and perhaps bytes, as `indexSql` selects them. */
function toIndexRow([key, row, bytes]: List): IndexRow {
  return { key: key as Uint8Array, row: Number(row), bytes: bytes as Uint8Array | undefined };
}

function fromTables(collection: CollectionInfo, index: IndexInfo, withDocs: boolean): string {
  return withDocs
    ? `, d.bytes FROM ${index.table} i CROSS JOIN ${collection.table} d ON d.row = i.row`
    : ` FROM ${index.table} i`;
}

function indexSql(collection: CollectionInfo, index: IndexInfo, options: ScanOptions, resumed: boolean): string {
  const { reverse, withDocs } = options;
  const step = reverse ? '<' : '>';
  const edge = index.unique ? `i.key ${step} ?` : `(i.key, i.row) ${step} (?, ?)`;
  const range = resumed ? `${edge} AND ${reverse ? 'i.key >= ?' : 'i.key < ?'}` : 'i.key >= ? AND i.key < ?';
  const direction = reverse ? 'DESC' : 'ASC';
  const order = index.unique ? `i.key ${direction}` : `i.key ${direction}, i.row ${direction}`;
  return `SELECT i.key, i.row${fromTables(collection, index, withDocs)} WHERE ${range} ORDER BY ${order} LIMIT ?`;
}

/** Reads one connection's tables. */
export class TableReader implements Reader {
  private readonly sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.sqlite = sqlite;
  }

  sees(): boolean {
    return true;
  }

  docAt(collection: CollectionInfo, row: number): Uint8Array | undefined {
    return this.sqlite.get(`SELECT bytes FROM ${collection.table} WHERE row = ?`, row)?.['bytes'] as
      Uint8Array | undefined;
  }

  /** Gives the row that has a key of a unique index. */
  rowOf(index: IndexInfo, key: Uint8Array): number | undefined {
    const [found] = this.sqlite.lists(`SELECT row FROM ${index.table} WHERE key = ?`, key);
    return found === undefined ? undefined : Number(found[0]);
  }

  *scanIndex(
    collection: CollectionInfo,
    index: IndexInfo,
    interval: Interval,
    options: ScanOptions,
  ): Generator<IndexRow> {
    let chunk = options.firstChunk;
    let rows = this.sqlite.lists(indexSql(collection, index, options, false), interval.lo, interval.hi, chunk);
    for (;;) {
      for (const row of rows) yield toIndexRow(row);
      const last = rows.at(-1);
      if (rows.length < chunk || !last) return;
      const wanted = chunk;
      chunk = Math.min(CHUNK_MAX, wanted * 4);
      const sql = indexSql(collection, index, options, true);
      const end = options.reverse ? interval.lo : interval.hi;
      const { key, row } = toIndexRow(last);
      rows = index.unique ? this.sqlite.lists(sql, key, end, chunk) : this.sqlite.lists(sql, key, row, end, chunk);
    }
  }

  *scanPoints(
    collection: CollectionInfo,
    index: IndexInfo,
    keys: readonly Buffer[],
    { reverse, withDocs }: ScanOptions,
  ): Generator<IndexRow> {
    const sql = `SELECT i.key, i.row${fromTables(collection, index, withDocs)}
      WHERE i.key IN (${POINT_PLACES}) ORDER BY i.key ${reverse ? 'DESC' : 'ASC'}`;
    for (let at = 0; at < keys.length; at += POINTS_AT_ONCE) {
      const some = keys.slice(at, at + POINTS_AT_ONCE);
      const last = some.at(-1);
      // One statement for every number of keys: the places that are left repeat the last key.
      while (last && some.length < POINTS_AT_ONCE) some.push(last);
      for (const row of this.sqlite.lists(sql, ...some)) yield toIndexRow(row);
    }
  }

  *scanAll(collection: CollectionInfo, reverse: boolean): Generator<DocRow> {
    const sql = `SELECT row, bytes FROM ${collection.table} WHERE row ${reverse ? '<' : '>'} ? ORDER BY row ${reverse ? 'DESC' : 'ASC'} LIMIT ?`;
    let from = reverse ? Number.MAX_SAFE_INTEGER : -1;
    let chunk = 32;
    for (;;) {
      const rows = this.sqlite.lists(sql, from, chunk);
      for (const [row, bytes] of rows) yield { row: Number(row), bytes: bytes as Uint8Array };
      const last = rows.at(-1);
      if (rows.length < chunk || !last) return;
      from = Number(last[0]);
      chunk = Math.min(CHUNK_MAX, chunk * 4);
    }
  }

  countKeys(_collection: CollectionInfo, index: IndexInfo, interval: Interval, max: number): number {
    const inner = `SELECT 1 FROM ${index.table} WHERE key >= ? AND key < ? LIMIT ?`;
    return Number(this.sqlite.get(`SELECT count(*) AS n FROM (${inner})`, interval.lo, interval.hi, max)?.['n'] ?? 0);
  }
}
