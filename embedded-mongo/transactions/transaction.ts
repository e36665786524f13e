// A multi-document transaction: reads a snapshot, writes into an overlay, holds a lock on everything it writes, and puts
// all of it into the tables at once when it commits.
import { MongoFault, writeConflict } from '../mongoFault.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import { DocKeys } from '../store/indexKeys.ts';
import type { Sqlite } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { NO_KEYS, type Change, type Writer, duplicateKey } from '../store/tableWriter.ts';
import type { Doc } from '../values/kinds.ts';
import { type LockHolder, documentLock, keyLock } from './locks.ts';
import { OverlayReader, type Touched } from './overlay.ts';

/** Where a transaction is in its life. */
type TransactionState = 'open' | 'committed' | 'aborted';

/** One transaction. Its writer methods throw WriteConflict (112) at once when another holds or changed a document. */
export class Transaction implements LockHolder, Writer {
  readonly reader: OverlayReader;
  readonly ended: Promise<void>;
  /** Milliseconds on the steady clock when it began. */
  readonly beganMs: number;
  readonly number: bigint;
  state: TransactionState = 'open';
  private readonly store: Store;
  private readonly snapshot: Sqlite;
  private readonly startedAt: number;
  private readonly created = new Map<string, CollectionInfo>();
  private readonly written = new Map<number, CollectionInfo>();
  private readonly announceEnd: () => void;

  constructor(store: Store, number: bigint, beganMs: number) {
    this.store = store;
    this.number = number;
    this.beganMs = beganMs;
    this.startedAt = store.locks.writeCount;
    this.snapshot = store.takeSnapshot();
    this.reader = new OverlayReader(this.snapshot, this.startedAt);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.ended = promise;
    this.announceEnd = () => resolve(undefined);
    store.locks.enter(this, this.startedAt);
  }

  /** The collection of that name as the transaction sees it: one that it made itself, or one of the catalog. */
  collection(database: string, name: string): CollectionInfo | undefined {
    return this.created.get(`${database}.${name}`) ?? this.store.catalog.find(database, name);
  }

  /** Makes a collection that appears when the transaction commits. */
  createCollection(database: string, name: string): CollectionInfo {
    const made = this.store.catalog.draft(database, name, {}, this.startedAt);
    this.created.set(`${database}.${name}`, made);
    return made;
  }

  insert(collection: CollectionInfo, bytes: Uint8Array, doc: Doc): void {
    const row = collection.nextRow;
    const after = { bytes, doc, keys: new DocKeys(doc) };
    this.checkKeys(collection, row, { before: undefined, after });
    collection.nextRow += 1;
    this.touch(collection, row, { before: undefined, after });
  }

  replace(collection: CollectionInfo, row: number, before: Doc, bytes: Uint8Array, after: Doc): void {
    this.lock(documentLock(collection.id, row));
    const touched = { before: new DocKeys(before), after: { bytes, doc: after, keys: new DocKeys(after) } };
    this.checkKeys(collection, row, touched);
    this.touch(collection, row, touched);
  }

  remove(collection: CollectionInfo, row: number, before: Doc): void {
    this.lock(documentLock(collection.id, row));
    const touched = { before: new DocKeys(before), after: undefined };
    this.checkKeys(collection, row, touched);
    this.touch(collection, row, touched);
  }

  /** Puts everything into the tables. Throws, and aborts, when that cannot be. */
  commit(): void {
    try {
      if (this.written.size > 0 || this.created.size > 0) this.store.write(() => this.apply());
      this.end('committed');
    } catch (error) {
      this.end('aborted');
      throw error;
    }
  }

  abort(): void {
    if (this.state === 'open') this.end('aborted');
  }

  private end(state: TransactionState): void {
    this.state = state;
    this.store.locks.leave(this);
    this.store.returnSnapshot(this.snapshot);
    this.announceEnd();
  }

  private touch(collection: CollectionInfo, row: number, touched: Touched): void {
    this.reader.touch(collection, row, touched);
    this.written.set(collection.id, collection);
  }

  private lock(lock: string): void {
    const holder = this.store.locks.holderOf(lock);
    if (holder === this) return;
    if (holder || this.store.locks.versionOf(lock) > this.startedAt) throw writeConflict();
    this.store.locks.hold(lock, this);
  }

  private checkKeys(collection: CollectionInfo, row: number, { before, after }: Touched): void {
    for (const index of collection.indexes) {
      const { keys: come, arrays } = after?.keys.in(index) ?? NO_KEYS;
      index.arrays |= arrays;
      if (!index.unique) continue;
      const gone = before?.in(index).keys ?? [];
      for (const key of gone) if (!come.some((other) => other.equals(key))) this.lock(keyLock(index.id, key));
      for (const key of come) {
        if (gone.some((other) => other.equals(key))) continue;
        this.lock(keyLock(index.id, key));
        const found = this.reader.rowOf(collection, index, key);
        if (found !== undefined && found !== row && after) throw duplicateKey(collection, index, after.doc, key);
      }
    }
  }

  private apply(): void {
    const { catalog, main, writer, locks } = this.store;
    for (const made of this.created.values()) {
      if (catalog.find(made.database, made.name)) throw writeConflict();
      this.store.touchCatalog().add(made);
    }
    const steps = [...this.written.values()].flatMap((seen) => {
      const collection = catalog.find(seen.database, seen.name);
      if (collection?.id !== seen.id) throw writeConflict();
      return [...this.reader.rowsOf(seen)].map(([row, { before, after }]) => ({
        collection,
        row,
        after,
        isNew: before === undefined,
        changes: writer.changesOf(collection, before, after?.keys),
      }));
    });
    for (const { row, changes } of steps) writer.removeEntries(row, changes);
    for (const { collection, row, isNew, after, changes } of steps) {
      if (!after) main.run(`DELETE FROM ${collection.table} WHERE row = ?`, row);
      else main.run(`INSERT OR REPLACE INTO ${collection.table} (row, bytes) VALUES (?, ?)`, row, after.bytes);
      for (const change of changes) {
        if (!change.index.unique) continue;
        const isHeld = this.noteKeys(change);
        if (after && !isHeld) writer.checkUnique(collection, row, change, after.doc);
      }
      writer.addEntries(row, changes);
      // Nobody who is at work already sees a new document.
      if (!isNew) locks.written(documentLock(collection.id, row));
    }
  }

  /**
   * Notes the unique keys of a change as written, and says whether it holds all that come: what it holds, nobody else
   * wrote since its snapshot, in which it looked; an index can have been made since.
   */
  private noteKeys({ index, gone, come }: Change): boolean {
    const { locks } = this.store;
    for (const key of gone) locks.written(keyLock(index.id, key));
    let isHeld = true;
    for (const key of come) {
      const lock = keyLock(index.id, key);
      isHeld &&= locks.holderOf(lock) === this;
      locks.written(lock);
    }
    return isHeld;
  }
}

/** The refusal of a command of a transaction that is not there. */
export function noSuchTransaction(number: bigint): MongoFault {
  return new MongoFault(251, `Transaction with { txnNumber: ${number} } has been aborted.`, {}, [
    'TransientTransactionError',
  ]);
}
