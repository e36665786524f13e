// The names of everything: databases, collections, indexes. Kept in memory, written through to two SQLite tables.
import { MongoFault } from '../mongoFault.ts';
import { FilterParser } from '../query/parseFilter.ts';
import { compileFilter } from '../query/matches.ts';
import { decodeExact, encodeDoc } from '../values/bsonCodec.ts';
import { type Doc, asNumber, isTruthy } from '../values/kinds.ts';
import type { CollectionInfo, FieldSet, IndexInfo } from './catalogEntries.ts';
import type { Sqlite } from './sqlite.ts';

const partialParser = new FilterParser(() => {
  throw new MongoFault(67, '$expr is not supported in a partial index');
});

/** Takes a specification that was checked before; gives the index, ready for use. */
export function readIndex(id: number, spec: Doc, createdAt: number): IndexInfo {
  const pattern = spec['key'] as Doc;
  const filter = spec['partialFilterExpression'];
  const node = filter === undefined ? undefined : partialParser.parse(filter);
  return {
    id,
    table: `i${id}`,
    name: String(spec['name']),
    pattern,
    fields: Object.entries(pattern).map(([path, direction]) => ({
      path,
      segments: path.split('.'),
      descending: (asNumber(direction) ?? 1) < 0,
    })),
    unique: isTruthy(spec['unique']) || spec['name'] === '_id_',
    sparse: isTruthy(spec['sparse']),
    partial: node && { node, test: compileFilter(node) },
    expireAfterSeconds: asNumber(spec['expireAfterSeconds']),
    spec,
    arrays: 0,
    arraysStored: 0,
    createdAt,
  };
}

/** The catalog of one store. */
export class Catalog {
  private readonly sqlite: Sqlite;
  private readonly collections = new Map<string, CollectionInfo>();
  private nextId = 1;

  constructor(sqlite: Sqlite) {
    this.sqlite = sqlite;
    sqlite.exec(`CREATE TABLE IF NOT EXISTS catalog_collections (id INTEGER PRIMARY KEY, db TEXT, name TEXT, options BLOB);
      CREATE TABLE IF NOT EXISTS catalog_indexes (id INTEGER PRIMARY KEY, collection INTEGER, spec BLOB, arrays INTEGER)`);
    this.reload();
  }

  /** Reads everything from the tables again: at the start, and after a rollback. */
  reload(): void {
    const rowsGiven = new Map([...this.collections.values()].map(({ id, nextRow }) => [id, nextRow]));
    const arraysSeen = new Map(
      [...this.collections.values()].flatMap(({ indexes }) => indexes.map(({ id, arrays }) => [id, arrays])),
    );
    this.collections.clear();
    const indexRows = this.sqlite.all('SELECT id, collection, spec, arrays FROM catalog_indexes ORDER BY id');
    for (const row of this.sqlite.all('SELECT id, db, name, options FROM catalog_collections ORDER BY id')) {
      const collection = this.describe(
        Number(row['id']),
        String(row['db']),
        String(row['name']),
        decodeExact(row['options'] as Uint8Array),
      );
      for (const entry of indexRows.filter((candidate) => candidate['collection'] === row['id'])) {
        const index = readIndex(Number(entry['id']), decodeExact(entry['spec'] as Uint8Array), 0);
        index.arraysStored = Number(entry['arrays']);
        // An open transaction may have seen arrays that the file does not know yet.
        index.arrays = index.arraysStored | (arraysSeen.get(index.id) ?? 0);
        collection.indexes.push(index);
        this.nextId = Math.max(this.nextId, index.id + 1);
      }
      if (!collection.view) {
        const last = Number(this.sqlite.get(`SELECT max(row) AS row FROM ${collection.table}`)?.['row'] ?? 0);
        collection.nextRow = Math.max(last + 1, rowsGiven.get(collection.id) ?? 0);
      }
      this.nextId = Math.max(this.nextId, collection.id + 1);
      this.collections.set(`${collection.database}.${collection.name}`, collection);
    }
  }

  find(database: string, name: string): CollectionInfo | undefined {
    return this.collections.get(`${database}.${name}`);
  }

  /** All collections of a database, or of all. */
  list(database?: string): CollectionInfo[] {
    return [...this.collections.values()].filter((one) => database === undefined || one.database === database);
  }

