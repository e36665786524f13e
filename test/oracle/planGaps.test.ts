// Legal operations that a plan or a long answer alone would get wrong, each over HTTP with answers that are written down
// here: names that mean several things at one place, the root beneath the root, more errors than are told.
import { startWrittenGraph, type WrittenGraph } from './startWrittenGraph.ts';

const MANY = 300;
const people = new Map([
  ['ann', { nick: 'A', phone: '1' }],
  ['bob', { nick: 'B', phone: '2' }],
]);

let graph: WrittenGraph;
/** The prices that taxes were worked out from. */
const taxed: unknown[] = [];

beforeAll(async () => {
  graph = await startWrittenGraph({
    left: {
      types: `
        type Query { items: [Item!]! x: Int again: Query never: Query many: [Thing!]! }
        type Mutation { pay: Receipt payAll: [Receipt!]! }
        type Receipt { id: ID! query: Query }
        interface Item { id: ID! }
        type Book implements Item { id: ID! author: Person }
        type Film implements Item { id: ID! author: Person director: Person }
        type Person @key(fields: "id") { id: ID! }
        type Thing @key(fields: "id") { id: ID! price: Int }`,
      resolvers: {
        Query: {
          items: () => [
            { __typename: 'Book', id: 'b', author: { id: 'ann' } },
            { __typename: 'Film', id: 'f', author: { id: 'bob' }, director: { id: 'ann' } },
          ],
          x: () => 1,
          again: () => ({}),
          never: () => null,
          many: () => Array.from({ length: MANY }, (_, at) => ({ id: String(at) })),
        },
        Mutation: { pay: () => ({ id: 'r', query: {} }), payAll: () => ['r', 's'].map((id) => ({ id, query: {} })) },
        Thing: {
          price() {
            throw new Error('the prices are away');
          },
        },
      },
    },
    right: {
      types: `
        type Query { y(k: String): Int person: Person }
        type Person @key(fields: "id") { id: ID! name(lang: String): String nick: String phone: String }
        type Thing @key(fields: "id") { id: ID! price: Int @external tax: Int @requires(fields: "price") stock: Int }`,
      resolvers: {
        Query: { y: (_: unknown, { k }: { k?: string }) => (k === 'none' ? null : 7), person: () => ({ id: 'ann' }) },
        Person: {
          name: ({ id }: { id: string }, { lang }: { lang?: string }) => `${id}-${lang}`,
          nick: ({ id }: { id: string }) => people.get(id)?.nick,
          phone: ({ id }: { id: string }) => people.get(id)?.phone,
        },
        Thing: {
          tax({ price }: { price?: unknown }) {
            taxed.push(price);
            return 5;
          },
          stock: () => 3,
        },
      },
    },
  });
});

afterAll(() => graph.stop());

describe('one response name for several things at one place', () => {
  it('gives each type the arguments that were given for it', async () => {
    const query =
      '{ items { ... on Book { author { name(lang: "EN") } } ... on Film { author { name(lang: "DE") } } } }';
    const { text } = await graph.query(query);
    expect(text.trim()).toBe('{"data":{"items":[{"author":{"name":"ann-EN"}},{"author":{"name":"bob-DE"}}]}}');
  });

  it('gives each type the field that was asked of it', async () => {
    const { text } = await graph.query(
      '{ items { ... on Book { who: author { v: nick } } ... on Film { who: director { v: phone } } } }',
    );
    expect(text.trim()).toBe('{"data":{"items":[{"who":{"v":"A"}},{"who":{"v":"1"}}]}}');
  });
});

describe('the root beneath the root', () => {
  it('is answered where it stands, also by another subgraph, for each object that gives it', async () => {
    const { data, errors } = await graph.query(
      'mutation { pay { query { x y } } payAll { id query { y person { name(lang: "EN") } } } }',
    );
    const query = { y: 7, person: { name: 'ann-EN' } };
    expect(errors).toEqual([]);
    expect(data).toEqual({
      pay: { query: { x: 1, y: 7 } },
      payAll: [
        { id: 'r', query },
        { id: 's', query },
      ],
    });
  });

  it('is not mistaken for the root', async () => {
    const { text } = await graph.query('{ y(k: "none") again { y(k: "some") } never { y } }');
    expect(text.trim()).toBe('{"data":{"y":null,"again":{"y":7},"never":null}}');
  });
});

describe('more errors than are told', () => {
  it('leave no null without a reason, and nothing is worked out from what failed', async () => {
    const { data, errors } = await graph.query('{ many { price tax stock } }');
    expect(data?.['many']).toEqual(Array.from({ length: MANY }, () => ({ price: null, tax: null, stock: 3 })));
    expect(taxed).toEqual([]);
    const about = (field: string): number => errors.filter(({ path }) => path?.at(-1) === field).length;
    expect(about('price')).toBe(200);
    expect(about('tax')).toBeGreaterThan(0);
    expect(errors.map(({ message }) => message).filter((message) => message.includes('more fields'))).not.toEqual([]);
  });
});

describe('values of variables that decide', () => {
  it('are refused where they are null although the variable has a default', async () => {
    const { codes } = await graph.query('query($b: Boolean = true) { x @include(if: $b) }', { b: null });
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  it('are an error of the field where introspection is asked for null', async () => {
    const { data, codes } = await graph.query('query($n: String = "Query") { x __type(name: $n) { name } }', {
      n: null,
    });
    expect([data, codes]).toEqual([{ x: 1, __type: null }, ['BAD_USER_INPUT']]);
  });
});
