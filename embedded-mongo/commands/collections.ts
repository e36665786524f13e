// Collections and databases as a whole: create, drop, rename, list, change, and how big they are.
import { MongoFault } from '../mongoFault.ts';
import { compileFilter } from '../query/matches.ts';
import { namespaceOf, type CollectionInfo } from '../store/catalogEntries.ts';
import { encodeDoc } from '../values/bsonCodec.ts';
import { type Doc, isDoc, isTruthy } from '../values/kinds.ts';
import { cursorReply } from '../wire/rawReply.ts';
import { type Command, type CommandContext, collectionName, docField, refuseCollation } from './command.ts';
import { parseFilter } from './reading.ts';

const REFUSED_OPTIONS = [
  'capped',
  'validator',
  'timeseries',
  'clusteredIndex',
  'changeStreamPreAndPostImages',
  'encryptedFields',
];

/** The create command: a collection, or a view with viewOn. */
export const create: Command = (context) => {
  const { access, body, database } = context;
  refuseCollation(body);
  const name = collectionName(context);
  const refused = REFUSED_OPTIONS.find((option) =>
    isDoc(body[option]) ? Object.keys(body[option]).length > 0 : isTruthy(body[option]),
  );
  if (refused !== undefined) throw new MongoFault(238, `create with ${refused} is not supported by this server`);
  const there = access.find(database, name);
  if (there && (body['viewOn'] !== undefined || there.view))
    throw new MongoFault(48, `Collection ${database}.${name} already exists.`);
  if (there) throw new MongoFault(48, `Collection ${database}.${name} already exists.`);
  if (body['viewOn'] === undefined || access.transaction) {
    access.write(() => access.demand(database, name));
    return { ok: 1 };
  }
  access.write(() => {
    const catalog = access.store.touchCatalog();
    const options = { viewOn: body['viewOn'], pipeline: body['pipeline'] ?? [] };
    catalog.add(catalog.draft(database, name, options, access.store.locks.writeCount));
  });
  return { ok: 1 };
};

/** The drop command; a collection that is not there is no error. */
export const drop: Command = (context) => {
  const { access, database } = context;
  access.refuseInTransaction('drop');
  const name = collectionName(context);
  const collection = access.find(database, name);
  if (!collection) return { ok: 1 };
  access.write(() => access.store.touchCatalog().drop(collection));
  return { nIndexesWas: collection.indexes.length, ns: `${database}.${name}`, ok: 1 };
};

/** The dropDatabase command. */
export const dropDatabase: Command = ({ access, database }) => {
  access.refuseInTransaction('dropDatabase');
  const all = access.store.catalog.list(database);
  access.write(() => {
    for (const collection of all) access.store.touchCatalog().drop(collection);
  });
  return all.length === 0 ? { ok: 1 } : { dropped: database, ok: 1 };
};

function splitName(value: unknown): readonly [string, string] {
  const text = typeof value === 'string' ? value : '';
  const dot = text.indexOf('.');
  if (dot <= 0) throw new MongoFault(73, `Invalid namespace specified '${text}'`);
  return [text.slice(0, dot), text.slice(dot + 1)];
}

/** The renameCollection command, inside one database. */
export const renameCollection: Command = ({ access, body }) => {
  access.refuseInTransaction('renameCollection');
  const [fromDatabase, from] = splitName(body['renameCollection']);
  const [toDatabase, to] = splitName(body['to']);
  if (fromDatabase !== toDatabase)
    throw new MongoFault(238, 'renaming into another database is not supported by this server');
  const collection = access.find(fromDatabase, from);
  if (!collection) throw new MongoFault(26, `Source collection ${fromDatabase}.${from} does not exist`);
  const target = access.find(toDatabase, to);
  if (target && !isTruthy(body['dropTarget'])) throw new MongoFault(48, 'target namespace exists');
  if (target === collection) throw new MongoFault(20, "Can't rename a collection to itself");
  access.write(() => {
    const catalog = access.store.touchCatalog();
    if (target) catalog.drop(target);
    catalog.update(collection, to, collection.options);
  });
  return { ok: 1 };
};

