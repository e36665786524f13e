// createIndexes, dropIndexes, listIndexes. A kind of index that this server lacks is refused, never made as another.
import { MongoFault } from '../mongoFault.ts';
import { FilterParser } from '../query/parseFilter.ts';
import { namespaceOf, type CollectionInfo } from '../store/catalogEntries.ts';
import { decodeExact, encodeDoc } from '../values/bsonCodec.ts';
import { equalValues } from '../values/compare.ts';
import { type Doc, asNumber, isDoc, isTruthy } from '../values/kinds.ts';
import { cursorReply } from '../wire/rawReply.ts';
import { type Command, type CommandContext, collectionName, listField, refuseCollation } from './command.ts';

const INDEX_OPTIONS = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'hidden',
  'ns',
  'collation',
  'storageEngine',
  'commitQuorum',
]);
const COMPARED_OPTIONS = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'] as const;

const partialParser = new FilterParser(() => {
  throw new MongoFault(67, 'Expression not supported in partial index: $expr');
});

function checkKey(key: unknown): Doc {
  if (!isDoc(key) || Object.keys(key).length === 0) throw new MongoFault(67, 'Index keys cannot be empty.');
  if (Object.keys(key).length > 32) throw new MongoFault(67, 'Index key pattern cannot have more than 32 fields');
  for (const [path, direction] of Object.entries(key)) {
    if (typeof direction === 'string')
      throw new MongoFault(67, `Unknown index plugin '${direction}': this server has no ${direction} indexes`);
    const number = asNumber(direction);
    if (number === undefined || number === 0 || Number.isNaN(number))
      throw new MongoFault(67, 'Values in the index key pattern cannot be 0 or no number');
    if (path === '$**' || path.endsWith('.$**')) throw new MongoFault(67, 'this server has no wildcard indexes');
    if (path === '' || path.split('.').some((part) => part === '' || part.startsWith('$'))) {
      throw new MongoFault(67, `Index key contains an illegal field name: '${path}'`);
    }
  }
  return key;
}

function checkOptions(spec: Doc, key: Doc): void {
  refuseCollation(spec);
  const unknown = Object.keys(spec).find((name) => !INDEX_OPTIONS.has(name));
  if (unknown !== undefined)
    throw new MongoFault(197, `The field '${unknown}' is not valid for an index specification`);
  if (spec['partialFilterExpression'] !== undefined) partialParser.parse(spec['partialFilterExpression']);
  if (isTruthy(spec['sparse']) && spec['partialFilterExpression'] !== undefined)
    throw new MongoFault(67, 'cannot mix "partialFilterExpression" and "sparse" options');
  if (spec['expireAfterSeconds'] === undefined) return;
  const seconds = asNumber(spec['expireAfterSeconds']);
  if (seconds === undefined || seconds < 0)
    throw new MongoFault(67, "TTL index 'expireAfterSeconds' option must be within an acceptable range");
  if (Object.keys(key).length > 1)
    throw new MongoFault(67, 'TTL indexes are single-field indexes, compound indexes do not support TTL');
}

/** Takes a specification as the client gave it; gives it complete. Throws 67 or 197 for one that cannot be made. */
function completeSpec(given: unknown): Doc {
  if (!isDoc(given)) throw new MongoFault(14, 'an index specification has to be an object');
  const key = checkKey(given['key']);
  checkOptions(given, key);
  const name =
    given['name'] ??
    Object.entries(key)
      .map(([path, direction]) => `${path}_${asNumber(direction) ?? ''}`)
      .join('_');
  if (typeof name !== 'string' || name === '' || name === '*')
    throw new MongoFault(67, 'The index name has to be a string that is not empty');
  const kept = Object.entries(given).filter(
    ([option]) =>
      !['ns', 'background', 'commitQuorum', 'storageEngine', 'collation', 'v', 'key', 'name'].includes(option),
  );
  return { v: 2, key, name, ...Object.fromEntries(kept) };
}

