// Whatever indexes there are, a search finds what a full scan finds, in the order that is asked for.
import { Double, Int32, Long } from 'bson';
import fc from 'fast-check';
import { Access } from '../access.ts';
import { parseFilter } from '../commands/reading.ts';
import { insertDoc } from '../commands/writing.ts';
import { MongoFault } from '../mongoFault.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import { Store } from '../store/store.ts';
import { Transaction } from '../transactions/transaction.ts';
import { decodeExact, encodeDoc } from '../values/bsonCodec.ts';
import type { Doc } from '../values/kinds.ts';
import { mayUse } from './implied.ts';
import { choosePlan } from './planner.ts';
import { countPlan } from './readPlan.ts';
import { planSearch } from './search.ts';
import { compareSortKeys, parseSort, sortKey } from './sortSpec.ts';

interface ArrayPlaces {
  readonly a: boolean;
  readonly b: boolean;
  readonly c: boolean;
}

const mixed = fc.oneof(
  fc.integer({ min: 0, max: 4 }).map((value) => new Int32(value)),
  fc.constantFrom(new Double(1.5), new Double(NaN), Long.fromNumber(3), null, 'a', 'ab', 'b', true, new Date(5)),
);
const few = fc.constantFrom(new Int32(0), new Int32(1), new Int32(2), new Int32(3), null);

/** Documents with arrays at some of their paths only: an index knows which of its fields have any. */
function documentWith(scalar: fc.Arbitrary<unknown>, arrays: ArrayPlaces): fc.Arbitrary<Doc> {
  const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
  const at = (has: boolean): fc.Arbitrary<unknown> => (has ? value : scalar);
  const below = fc.record({ d: at(arrays.c), e: scalar }, { requiredKeys: [] });
  const inner = arrays.c
    ? fc.oneof(below, fc.array(fc.oneof({ weight: 4, arbitrary: below }, few), { maxLength: 3 }))
    : below;
  return fc.record({ a: at(arrays.a), b: at(arrays.b), c: inner }, { requiredKeys: [] });
}

const direction = fc.constantFrom(1, -1);
const path = fc.constantFrom('a', 'b', 'c.d', 'c.e');
const pattern = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(path, direction, { minKeys: 1, maxKeys: 3, noNullPrototype: true }) },
  fc.constant({ 'c.e': 1, 'c.d': 1 }),
);
const index = fc.tuple(
  pattern,
  fc.constantFrom({}, {}, { sparse: true }, { partialFilterExpression: { a: { $gte: new Int32(1) } } }),
);
const sort = fc.dictionary(path, direction, { maxKeys: 2, noNullPrototype: true });

function filters(scalar: fc.Arbitrary<unknown>): fc.Arbitrary<Doc> {
  const condition = fc.oneof(
    scalar,
    fc
      .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), scalar)
      .map(([name, one]) => ({ [name]: one })),
    fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lt: high })),
    fc.array(scalar, { maxLength: 3 }).map((list) => ({ $in: list })),
    fc.boolean().map((flag) => ({ $exists: flag })),
    fc.constantFrom({ $regex: '^a' }, { $type: 'number' }, { $not: { $gt: new Int32(2) } }),
  );
  const simple = fc.dictionary(path, condition, { maxKeys: 3, noNullPrototype: true });
  return fc.oneof(
    simple,
    fc.record({ 'c.d': condition, 'c.e': condition }),
    fc.tuple(simple, fc.array(simple, { minLength: 1, maxLength: 3 })).map(([all, any]) => ({ ...all, $or: any })),
    fc.tuple(path, fc.array(condition, { minLength: 1, maxLength: 2 })).map(([one, any]) => ({
      $or: any.map((each) => ({ [one]: each })),
    })),
  );
}

interface World {
  readonly docs: Doc[];
  /** Documents that come later: with arrays at the same paths. */
  readonly own: Doc[];
  readonly indexes: (readonly [Doc, Doc])[];
  readonly all: Case[];
}

function worlds(scalar: fc.Arbitrary<unknown>, docsMax: number): fc.Arbitrary<World> {
  const arrays = fc.constantFrom<ArrayPlaces>(
    { a: true, b: false, c: false },
    { a: false, b: false, c: true },
    { a: true, b: true, c: true },
    { a: false, b: false, c: false },
  );
  const limit = fc.constantFrom(0, 0, 1, 3);
  return arrays.chain((places) =>
    fc.record({
      docs: fc.array(documentWith(scalar, places), { minLength: 1, maxLength: docsMax }),
      own: fc.array(documentWith(scalar, places), { maxLength: 8 }),
      indexes: fc.array(index, { maxLength: 3 }),
      all: fc.array(fc.record({ filter: filters(scalar), sort, limit }), { minLength: 1, maxLength: 6 }),
    }),
  );
}

const KINDS = [
  ['many kinds of values', mixed],
  ['few values, often equal', few],
] as const;

/** Two arrays in one index are refused, as in MongoDB: such a document is left out. */
function tolerant(task: () => unknown): void {
  try {
    task();
  } catch (error) {
    if (!(error instanceof MongoFault) || error.code !== 171) throw error;
  }
}

