// The cases in which the planner alone is not right (architecture.md, section 4), each over HTTP with answers that are
// written down here.
import { startWrittenGraph, type WrittenGraph } from './startWrittenGraph.ts';

const COMMENTS = ['one', 'two', 'three', 'four'];
const things = new Map([
  ['1', { id: '1', code: 'c1', size: 3 }],
  ['2', { id: '2', code: 'c2', size: null }],
]);
const thingOf = ({ id, code }: { id?: string; code?: string }) =>
  [...things.values()].find((thing) => thing.id === id || thing.code === code) ?? null;

let graph: WrittenGraph;

beforeAll(async () => {
  graph = await startWrittenGraph({
    left: {
      types: `
        type Query { things: [Thing!]! post: Post product: Product search: Hit }
        type Thing @key(fields: "id") @key(fields: "code") { id: ID! code: String! size: Int }
        type Post @key(fields: "id") { id: ID! comments(limit: Int = 4): [String!]! title(upper: Boolean): String }
        type Product @key(fields: "upc") { upc: ID! name: String! weight: Int! broken: Int }
        union Hit = Product | Post`,
      resolvers: {
        Query: {
          things: () => [...things.values()],
          post: () => ({ id: 'p' }),
          product: () => ({ upc: 'u1' }),
          search: () => ({ __typename: 'Product', upc: 'u1' }),
        },
        Thing: { __resolveReference: thingOf },
        Post: {
          comments: (_: unknown, { limit }: { limit: number }) => COMMENTS.slice(0, limit),
          title: (_: unknown, { upper }: { upper?: boolean }) => (upper === true ? 'TITLE' : 'title'),
        },
        Product: {
          name: () => 'Table',
          weight: () => 40,
          broken() {
            throw new Error('secret of the subgraph');
          },
        },
      },
    },
    right: {
      types: `
        type Query { made: [Thing!]! }
        type Thing @key(fields: "id", resolvable: false) @key(fields: "code") {
          id: ID! code: String! size: Int @external area: Int @requires(fields: "size") }
        type Post @key(fields: "id") { id: ID! comments(limit: Int = 4): [String!]! @external title(upper: Boolean): String @external
          first: String @requires(fields: "comments(limit: 1)") top: String @requires(fields: "comments(limit: 3)")
          head: String @requires(fields: "title(upper: true)") }
        type Product @key(fields: "upc") { upc: ID! weight: Int! @external broken: Int @external
          shipping: Int @requires(fields: "weight") repair: Int @requires(fields: "broken") stock: Int! }`,
      resolvers: {
        Query: {
          made: () => [
            { id: '1', code: 'c1' },
            { id: '2', code: 'c2' },
          ],
        },
        Thing: {
          __resolveReference: (reference: { code?: string }) => (reference.code === undefined ? null : reference),
          area: ({ size }: { size?: number | null }) => (typeof size === 'number' ? size * size : null),
        },
        Post: {
          first: ({ comments }: { comments: string[] }) => comments.join(),
          top: ({ comments }: { comments: string[] }) => comments.join(),
          head: ({ title }: { title: string }) => title,
        },
        Product: {
          stock: ({ upc }: { upc: string }) => (upc === 'u1' ? 7 : 0),
          shipping: ({ weight }: { weight: number }) => weight / 2,
          repair: () => 5,
        },
      },
    },
  });
});

afterAll(() => graph.stop());

describe('a: coming back for a @requires', () => {
  it('uses a key that is resolvable there although one that is not stands first', async () => {
    const { data, errors } = await graph.query('{ made { area } things { area id } }');
    expect(errors).toEqual([]);
    expect(data).toEqual({
      made: [{ area: 9 }, { area: null }],
      things: [
        { area: 9, id: '1' },
        { area: null, id: '2' },
      ],
    });
  });
});

