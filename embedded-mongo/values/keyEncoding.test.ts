// The bytes of a key follow the order of the values, for every pair of BSON values and in both directions.
import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { compareValues } from './compare.ts';
import { encodeKey } from './keyEncoding.ts';

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map((value) => new Int32(value)),
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.bigInt({ min: 2n ** 53n - 4n, max: 2n ** 53n + 4n }).map((value) => Long.fromBigInt(value)),
  fc.bigInt({ min: 2n ** 53n - 4n, max: 2n ** 53n + 4n }).map((value) => new Double(Number(value))),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -25, max: 25 }))
    .map(([digits, power]) => Decimal128.fromString(`${digits}E${power}`)),
  fc.constantFrom(Decimal128.fromString('0.1'), new Double(0.1), Decimal128.fromString('0.5'), new Double(0.5)),
);

const scalar = fc.oneof(
  number,
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', 'a', 'a\0', 'a\0b', 'ab', '\u{1F600}', '\uFFFD'),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => new Binary(bytes)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom(new MinKey(), new MaxKey()),
);

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'ab'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

describe('encodeKey', () => {
  it('orders bytes as MongoDB orders values', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (left, right) => {
        const expected = Math.sign(compareValues(left, right));
        expect(Math.sign(Buffer.compare(encodeKey(left), encodeKey(right)))).toBe(expected);
        expect(Math.sign(Buffer.compare(encodeKey(right, true), encodeKey(left, true)))).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('orders close numbers of different types exactly', () => {
    fc.assert(
      fc.property(number, number, (left, right) => {
        const expected = Math.sign(compareValues(left, right));
        expect(Math.sign(Buffer.compare(encodeKey(left), encodeKey(right)))).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives one key to equal numbers of every type', () => {
    const fives = [
      5,
      new Int32(5),
      new Double(5),
      Long.fromNumber(5),
      Decimal128.fromString('5.00'),
      Decimal128.fromString('0.5E1'),
    ];
    expect(new Set(fives.map((five) => encodeKey(five).toString('hex'))).size).toBe(1);
    expect(encodeKey(new Double(-0)).equals(encodeKey(new Int32(0)))).toBe(true);
  });

  it('keeps compound keys in the order of their fields', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\0', '\u00ff'), maxLength: 3 });
    fc.assert(
      fc.property(text, text, text, text, (a, b, c, d) => {
        const order = compareValues(a, c) || compareValues(d, b);
        const left = Buffer.concat([encodeKey(a), encodeKey(b, true)]);
        const right = Buffer.concat([encodeKey(c), encodeKey(d, true)]);
        expect(Math.sign(Buffer.compare(left, right))).toBe(Math.sign(order));
      }),
    );
  });
});