function collectionWith(store: Store, docs: readonly Doc[], indexes: readonly (readonly [Doc, Doc])[]): CollectionInfo {
  return store.write(() => {
    const access = new Access(store, undefined);
    const collection = access.demand('test', 'docs');
    indexes.forEach(([key, options], at) =>
      store.touchCatalog().addIndex(collection, { v: 2, key, name: `x${at}`, ...options }, 0),
    );
    docs.forEach((doc, at) => tolerant(() => insertDoc(access, collection, { _id: new Int32(at), ...doc })));
    return collection;
  });
}

interface Case {
  readonly filter: Doc;
  readonly sort: Doc;
  readonly limit: number;
}

function results(access: Access, collection: CollectionInfo, one: Case, hint?: unknown): Doc[] {
  const search = { filter: parseFilter(one.filter, {}), sort: parseSort(one.sort), hint, skip: 0, limit: one.limit };
  return [...planSearch(collection, search, access.reader, () => undefined).found].map(({ bytes }) =>
    decodeExact(bytes),
  );
}

function counted({ reader }: Access, collection: CollectionInfo, one: Case, hint: unknown): number {
  const question = { filter: parseFilter(one.filter, {}), sort: [], most: undefined, hint };
  const context = {
    collection,
    reader,
    examined: { keys: 0, docs: 0 },
    most: undefined,
    tick: () => undefined,
    needsDocs: () => false,
  };
  return countPlan(choosePlan(collection, question, reader), context);
}

/** With the index that is chosen, and with each one that may be. */
function expectSame(access: Access, collection: CollectionInfo, one: Case): void {
  const question = parseFilter(one.filter, {});
  const usable = collection.indexes.filter((index) => mayUse(index, question)).map(({ name }) => name);
  const whole = results(access, collection, { ...one, limit: 0 }, { $natural: 1 });
  for (const hint of [undefined, ...usable]) {
    expect(counted(access, collection, one, hint)).toBe(whole.length);
    expectSamePart(results(access, collection, one, hint), whole, one);
  }
}

function expectSamePart(found: readonly Doc[], whole: readonly Doc[], one: Case): void {
  const fields = parseSort(one.sort);
  const wanted = one.limit > 0 ? whole.slice(0, one.limit) : whole;
  expect(found).toHaveLength(wanted.length);
  const ids = new Set(whole.map(({ _id: id }) => String(id)));
  expect(found.every(({ _id: id }) => ids.has(String(id)))).toBe(true);
  expect(new Set(found.map(({ _id: id }) => String(id))).size).toBe(found.length);
  found.forEach((doc, at) => {
    expect(compareSortKeys(sortKey(doc, fields), sortKey(wanted[at] ?? {}, fields), fields)).toBe(0);
  });
}

/** Inserts, removes and replaces in turn. */
function change(access: Access, transaction: Transaction, collection: CollectionInfo, own: readonly Doc[]): void {
  const rows = [...access.reader.scanAll(collection, false)];
  own.forEach((doc, at) => {
    const target = rows[at];
    if (!target || at % 3 === 0)
      tolerant(() => insertDoc(access, collection, { _id: new Int32(1_000 + collection.nextRow), ...doc }));
    else if (at % 3 === 1) transaction.remove(collection, target.row, decodeExact(target.bytes));
    else {
      const before = decodeExact(target.bytes);
      const after = { _id: before['_id'], ...doc };
      tolerant(() => transaction.replace(collection, target.row, before, encodeDoc(after), after));
    }
  });
}

function checkTransaction(store: Store, { docs, own, indexes, all }: World): void {
  const collection = collectionWith(store, docs, indexes);
  const transaction = new Transaction(store, 1n, 0);
  const access = new Access(store, transaction);
  const [early, late] = [own.slice(0, own.length >> 1), own.slice(own.length >> 1)];
  try {
    const count = [...store.reader.scanAll(collection, false)].length;
    change(access, transaction, collection, early);
    for (const one of all) expectSame(access, collection, one);
    change(access, transaction, collection, late);
    for (const one of all) expectSame(access, collection, one);
    transaction.abort();
    expect([...store.reader.scanAll(collection, false)]).toHaveLength(count);
  } finally {
    transaction.abort();
    store.write(() => store.touchCatalog().drop(collection));
  }
}

describe('planSearch', () => {
  let store: Store;
  beforeEach(() => (store = new Store(':memory:')));
  afterEach(() => store.close());

  it.each(KINDS)('finds with any indexes what a full scan finds, in the same order: %s', (_, scalar) => {
    fc.assert(
      fc.property(worlds(scalar, 25), ({ docs, indexes, all }) => {
        const collection = collectionWith(store, docs, indexes);
        try {
          for (const one of all) expectSame(new Access(store, undefined), collection, one);
        } finally {
          store.write(() => store.touchCatalog().drop(collection));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('finds a document whose two conditions are met by two items of its array', () => {
    const [one, two] = [new Int32(1), new Int32(2)];
    const collection = collectionWith(
      store,
      [
        {
          c: [
            { d: one, e: two },
            { d: two, e: one },
          ],
        },
      ],
      [[{ 'c.d': 1, 'c.e': 1 }, {}]],
    );
    expectSame(new Access(store, undefined), collection, { filter: { 'c.d': one, 'c.e': one }, sort: {}, limit: 0 });
  });

  it.each(KINDS)('finds in a transaction its own writes over the snapshot, none after an abort: %s', (_, scalar) => {
    fc.assert(
      fc.property(worlds(scalar, 15), (world) => checkTransaction(store, world)),
      { numRuns: 150 },
    );
  });
});
