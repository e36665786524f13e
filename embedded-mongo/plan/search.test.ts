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
import { choosePlan } from './planner.ts';
import { countPlan } from './readPlan.ts';
import { planSearch } from './search.ts';
import { compareSortKeys, parseSort, sortKey } from './sortSpec.ts';

const scalar = fc.oneof(
  fc.integer({ min: 0, max: 4 }).map((value) => new Int32(value)),
  fc.constantFrom(new Double(1.5), new Double(NaN), Long.fromNumber(3), null, 'a', 'ab', 'b', true, new Date(5)),
);
const value = fc.oneof({ weight: 4, arbitrary: scalar }, { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) });

/** Documents with arrays at some of their paths only: an index knows which of its fields have any. */
function documentWith(arrays: { readonly a: boolean; readonly b: boolean; readonly c: boolean }): fc.Arbitrary<Doc> {
  const at = (has: boolean): fc.Arbitrary<unknown> => (has ? value : scalar);
  const below = fc.record({ d: at(arrays.c), e: scalar }, { requiredKeys: [] });
  const inner = arrays.c
    ? fc.oneof({ weight: 2, arbitrary: below }, { weight: 1, arbitrary: fc.array(below, { maxLength: 3 }) })
    : below;
  return fc.record({ a: at(arrays.a), b: at(arrays.b), c: inner }, { requiredKeys: [] });
}

const arrays = fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() });
const path = fc.constantFrom('a', 'b', 'c.d', 'c.e');

/** Documents that are there, and documents that come: both have arrays at the same paths. */
function documents(min: number, max: number, ownMax: number): fc.Arbitrary<{ docs: Doc[]; own: Doc[] }> {
  return arrays.chain((one) =>
    fc.record({
      docs: fc.array(documentWith(one), { minLength: min, maxLength: max }),
      own: fc.array(documentWith(one), { maxLength: ownMax }),
    }),
  );
}

const condition = fc.oneof(
  scalar.map((one) => one as unknown),
  fc.tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), scalar).map(([name, one]) => ({ [name]: one })),
  fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.array(scalar, { maxLength: 3 }).map((list) => ({ $in: list })),
  fc.boolean().map((flag) => ({ $exists: flag })),
  fc.constantFrom({ $regex: '^a' }, { $type: 'number' }, { $not: { $gt: new Int32(2) } }),
);
const simple = fc.dictionary(path, condition, { maxKeys: 3, noNullPrototype: true });
const filter: fc.Arbitrary<Doc> = fc.oneof(
  simple,
  fc.tuple(simple, fc.array(simple, { minLength: 1, maxLength: 3 })).map(([all, any]) => ({ ...all, $or: any })),
);
const direction = fc.constantFrom(1, -1);
const pattern = fc.dictionary(path, direction, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const index = fc.tuple(
  pattern,
  fc.constantFrom({}, { sparse: true }, { partialFilterExpression: { a: { $gte: new Int32(1) } } }),
);
const sort = fc.dictionary(path, direction, { maxKeys: 2, noNullPrototype: true });

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

function results(access: Access, collection: CollectionInfo, one: Case, hint?: Doc): Doc[] {
  const search = { filter: parseFilter(one.filter, {}), sort: parseSort(one.sort), hint, skip: 0, limit: one.limit };
  return [...planSearch(collection, search, access.reader, () => undefined).found].map(({ bytes }) =>
    decodeExact(bytes),
  );
}

function counted({ reader }: Access, collection: CollectionInfo, one: Case): number {
  const question = { filter: parseFilter(one.filter, {}), sort: [], most: undefined, hint: undefined };
  const context = { collection, reader, examined: { keys: 0, docs: 0 }, most: undefined, tick: () => undefined };
  return countPlan(choosePlan(collection, question, reader), context);
}

function expectSame(access: Access, collection: CollectionInfo, one: Case): void {
  const found = results(access, collection, one);
  const whole = results(access, collection, { ...one, limit: 0 }, { $natural: 1 });
  expect(counted(access, collection, one)).toBe(whole.length);
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

const cases = fc.record({ filter, sort, limit: fc.constantFrom(0, 0, 1, 3) });

describe('planSearch', () => {
  it('finds with any indexes what a full scan finds, in the same order', () => {
    const store = new Store(':memory:');
    try {
      fc.assert(
        fc.property(
          documents(0, 25, 0),
          fc.array(index, { maxLength: 3 }),
          fc.array(cases, { minLength: 1, maxLength: 8 }),
          ({ docs }, indexes, all) => {
            const collection = collectionWith(store, docs, indexes);
            try {
              for (const one of all) expectSame(new Access(store, undefined), collection, one);
            } finally {
              store.write(() => store.touchCatalog().drop(collection));
            }
          },
        ),
        { numRuns: 400 },
      );
    } finally {
      store.close();
    }
  });

  it('finds in a transaction its own writes laid over the snapshot, and nothing of them after an abort', () => {
    const store = new Store(':memory:');
    try {
      fc.assert(
        fc.property(
          documents(1, 15, 8),
          fc.array(index, { maxLength: 2 }),
          fc.array(cases, { minLength: 1, maxLength: 4 }),
          ({ docs, own }, indexes, all) => {
            const collection = collectionWith(store, docs, indexes);
            const transaction = new Transaction(store, 1n, 0);
            const access = new Access(store, transaction);
            try {
              const rows = [...access.reader.scanAll(collection, false)];
              for (const one of all) expectSame(access, collection, one);
              own.forEach((doc, at) => {
                const target = rows[at];
                if (!target || at % 3 === 0)
                  tolerant(() => insertDoc(access, collection, { _id: new Int32(1_000 + at), ...doc }));
                else if (at % 3 === 1) transaction.remove(collection, target.row, decodeExact(target.bytes));
                else {
                  const before = decodeExact(target.bytes);
                  const after = { _id: before['_id'], ...doc };
                  tolerant(() => transaction.replace(collection, target.row, before, encodeDoc(after), after));
                }
                if (at % 2 === 0) for (const one of all) expectSame(access, collection, one);
              });
              for (const one of all) expectSame(access, collection, one);
              transaction.abort();
              expect([...store.reader.scanAll(collection, false)]).toHaveLength(rows.length);
            } finally {
              transaction.abort();
              store.write(() => store.touchCatalog().drop(collection));
            }
          },
        ),
        { numRuns: 150 },
      );
    } finally {
      store.close();
    }
  });
});