/** Whether the same index is there; throws 85 or 86 when another one has its name or its keys. */
function isThere(collection: CollectionInfo, spec: Doc): boolean {
  const sameOptions = (other: Doc): boolean =>
    COMPARED_OPTIONS.every((name) => equalValues(spec[name] ?? false, other[name] ?? false));
  const pattern = spec['key'] as Doc;
  if (equalValues(pattern, { _id: 1 })) return true;
  for (const index of collection.indexes) {
    const sameKeys = equalValues(index.pattern, pattern);
    if (index.name === spec['name']) {
      if (sameKeys && sameOptions(index.spec)) return true;
      throw new MongoFault(
        86,
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${index.name}`,
      );
    }
    const samePartial = equalValues(
      index.spec['partialFilterExpression'] ?? null,
      spec['partialFilterExpression'] ?? null,
    );
    if (sameKeys && samePartial) throw new MongoFault(85, `Index already exists with a different name: ${index.name}`);
  }
  return false;
}

function build(context: CommandContext, collection: CollectionInfo, spec: Doc): void {
  const { store } = context.access;
  const index = store.touchCatalog().addIndex(collection, spec, store.locks.writeCount);
  for (const { row, bytes } of store.reader.scanAll(collection, false)) {
    context.tick();
    store.writer.addToIndex(collection, index, row, decodeExact(bytes));
  }
}

/** The createIndexes command. */
export const createIndexes: Command = (context) => {
  const { access, body, database } = context;
  access.refuseInTransaction('createIndexes');
  const specs = listField(body, 'indexes').map(completeSpec);
  if (specs.length === 0) throw new MongoFault(2, 'Must specify at least one index to create');
  return access.write(() => {
    const isNew = !access.find(database, collectionName(context));
    const collection = access.demand(database, collectionName(context));
    const before = collection.indexes.length;
    for (const spec of specs) if (!isThere(collection, spec)) build(context, collection, spec);
    const after = collection.indexes.length;
    return {
      numIndexesBefore: before,
      numIndexesAfter: after,
      createdCollectionAutomatically: isNew,
      ...(before === after ? { note: 'all indexes already exist' } : {}),
      ok: 1,
    };
  });
};

function known(context: CommandContext): CollectionInfo {
  const name = collectionName(context);
  const collection = context.access.find(context.database, name);
  if (!collection) throw new MongoFault(26, `ns does not exist: ${context.database}.${name}`);
  if (collection.view) throw new MongoFault(166, `Namespace ${namespaceOf(collection)} is a view, not a collection`);
  return collection;
}

/** The dropIndexes command. */
export const dropIndexes: Command = (context) => {
  const { access, body } = context;
  access.refuseInTransaction('dropIndexes');
  const collection = known(context);
  const asked = body['index'];
  const before = collection.indexes.length;
  const chosen = collection.indexes.filter((index) => {
    if (asked === '*') return index.name !== '_id_';
    return (Array.isArray(asked) ? (asked as unknown[]) : [asked]).some(
      (one) => index.name === one || (isDoc(one) && equalValues(index.pattern, one)),
    );
  });
  if (chosen.some(({ name }) => name === '_id_')) throw new MongoFault(72, 'cannot drop _id index');
  if (chosen.length === 0 && asked !== '*')
    throw new MongoFault(
      27,
      `index not found with name [${typeof asked === 'string' ? asked : JSON.stringify(asked)}]`,
    );
  access.write(() => {
    const catalog = access.store.touchCatalog();
    for (const index of chosen) catalog.dropIndex(collection, index);
  });
  return { nIndexesWas: before, ok: 1 };
};

/** The listIndexes command. */
export const listIndexes: Command = (context) => {
  const collection = known(context);
  return cursorReply(
    'firstBatch',
    collection.indexes.map(({ spec }) => encodeDoc(spec)),
    0n,
    namespaceOf(collection),
  );
};
