// Update operators change what they name and leave every other BSON type as it was.
import { Decimal128, Double, Int32, Long } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import { decodeExact, encodeDoc } from '../values/bsonCodec.ts';
import type { Doc } from '../values/kinds.ts';
import { applyUpdate, checkUpdate } from './applyUpdate.ts';
import { parseArrayFilters } from './expandPath.ts';

function updated(doc: Doc, update: Doc, arrayFilters: unknown[] = []): Doc {
  const copy = decodeExact(encodeDoc(doc));
  const change = decodeExact(encodeDoc(update));
  checkUpdate(change);
  applyUpdate(copy, change, { filters: parseArrayFilters(arrayFilters), positionOf: () => 1 }, false);
  return copy;
}

function codeOf(doc: Doc, update: Doc): number {
  try {
    updated(doc, update);
  } catch (error) {
    if (error instanceof MongoFault) return error.code;
    throw error;
  }
  return 0;
}

describe('applyUpdate', () => {
  it('leaves the types of other fields byte for byte', () => {
    const doc = {
      _id: 1,
      i: new Int32(5),
      d: new Double(5),
      l: Long.fromNumber(5),
      n: new Double(-0),
      x: Decimal128.fromString('1.10'),
    };
    const after = updated(doc, { $set: { y: 1 } });
    const { y, ...rest } = after;
    expect(y).toEqual(new Int32(1));
    expect(Buffer.compare(encodeDoc(rest), encodeDoc(doc))).toBe(0);
  });

  it('gives $inc the wider type and turns an int that overflows into a long', () => {
    const after = updated(
      { a: new Int32(2_147_483_647), b: new Int32(1), c: Long.MAX_VALUE.sub(1), d: Decimal128.fromString('0.1') },
      { $inc: { a: new Int32(1), b: new Double(0.5), c: new Int32(1), d: Decimal128.fromString('0.2') } },
    );
    expect(String(after['a'])).toBe('2147483648');
    expect(after['b']).toEqual(new Double(1.5));
    expect(String(after['c'])).toBe('9223372036854775807');
    expect(String(after['d'])).toBe('0.3');
  });

  it('writes through $, $[] and $[name]', () => {
    const doc = {
      a: [
        { k: 1, v: 1 },
        { k: 2, v: 2 },
      ],
      n: [1, 2, 3],
    };
    const plain = (given: Doc): unknown => JSON.parse(JSON.stringify(given));
    expect(plain(updated(doc, { $set: { 'a.$[e].v': 9 } }, [{ 'e.k': 2 }]))).toMatchObject({ a: [{ v: 1 }, { v: 9 }] });
    expect(plain(updated(doc, { $set: { 'a.$.v': 7 } }))).toMatchObject({ a: [{ v: 1 }, { v: 7 }] });
    expect(plain(updated(doc, { $inc: { 'n.$[]': 10 } }))).toMatchObject({ n: [11, 12, 13] });
  });

  it('does what each array operator says', () => {
    const doc = { a: [3, 1, 2] };
    const array = (update: Doc): unknown => JSON.parse(JSON.stringify(updated(doc, update)['a']));
    expect(array({ $push: { a: { $each: [5, 4], $sort: 1, $slice: -3 } } })).toEqual([3, 4, 5]);
    expect(array({ $push: { a: { $each: [9], $position: 0 } } })).toEqual([9, 3, 1, 2]);
    expect(array({ $addToSet: { a: { $each: [1, 7] } } })).toEqual([3, 1, 2, 7]);
    expect(array({ $pull: { a: { $gte: 2 } } })).toEqual([1]);
    expect(array({ $pullAll: { a: [3, 2] } })).toEqual([1]);
    expect(array({ $pop: { a: -1 } })).toEqual([1, 2]);
  });

  it('refuses with MongoDB codes', () => {
    expect(codeOf({ a: 'x' }, { $inc: { a: 1 } })).toBe(14);
    expect(codeOf({ a: 1 }, { $foo: { a: 1 } })).toBe(9);
    expect(codeOf({ a: 1 }, { $set: { a: 1 }, $inc: { 'a.b': 1 } })).toBe(40);
    expect(codeOf({ a: 1 }, { $set: { 'a.b': 1 } })).toBe(28);
    expect(codeOf({ a: 1 }, { $set: { '': 1 } })).toBe(56);
    expect(codeOf({ a: 1 }, { $push: { a: 1 } })).toBe(2);
  });
});