function describe(collection: CollectionInfo, nameOnly: boolean): Doc {
  const { name, view, options } = collection;
  const type = view ? 'view' : 'collection';
  if (nameOnly) return { name, type };
  const idIndex = view ? {} : { idIndex: { v: 2, key: { _id: 1 }, name: '_id_' } };
  return { name, type, options, info: { readOnly: view !== undefined }, ...idIndex };
}

/** The listCollections command. */
export const listCollections: Command = ({ access, body, database }) => {
  const test = compileFilter(parseFilter(docField(body, 'filter'), {}));
  const found = access.store.catalog
    .list(database)
    .map((collection) => describe(collection, isTruthy(body['nameOnly'])))
    .filter(test);
  return cursorReply('firstBatch', found.map(encodeDoc), 0n, `${database}.$cmd.listCollections`);
};

/** The listDatabases command. */
export const listDatabases: Command = ({ access, body }) => {
  const names = [...new Set(access.store.catalog.list().map(({ database }) => database))];
  const test = compileFilter(parseFilter(docField(body, 'filter'), {}));
  const databases = names.map((name): Doc => ({ name, sizeOnDisk: 0, empty: false })).filter(test);
  return { databases, totalSize: 0, totalSizeMb: 0, ok: 1 };
};

/** The collMod command: the time to live of an index, and options that have no meaning here. */
export const collMod: Command = (context) => {
  const { access, body, database } = context;
  const name = collectionName(context);
  const collection = access.find(database, name);
  if (!collection) throw new MongoFault(26, `ns does not exist: ${database}.${name}`);
  if (isDoc(body['validator']) && Object.keys(body['validator']).length > 0)
    throw new MongoFault(238, 'validators are not supported by this server');
  const asked = docField(body, 'index');
  if (Object.keys(asked).length === 0) return { ok: 1 };
  const index = collection.indexes.find(
    (one) => one.name === asked['name'] || JSON.stringify(one.pattern) === JSON.stringify(asked['keyPattern']),
  );
  if (!index) throw new MongoFault(27, `cannot find index ${String(asked['name'])} for ns ${database}.${name}`);
  const spec = { ...index.spec, expireAfterSeconds: asked['expireAfterSeconds'] };
  access.write(() => access.store.touchCatalog().updateIndex(index, spec));
  return { ok: 1 };
};

function sizes({ access }: CommandContext, collections: readonly CollectionInfo[]): { count: number; size: number } {
  let [count, size] = [0, 0];
  for (const { table } of collections) {
    const row = access.store.main.get(`SELECT count(*) AS n, total(length(bytes)) AS size FROM ${table}`);
    count += Number(row?.['n'] ?? 0);
    size += Number(row?.['size'] ?? 0);
  }
  return { count, size };
}

/** The collStats command. */
export const collStats: Command = (context) => {
  const { access, database } = context;
  const name = collectionName(context);
  const collection = access.find(database, name);
  const { count, size } = sizes(context, collection && !collection.view ? [collection] : []);
  const avgObjSize = count === 0 ? 0 : Math.round(size / count);
  const nindexes = collection?.indexes.length ?? 0;
  return {
    ns: collection ? namespaceOf(collection) : `${database}.${name}`,
    count,
    size,
    avgObjSize,
    storageSize: size,
    nindexes,
    capped: false,
    ok: 1,
  };
};

/** The dbStats command. */
export const dbStats: Command = (context) => {
  const { access, database } = context;
  const all = access.store.catalog.list(database);
  const collections = all.filter(({ view }) => !view);
  const { count, size } = sizes(context, collections);
  const indexes = collections.reduce((sum, one) => sum + one.indexes.length, 0);
  return {
    db: database,
    collections: collections.length,
    views: all.length - collections.length,
    objects: count,
    dataSize: size,
    storageSize: size,
    indexes,
    ok: 1,
  };
};