  /** Describes a new collection with its index on _id, without storing it. */
  draft(database: string, name: string, options: Doc, createdAt: number): CollectionInfo {
    const collection = this.describe(this.takeId(), database, name, options, createdAt);
    if (!collection.view)
      collection.indexes.push(readIndex(this.takeId(), { v: 2, key: { _id: 1 }, name: '_id_' }, createdAt));
    collection.pending = true;
    return collection;
  }

  /** Stores a drafted collection and makes its tables. */
  add(collection: CollectionInfo): void {
    const { id, database, name, options, table } = collection;
    this.sqlite.run('INSERT INTO catalog_collections VALUES (?, ?, ?, ?)', id, database, name, encodeDoc(options));
    if (!collection.view) this.sqlite.exec(`CREATE TABLE ${table} (row INTEGER PRIMARY KEY, bytes BLOB NOT NULL)`);
    for (const index of collection.indexes) this.storeIndex(collection, index);
    collection.pending = false;
    this.collections.set(`${database}.${name}`, collection);
  }

  addIndex(collection: CollectionInfo, spec: Doc, createdAt: number): IndexInfo {
    const index = readIndex(this.takeId(), spec, createdAt);
    this.storeIndex(collection, index);
    collection.indexes.push(index);
    return index;
  }

  dropIndex(collection: CollectionInfo, index: IndexInfo): void {
    this.sqlite.forget();
    this.sqlite.exec(`DROP TABLE ${index.table}`);
    this.sqlite.run('DELETE FROM catalog_indexes WHERE id = ?', index.id);
    collection.indexes.splice(collection.indexes.indexOf(index), 1);
  }

  drop(collection: CollectionInfo): void {
    for (const index of [...collection.indexes]) this.dropIndex(collection, index);
    this.sqlite.forget();
    if (!collection.view) this.sqlite.exec(`DROP TABLE ${collection.table}`);
    this.sqlite.run('DELETE FROM catalog_collections WHERE id = ?', collection.id);
    this.collections.delete(`${collection.database}.${collection.name}`);
  }

  /** Gives a collection another name in its database, or stores its changed options. */
  update(collection: CollectionInfo, name: string, options: Doc): void {
    this.sqlite.run(
      'UPDATE catalog_collections SET name = ?, options = ? WHERE id = ?',
      name,
      encodeDoc(options),
      collection.id,
    );
    this.collections.delete(`${collection.database}.${collection.name}`);
    collection.name = name;
    collection.options = options;
    this.collections.set(`${collection.database}.${name}`, collection);
  }

  /** Stores a changed specification of an index (collMod). */
  updateIndex(index: IndexInfo, spec: Doc): void {
    this.sqlite.run('UPDATE catalog_indexes SET spec = ? WHERE id = ?', encodeDoc(spec), index.id);
    index.spec = spec;
    index.expireAfterSeconds = asNumber(spec['expireAfterSeconds']);
  }

  /** Remembers that arrays stand at the paths of some fields. */
  markArrays(index: IndexInfo, arrays: FieldSet): void {
    index.arrays |= arrays;
    if ((arrays & ~index.arraysStored) === 0) return;
    this.sqlite.run('UPDATE catalog_indexes SET arrays = ? WHERE id = ?', index.arrays, index.id);
    index.arraysStored = index.arrays;
  }

  /** After a rollback: what was marked in it may not be stored, so it is stored again with the next array. */
  distrustArrays(): void {
    for (const collection of this.collections.values()) {
      for (const index of collection.indexes) index.arraysStored = 0;
    }
  }

  private storeIndex(collection: CollectionInfo, index: IndexInfo): void {
    this.sqlite.run('INSERT INTO catalog_indexes VALUES (?, ?, ?, 0)', index.id, collection.id, encodeDoc(index.spec));
    const key = index.unique ? 'PRIMARY KEY (key)' : 'PRIMARY KEY (key, row)';
    this.sqlite.exec(`CREATE TABLE ${index.table} (key BLOB NOT NULL, row INTEGER NOT NULL, ${key}) WITHOUT ROWID`);
  }

  private takeId(): number {
    this.nextId += 1;
    return this.nextId - 1;
  }

  private describe(id: number, database: string, name: string, options: Doc, createdAt = 0): CollectionInfo {
    const on = options['viewOn'];
    const view = typeof on === 'string' ? { on, pipeline: (options['pipeline'] ?? []) as Doc[] } : undefined;
    return { id, table: `d${id}`, database, name, options, view, indexes: [], nextRow: 1, createdAt, pending: false };
  }
}
