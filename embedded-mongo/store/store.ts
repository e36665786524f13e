// The store: one SQLite file in WAL mode. Each command's writes are one SQLite transaction; it is committed before the
// command is answered, so that what was acknowledged survives the process.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../../platform/lifecycle.ts';
import { Locks } from '../transactions/locks.ts';
import { Catalog } from './catalog.ts';
import { Sqlite } from './sqlite.ts';
import { TableReader } from './tableReader.ts';
import { TableWriter } from './tableWriter.ts';

/** Stands for a store that lives as long as its process. */
const IN_MEMORY = ':memory:';

const READERS_MAX = 8;
/** Counts up with every change of the tables or of the bytes of keys: other data would be read wrongly. */
const FORMAT = 2;

/** Holds a lock on the folder that the system takes back when the process ends, however it ends. */
function claim(path: string): DatabaseSync {
  const lock = new DatabaseSync(path);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch {
    lock.close();
    throw new StartError(`another process uses the data in ${path}; stop it or choose another folder`);
  }
}

/** Marks a new file with the format of this version; throws when the file was written in another one. */
function checkFormat(sqlite: Sqlite, folder: string): void {
  const isNew = sqlite.get('SELECT name FROM sqlite_master LIMIT 1') === undefined;
  if (isNew) sqlite.exec(`PRAGMA user_version = ${FORMAT}`);
  const found = Number(sqlite.get('PRAGMA user_version')?.['user_version']);
  if (found === FORMAT) return;
  throw new StartError(
    `the data in ${folder} have format ${found}, this version reads format ${FORMAT}; delete the folder ${folder} and fill it again`,
  );
}

/** All data of one server. */
export class Store {
  readonly main: Sqlite;
  readonly catalog: Catalog;
  readonly locks = new Locks();
  readonly reader: TableReader;
  readonly writer: TableWriter;
  private readonly folder: string;
  private readonly temporary: boolean;
  private readonly ownership: DatabaseSync;
  private readonly idleReaders: Sqlite[] = [];
  private catalogChanged = false;

  /** Takes a folder, made when it is missing, or `:memory:`. */
  constructor(dataPath: string) {
    this.temporary = dataPath === IN_MEMORY;
    this.folder = this.temporary ? mkdtempSync(join(tmpdir(), 'embedded-mongo-')) : dataPath;
    mkdirSync(this.folder, { recursive: true });
    this.ownership = claim(join(this.folder, 'owner.lock'));
    this.main = this.open();
    try {
      checkFormat(this.main, this.folder);
    } catch (error) {
      this.main.close();
      this.ownership.close();
      throw error;
    }
    this.catalog = new Catalog(this.main);
    this.reader = new TableReader(this.main);
    this.writer = new TableWriter(this.main, this.catalog, this.locks);
  }

  /** Runs `task` as one SQLite transaction: committed when it returns, undone when it throws. */
  write<T>(task: () => T): T {
    this.main.exec('BEGIN IMMEDIATE');
    this.locks.countWrite();
    try {
      const result = task();
      this.main.exec('COMMIT');
      this.catalogChanged = false;
      return result;
    } catch (error) {
      this.main.exec('ROLLBACK');
      if (this.catalogChanged) this.catalog.reload();
      else this.catalog.distrustArrays();
      this.catalogChanged = false;
      throw error;
    }
  }

  /** To be called before the catalog is changed inside `write`. */
  touchCatalog(): Catalog {
    this.catalogChanged = true;
    return this.catalog;
  }

  /** Gives a connection that sees the data as they are now, until it is given back. */
  takeSnapshot(): Sqlite {
    const connection = this.idleReaders.pop() ?? this.open();
    connection.exec('BEGIN');
    connection.get('SELECT count(*) FROM catalog_collections');
    return connection;
  }

  returnSnapshot(connection: Sqlite): void {
    connection.exec('ROLLBACK');
    if (this.idleReaders.length < READERS_MAX) this.idleReaders.push(connection);
    else connection.close();
  }

  close(): void {
    for (const connection of this.idleReaders) connection.close();
    this.main.close();
    this.ownership.close();
    if (this.temporary) rmSync(this.folder, { recursive: true, force: true });
  }

  private open(): Sqlite {
    return new Sqlite(join(this.folder, 'store.sqlite'), !this.temporary);
  }
}
