import fc from 'fast-check';
import type { Fields } from '../compiledOperation.ts';
import { applyRenames, mergeFields } from './mergeAnswer.ts';

/** `Book` is a `Media`; nothing else is anything. */
const isOfType = (typename: string, condition: string): boolean =>
  typename === condition || (typename === 'Book' && condition === 'Media');

const copy = (value: Fields): Fields => structuredClone(value);
const merged = (...parts: readonly Fields[]): Fields => {
  const tree: Fields = {};
  for (const part of parts) mergeFields(tree, copy(part), isOfType);
  return tree;
};

const KEYS = ['a', 'b', 'c', '__typename'] as const;
type Value = null | number | string | Value[] | { [key: string]: Value };

/** What is true of one object: leaves, objects, lists of objects. */
const { truth } = fc.letrec<{ value: Value; truth: Record<string, Value> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
    tie('truth'),
    fc.array(tie('truth'), { maxLength: 3 }),
    fc.array(fc.integer(), { maxLength: 3 }),
  ),
  truth: fc
    .dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { noNullPrototype: true })
    .map((fields) => ({ ...fields, __typename: 'Book' })),
}));

/** What one subgraph says of it: some keys, some nulls instead of values, the interface instead of the type. */
function partOf(whole: Value, draws: () => number): Value {
  if (Array.isArray(whole)) return whole.map((item) => (typeof item === 'object' ? partOf(item, draws) : item));
  if (typeof whole !== 'object' || whole === null) return whole;
  const part: Record<string, Value> = {};
  for (const key of KEYS) {
    const value = whole[key];
    const draw = draws();
    if (value === undefined || draw === 0) continue;
    if (key === '__typename') part[key] = draw === 1 ? 'Media' : value;
    else part[key] = draw === 1 ? null : partOf(value, draws);
  }
  return part;
}

const parts = fc.tuple(truth, fc.infiniteStream(fc.nat(4))).map(([whole, draws]) => {
  const draw = (): number => draws.next().value as number;
  return { whole, left: partOf(whole, draw) as Fields, right: partOf(whole, draw) as Fields };
});

/** Whether everything that a part says is in the tree: no value lost to null, no type to its interface. */
function holds(tree: unknown, part: unknown): boolean {
  if (part === null || part === 'Media') return true;
  if (typeof part !== 'object') return tree === part;
  if (typeof tree !== 'object' || tree === null) return false;
  return Object.entries(part).every(([key, value]) => holds((tree as Fields)[key], value));
}

describe('merging answers', () => {
  it('gives the same object whichever of two parts comes first', () => {
    fc.assert(fc.property(parts, ({ left, right }) => expect(merged(left, right)).toEqual(merged(right, left))));
  });

  it('never replaces a value by null, nor a type by its interface', () => {
    fc.assert(
      fc.property(parts, ({ left, right }) => {
        const tree = merged(left, right);
        expect([holds(tree, left), holds(tree, right)]).toEqual([true, true]);
      }),
    );
  });

  it('changes nothing when a part comes twice', () => {
    fc.assert(fc.property(parts, ({ left }) => expect(merged(left, left)).toEqual(left)));
  });

  it('puts the type where only its interface was known, and leaves it there', () => {
    expect(merged({ __typename: 'Media' }, { __typename: 'Book' }, { __typename: 'Media' })).toEqual({
      __typename: 'Book',
    });
  });

  it('leaves a list as it is when another of a different length comes', () => {
    expect(merged({ list: [{ a: 1 }] }, { list: [{ b: 2 }, { b: 3 }] })).toEqual({ list: [{ a: 1 }] });
  });

  it('takes a field by the name of what every object has', () => {
    expect(merged({ a: 1 }, { constructor: 'Ferrari', toString: null })).toEqual({
      a: 1,
      constructor: 'Ferrari',
      toString: null,
    });
  });

  it('fills the nulls within a list', () => {
    expect(merged({ list: [null, { a: 1 }] }, { list: [{ a: 0 }, { b: 2 }] })).toEqual({
      list: [{ a: 0 }, { a: 1, b: 2 }],
    });
  });
});

describe('renaming keys back', () => {
  it('renames in each object of the type, in lists too, and in no other', () => {
    const data = {
      list: [
        { __typename: 'Book', x: 1 },
        { __typename: 'Film', x: 2 },
      ],
    };
    applyRenames(data, [{ path: ['list', '... on Media', 'x'], to: 'y' }], isOfType);
    expect(data.list).toEqual([
      { __typename: 'Book', y: 1 },
      { __typename: 'Film', x: 2 },
    ]);
  });
});

describe('what a subgraph nests deeper than any operation asks', () => {
  const inLists = (): unknown => {
    let value: unknown = [{ a: 1 }];
    for (let level = 0; level < 100_000; level++) value = [value];
    return value;
  };
  const inObjects = (): Fields => {
    let value: Fields = { a: 1 };
    for (let level = 0; level < 100_000; level++) value = { a: value };
    return value;
  };

  it('is merged without end of the stack, and what is beside it is there', () => {
    const tree: Fields = {};
    for (const part of [{ first: 1 }, { second: 2 }]) {
      mergeFields(tree, { ...part, lists: inLists(), objects: inObjects() }, isOfType);
    }
    expect([tree['first'], tree['second']]).toEqual([1, 2]);
  });

  it('is passed over where keys are renamed', () => {
    const data: Fields = { lists: inLists(), list: [[{ a: 1 }]] };
    const renames = ['lists', 'list'].map((name) => ({ path: [name, 'a'], to: 'b' }));
    applyRenames(data, renames, isOfType);
    expect(data['list']).toEqual([[{ b: 1 }]]);
  });
});
