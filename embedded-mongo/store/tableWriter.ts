// Writes documents and their index entries to the tables, inside the SQLite transaction of the command. A duplicate is
// found before anything of the document is written, so that an error leaves the documents before it as they are.
import { MongoFault } from '../mongoFault.ts';
import { type Locks, LockWait, documentLock, keyLock } from '../transactions/locks.ts';
import type { Doc } from '../values/kinds.ts';
import type { Catalog } from './catalog.ts';
import { type CollectionInfo, type FieldSet, type IndexInfo, namespaceOf } from './catalogEntries.ts';
import { DocKeys, type KeysOfDoc, keyValueOf } from './indexKeys.ts';
import type { Sqlite } from './sqlite.ts';
import { printKey } from './printKey.ts';

/** What commands write through: the tables themselves, or a transaction's overlay. */
export interface Writer {
  insert(collection: CollectionInfo, bytes: Uint8Array, doc: Doc): void;
  replace(collection: CollectionInfo, row: number, before: Doc, bytes: Uint8Array, after: Doc): void;
  remove(collection: CollectionInfo, row: number, before: Doc): void;
}

/** What a write changes in one index. */
export interface Change {
  readonly index: IndexInfo;
  readonly gone: readonly Buffer[];
  readonly come: readonly Buffer[];
  readonly arrays: FieldSet;
}

/** Of no document. */
export const NO_KEYS: KeysOfDoc = { keys: [], arrays: 0 };

/** The refusal of a second document with a unique key. */
export function duplicateKey(collection: CollectionInfo, index: IndexInfo, doc: Doc, key: Uint8Array): MongoFault {
  const keyValue = keyValueOf(index, doc, key);
  const printed = printKey(keyValue);
  const message = `E11000 duplicate key error collection: ${namespaceOf(collection)} index: ${index.name} dup key: ${printed}`;
  return new MongoFault(11_000, message, { keyPattern: index.pattern, keyValue });
}

function difference(index: IndexInfo, before: DocKeys | undefined, after: DocKeys | undefined): Change {
  const old = before?.in(index) ?? NO_KEYS;
  const now = after?.in(index) ?? NO_KEYS;
  if (old.keys.length === 0 || now.keys.length === 0) {
    return { index, gone: old.keys, come: now.keys, arrays: now.arrays };
  }
  const gone = old.keys.filter((key) => !now.keys.some((other) => other.equals(key)));
  const come = now.keys.filter((key) => !old.keys.some((other) => other.equals(key)));
  return { index, gone, come, arrays: now.arrays };
}

/** Writes to the tables. */
export class TableWriter implements Writer {
  private readonly sqlite: Sqlite;
  private readonly catalog: Catalog;
  private readonly locks: Locks;

  constructor(sqlite: Sqlite, catalog: Catalog, locks: Locks) {
    this.sqlite = sqlite;
    this.catalog = catalog;
    this.locks = locks;
  }

  insert(collection: CollectionInfo, bytes: Uint8Array, doc: Doc): void {
    const row = collection.nextRow;
    const changes = this.prepare(collection, row, undefined, doc);
    collection.nextRow += 1;
    this.sqlite.run(`INSERT INTO ${collection.table} (row, bytes) VALUES (?, ?)`, row, bytes);
    this.addEntries(row, changes);
  }

  replace(collection: CollectionInfo, row: number, before: Doc, bytes: Uint8Array, after: Doc): void {
    this.checkDocument(collection, row);
    const changes = this.prepare(collection, row, before, after);
    this.sqlite.run(`UPDATE ${collection.table} SET bytes = ? WHERE row = ?`, bytes, row);
    this.removeEntries(row, changes);
    this.addEntries(row, changes);
  }

  remove(collection: CollectionInfo, row: number, before: Doc): void {
    this.checkDocument(collection, row);
    const changes = this.prepare(collection, row, before, undefined);
    this.sqlite.run(`DELETE FROM ${collection.table} WHERE row = ?`, row);
    this.removeEntries(row, changes);
  }

  /** Adds the entries of one index for a document that is there: while an index is built. */
  addToIndex(collection: CollectionInfo, index: IndexInfo, row: number, doc: Doc): void {
    const change = difference(index, undefined, new DocKeys(doc));
    if (index.unique) this.checkUnique(collection, row, change, doc);
    this.addEntries(row, [change]);
  }

  /** Takes the entries of a change out; a commit does it for all documents before it adds any. */
  removeEntries(row: number, changes: readonly Change[]): void {
    for (const { index, gone } of changes) {
      const sql = `DELETE FROM ${index.table} WHERE key = ? AND row = ?`;
      for (const key of gone) this.sqlite.run(sql, key, row);
    }
  }

  addEntries(row: number, changes: readonly Change[]): void {
    for (const { index, come, arrays } of changes) {
      const sql = `INSERT INTO ${index.table} (key, row) VALUES (?, ?)`;
      for (const key of come) this.sqlite.run(sql, key, row);
      this.catalog.markArrays(index, arrays);
    }
  }

  /** Works out what a write changes in each index. */
  changesOf(collection: CollectionInfo, before: DocKeys | undefined, after: DocKeys | undefined): Change[] {
    return collection.indexes.map((index) => difference(index, before, after));
  }

  /** Throws 11000 when another document than `row` has one of the keys that come. */
  checkUnique(collection: CollectionInfo, row: number, change: Change, doc: Doc): void {
    const { index } = change;
    for (const key of change.come) {
      const found = this.sqlite.get(`SELECT row FROM ${index.table} WHERE key = ?`, key);
      if (found && Number(found['row']) !== row) throw duplicateKey(collection, index, doc, key);
    }
  }

  private prepare(collection: CollectionInfo, row: number, before: Doc | undefined, after: Doc | undefined): Change[] {
    const changes = this.changesOf(collection, before && new DocKeys(before), after && new DocKeys(after));
    for (const change of changes) {
      if (!change.index.unique) continue;
      if (this.locks.isShared) this.checkKeys(change);
      if (after) this.checkUnique(collection, row, change, after);
    }
    // Nobody who is at work already sees a new document.
    if (before) this.locks.written(documentLock(collection.id, row));
    return changes;
  }

  private checkDocument(collection: CollectionInfo, row: number): void {
    const holder = this.locks.isShared ? this.locks.holderOf(documentLock(collection.id, row)) : undefined;
    if (holder) throw new LockWait(holder);
  }

  private checkKeys({ index, gone, come }: Change): void {
    for (const key of [...gone, ...come]) {
      const lock = keyLock(index.id, key);
      const holder = this.locks.holderOf(lock);
      if (holder) throw new LockWait(holder);
      this.locks.written(lock);
    }
  }
}