describe('b: a required field with arguments', () => {
  it('is another field than what the client asks with other arguments', async () => {
    const { text } = await graph.query('{ post { comments(limit: 2) top title head } }');
    expect(text.trim()).toBe(
      '{"data":{"post":{"comments":["one","two"],"top":"one,two,three","title":"title","head":"TITLE"}}}',
    );
  });

  it('leaves the client its default arguments and its aliases', async () => {
    const { data } = await graph.query('{ post { top comments mine: comments(limit: 1) first: title } }');
    const comments = COMMENTS;
    expect(data).toEqual({ post: { top: 'one,two,three', comments, mine: ['one'], first: 'title' } });
  });
});

describe('c: two fields that require one field with different arguments', () => {
  it('get their own each', async () => {
    const { text } = await graph.query('{ post { first top comments(limit: 2) } }');
    expect(text.trim()).toBe('{"data":{"post":{"first":"one","top":"one,two,three","comments":["one","two"]}}}');
  });
});

describe('d: a root field that the plan leaves out', () => {
  it('is answered or is an error, never a bare null', async () => {
    // Conditions that exclude each other inside it make the planner forget the root field itself.
    const query = 'query ($no: Boolean!) { search @skip(if: $no) { ... on Product @include(if: $no) { shipping } } }';
    const { data, errors } = await graph.query(query, { no: false });
    const isTold = errors.some((error) => JSON.stringify(error.path) === '["search"]');
    expect(isTold ? null : data?.['search']).toEqual(isTold ? null : {});
    expect(Object.keys(data ?? {})).toEqual(['search']);
  });
});

describe('e: an alias that equals a key or a required field', () => {
  it('changes neither keys nor requirements, and stays the name in the answer', async () => {
    const { text } = await graph.query('{ product { upc: name weight: name shipping stock } }');
    expect(text.trim()).toBe('{"data":{"product":{"upc":"Table","weight":"Table","shipping":20,"stock":7}}}');
  });

  it('is the name in the path of an error', async () => {
    const { data, errors } = await graph.query('{ product { weight: broken shipping upc: stock } }');
    expect(data).toEqual({ product: { weight: null, shipping: 20, upc: 7 } });
    expect(errors.map((error) => error.path)).toEqual([['product', 'weight']]);
  });

  it('holds for __typename under another name and for a type under the name __typename is asked by', async () => {
    const { text } = await graph.query('{ search { name: __typename ... on Product { id: stock shipping } } }');
    expect(text.trim()).toBe('{"data":{"search":{"name":"Product","id":7,"shipping":20}}}');
  });
});

describe('f: what stands between supergraph and planner', () => {
  it('shows in no schema, error or answer that a client sees', async () => {
    const schema = await graph.query('{ __schema { types { name fields { name args { name } } } } }');
    const types = schema.data?.['__schema'] as { types: { name: string; fields: { name: string }[] | null }[] };
    const fields = types.types.find(({ name }) => name === 'Post')?.fields?.map(({ name }) => name);
    expect(fields).toEqual(['id', 'comments', 'title', 'first', 'top', 'head']);
    const failed = await graph.query('{ mine: product { repair weight: broken } }');
    expect(failed.data).toEqual({ mine: { repair: null, weight: null } });
    expect(failed.errors.map((error) => error.path)).toEqual(
      expect.arrayContaining([
        ['mine', 'repair'],
        ['mine', 'weight'],
      ]),
    );
    expect(failed.errors).toHaveLength(2);
    const names = new Set(
      types.types.flatMap(({ name, fields: own }) => [name, ...(own ?? []).map((field) => field.name)]),
    );
    const words = failed.errors.flatMap((error) => error.message.match(/\w+/g) ?? []);
    expect(failed.text).not.toContain('secret');
    expect(words.filter((word) => /_/.test(word) && !names.has(word))).toEqual([]);
  });

  it('is refused as unknown where a client asks it by its name', async () => {
    for (const name of ['comments_1', '_comments', 'comments__3', 'size_0']) {
      const { codes } = await graph.query(`{ post { ${name} } }`);
      expect(codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    }
  });
});
