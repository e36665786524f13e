// What one command reads and writes through: the tables themselves, or the view of its transaction.
import { MongoFault } from './mongoFault.ts';
import type { CollectionInfo } from './store/catalogEntries.ts';
import type { Store } from './store/store.ts';
import type { Reader } from './store/tableReader.ts';
import type { Writer } from './store/tableWriter.ts';
import type { Transaction } from './transactions/transaction.ts';

function checkName(database: string, name: string): void {
  const isBad =
    name === '' || name.startsWith('.') || name.includes('$') || name.includes('\0') || /[/\\ "$.\0]/.test(database);
  if (isBad || `${database}.${name}`.length > 255)
    throw new MongoFault(73, `Invalid namespace specified '${database}.${name}'`);
}

/** One command's way to the data. */
export class Access {
  readonly store: Store;
  readonly transaction: Transaction | undefined;

  constructor(store: Store, transaction: Transaction | undefined) {
    this.store = store;
    this.transaction = transaction;
  }

  get reader(): Reader {
    return this.transaction?.reader ?? this.store.reader;
  }

  get writer(): Writer {
    return this.transaction ?? this.store.writer;
  }

  /** Gives a collection or view, if there is one. */
  find(database: string, name: string): CollectionInfo | undefined {
    return this.transaction?.collection(database, name) ?? this.store.catalog.find(database, name);
  }

  /** Gives a collection to write to, made when it is missing; to be called inside `write`. */
  demand(database: string, name: string): CollectionInfo {
    const known = this.find(database, name);
    if (known?.view) throw new MongoFault(166, `Namespace ${database}.${name} is a view, not a collection`);
    if (known) return known;
    checkName(database, name);
    if (this.transaction) return this.transaction.createCollection(database, name);
    const catalog = this.store.touchCatalog();
    const made = catalog.draft(database, name, {}, this.store.locks.writeCount);
    catalog.add(made);
    return made;
  }

  /** Runs a command's writes: as one SQLite transaction, or into the overlay of its transaction. */
  write<T>(task: () => T): T {
    return this.transaction ? task() : this.store.write(task);
  }

  /** Throws 263 inside a transaction. */
  refuseInTransaction(command: string): void {
    if (this.transaction) throw new MongoFault(263, `Cannot run '${command}' in a multi-document transaction.`);
  }
}
