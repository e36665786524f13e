import fc from 'fast-check';
import { COST_LINK, costsOn, SHOP } from '../../test/harness/costSchemas.ts';
import type { Fields } from '../compiledOperation.ts';
import { POINTS_MAX } from './costProgram.ts';

const LIBRARY = (address: string, bestsellers: string): string => `${COST_LINK}
  type Query {
    book(id: ID): Book
    bestsellers: [Book] ${bestsellers}
    newestAdditions(after: ID, limit: Int!): [Book] @listSize(slicingArguments: ["limit"])
    newestPage(limit: Int!): Cursor @listSize(slicingArguments: ["limit"], sizedFields: ["page"])
  }
  type Mutation { addBook: Book count: Int }
  type Cursor { page: [Book!] nextPage: ID }
  type Book { title: String author: Author publisher: Publisher }
  type Author { name: String }
  type Publisher { name: String address: Address }
  type Address ${address} { zipCode: Int! }`;
const BOOK = '{ title author { name } publisher { name address { zipCode } } }';

/** The examples of the documentation of Apollo's router ("Demand control"). */
describe("the figures of Apollo's router", () => {
  const plain = costsOn(LIBRARY('', ''));
  const dear = costsOn(LIBRARY('@cost(weight: 5)', ''));
  const sized = costsOn(LIBRARY('@cost(weight: 5)', '@listSize(assumedSize: 5)'));

  it.each([
    ['one book', plain, `{ book(id: 1) ${BOOK} }`, 4],
    ['one book with a dear address', dear, `{ book(id: 1) ${BOOK} }`, 8],
    ['a list of assumed length', plain, `{ bestsellers ${BOOK} }`, 40],
    ['such a list with a dear address', dear, `{ bestsellers ${BOOK} }`, 80],
    ['a list whose length is said', sized, `{ bestsellers ${BOOK} }`, 40],
    ['a list that an argument slices', dear, `{ newestAdditions(limit: 3) ${BOOK} }`, 24],
    ['a page whose list an argument slices', dear, `{ newestPage(limit: 5) { page ${BOOK} nextPage } }`, 41],
    ['a mutation', plain, 'mutation { addBook { title } }', 11],
  ])('hold for %s', (_, costs, document, points) => {
    expect(costs(document).estimate({})).toBe(points);
  });
});

describe('the estimated cost', () => {
  const costs = costsOn(SHOP);
  const estimate = (document: string, coerced: Fields = {}): number => costs(document).estimate(coerced);

  it.each([
    ['objects 1, leaves nothing', '{ item { name item { name } } }', 2],
    ['enums and scalars what @cost says', '{ state rate }', 6],
    ['a field what @cost says of it', '{ item { heavy } dear }', 7 + 30],
    ['lists in lists their product', '{ table { name } }', 100],
    ['a repeated field once', '{ item { name } ...F item { heavy } } fragment F on Query { item { name } }', 7],
    ['an alias as a field of its own', '{ a: item { name } b: item { name } }', 2],
    ['__typename nothing', '{ __typename item { __typename } }', 1],
    ['introspection ten a field', '{ __schema { types { name } } __type(name: "Item") { name } }', 20],
    ['what is skipped as if it were not', '{ item @skip(if: true) { name } free @include(if: false) state }', 3],
    ['the default of a slicing argument', '{ items { name } }', 20],
    ['the largest of the slicing arguments', '{ items(first: 5, last: 7) { name } }', 7],
    ['a null slice as none given', '{ items(first: null) { name } one(first: null) { name } }', 20 + 10],
    ['a negative slice as nothing', '{ items(first: -5) { name } }', 0],
    ['input objects 1 and their fields', '{ item(filter: { name: "", and: [{ name: "" }, {}] }) { name } }', 1 + 9],
    ['each element of a list argument', '{ item(ids: [1, 2, 3], deep: true) { name } }', 1 + 6 + 7],
    ['a null argument nothing', '{ item(ids: null, deep: null, filter: null) { name } }', 1],
  ])('is %s', (_, document, points) => {
    expect(estimate(document)).toBe(points);
  });

  it.each([
    ['a list of objects', 'query ($n: Int) { items(first: $n) { item { name } } }', { n: 4 }, 8],
    ['a slice that is not given', 'query ($n: Int) { items(first: $n) { name } }', {}, 20],
    ['a slice of null', 'query ($n: Int) { items(first: $n) { name } }', { n: null }, 20],
    ['a slice below zero', 'query ($n: Int) { items(first: $n) { name } }', { n: -1 }, 0],
    ['lists in lists', 'query ($n: Int) { items(first: $n) { tags { name } } }', { n: 100 }, 400],
    ['an argument', 'query ($d: Boolean) { item(deep: $d) { name } }', { d: false }, 8],
    ['an argument that is not given', 'query ($d: Boolean) { item(deep: $d) { name } }', {}, 1],
    ['an input', 'query ($f: Filter) { item(filter: $f) { name } }', { f: { name: '', and: [{}] } }, 6],
    ['a part of an input', 'query ($s: String) { item(filter: {name: $s}) { name } }', { s: 'a' }, 5],
    [
      'a batch',
      'mutation ($i: [ItemInput!]!) { put(items: $i) { name } }',
      { i: [{ state: 'ON' }, { name: 'a' }] },
      10 + 1 + 4,
    ],
  ])('takes the variables of %s', (_, document, coerced, points) => {
    expect(estimate(document, coerced)).toBe(points);
  });

  it('takes the dearest type that an object can be', () => {
    expect(estimate('{ named { ...on Item { item { name } } ...on Rare { name } } }')).toBe(50);
    expect(estimate('{ named { name ...on Rare { rare { item { name } } } } }')).toBe(52);
    expect(estimate('{ things { __typename } }')).toBe(200);
    expect(estimate('{ things { ...on Item { item { name } } } }')).toBe(200);
  });

  it("takes an interface's list size where its type says none", () => {
    expect(estimate('{ named { ...on Rare { tags { name } } } }')).toBe(52);
    expect(estimate('{ item { tags { name } } }')).toBe(4);
  });

  it('tells where not exactly one slicing argument is given', () => {
    const fault = 'Query.either needs exactly one of the arguments first, last.';
    expect(costs('{ either(first: 1) { name } }').faultIn({})).toBeUndefined();
    expect(costs('{ either { name } }').faultIn({})).toBe(fault);
    expect(costs('{ either(first: 1, last: 2) { name } }').faultIn({})).toBe(fault);
    const withVariables = costs('query ($f: Int, $l: Int) { either(first: $f, last: $l) { name } }');
    expect([{}, { f: 1 }, { f: 1, l: 2 }, { f: null, l: 2 }].map((each) => withVariables.faultIn(each))).toEqual([
      fault,
      undefined,
      fault,
      undefined,
    ]);
    expect(costs('{ items(first: 1, last: 2) { name } }').faultIn({})).toBeUndefined();
  });

  it('stops at the largest number', () => {
    const levels = (inner: string): string => `items(first: 2000000000) { a: item { name } ${inner} }`;
    const nested = 'tags { '.repeat(18) + 'name' + ' }'.repeat(18);
    expect(estimate(`{ ${levels(nested)} }`)).toBeLessThanOrEqual(POINTS_MAX);
    const huge = costsOn(`${COST_LINK} type Mutation { a: Int }
      type Query { list(n: Int): [Query] @listSize(slicingArguments: ["n"]) }`);
    const document = `query ($n: Int) { ${'list(n: $n) { '.repeat(10)} __typename ${' }'.repeat(10)} }`;
    expect(huge(document).estimate({ n: 2_000_000_000 })).toBe(POINTS_MAX);
    expect(huge(document).estimate({ n: 1 })).toBe(10);
    expect(huge(document.replaceAll('$n)', '2000000000)').replace('($n: Int)', '')).estimate({})).toBe(POINTS_MAX);
  });

  it('grows with each size', () => {
    const document = costs('query ($n: Int, $m: Int) { items(first: $n, last: $m) { tags { name } } named { name } }');
    const size = fc.oneof(fc.integer(), fc.constant(null), fc.nat(50));
    fc.assert(
      fc.property(size, fc.integer(), fc.nat(), (m, n, more) => {
        expect(document.estimate({ m, n: n + more })).toBeGreaterThanOrEqual(document.estimate({ m, n }));
      }),
    );
  });

  it('does not depend on what aliases and fragments are called, nor on their order', () => {
    const name = fc
      .stringMatching(/^[a-zA-Z_][a-zA-Z0-9]{0,8}$/)
      .filter((text) => !text.startsWith('__') && text !== 'on');
    const write = (a: string, b: string, fragment: string): string =>
      `{ ${a}: items(first: 3) { ...${fragment} } ${b}: item { ...${fragment} heavy } }
       fragment ${fragment} on Item { tags { ${b}: item { name } } }`;
    const points = estimate(write('a', 'b', 'F'));
    fc.assert(
      fc.property(name, name, name, (a, b, fragment) => {
        fc.pre(a !== b);
        expect(estimate(write(a, b, fragment))).toBe(points);
      }),
    );
  });

  it('is worked out at once for fragments that each spread the next twice', () => {
    const fan = (spread: (next: string) => string): string => {
      const fragments = Array.from({ length: 20 }, (_, at) => `fragment F${at} on Item { ${spread(`...F${at + 1}`)} }`);
      return `query Q($n: Int) { item { ...F0 } items(first: $n) { name } } ${fragments.join(' ')}
        fragment F20 on Item { item { name } }`;
    };
    expect(estimate(fan((next) => `${next} ${next}`))).toBe(22);
    // Each level has two objects: 2^20 ways through fields that are read 20 times.
    expect(estimate(fan((next) => `a: item { ${next} } b: item { ${next} }`))).toBe(2 ** 22 - 1 - 2 ** 20 + 20);
  });

  it('is the largest number where it cannot be worked out in bounds', () => {
    // Nearly every way through the fragments merges other selections with each other.
    const wide = Array.from({ length: 16 }, (_, at) => at);
    const fragment = (level: number, at: number): string => {
      const next = (to: number): string => `...F${level + 1}_${to % 16}`;
      const b = at % 2 === 1 ? next(at * 7 + 3) : `${next(at)} ${next(at + level)}`;
      return `fragment F${level}_${at} on Item { a: item { ${next(at)} } b: item { ${b} } }`;
    };
    const levels = Array.from({ length: 14 }, (_, level) => wide.map((at) => fragment(level, at)));
    const last = wide.map((at) => `fragment F14_${at} on Item { name }`);
    const text = `{ item { ${wide.map((at) => `...F0_${at}`).join(' ')} } } ${[...levels.flat(), ...last].join('\n')}`;
    expect(estimate(text)).toBe(POINTS_MAX);
  });
});
