// One entity at two places of an operation, of which one request brings what both ask for: what is asked beneath each is
// its own, over HTTP.
import { startWrittenGraph, type WrittenGraph } from './startWrittenGraph.ts';

let graph: WrittenGraph;

beforeAll(async () => {
  graph = await startWrittenGraph({
    left: {
      types: `
        type Query { order: Order }
        type Order @key(fields: "id") { id: ID! }
        type Campaign @key(fields: "id") { id: ID! name: String revenue(model: String): String }`,
      resolvers: {
        Query: { order: () => ({ id: 'o' }) },
        Campaign: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          name: ({ id }: { id: string }) => `name of ${id}`,
          revenue: ({ id }: { id: string }, { model }: { model?: string }) => `${id} by ${String(model)}`,
        },
      },
    },
    right: {
      types: `
        type Order @key(fields: "id") { id: ID! attribution: Attribution touches: [Attribution!] }
        type Attribution { campaign: Campaign }
        type Campaign @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Order: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          attribution: () => ({ campaign: { id: 'c' } }),
          touches: () => [{ campaign: { id: 'c' } }, { campaign: { id: 'd' } }],
        },
      },
    },
  });
});
afterAll(() => graph.stop());

describe('an entity at two places that one request brings', () => {
  it.each([
    ['by other arguments', 'revenue(model: "first")', 'revenue(model: "last")', ['revenue', 'c by first', 'c by last']],
    ['by other fields under one name', 'x: revenue(model: "a")', 'x: name', ['x', 'c by a', 'name of c']],
  ])('answers what each asks beneath it %s', async (_, first, last, [key = '', ofFirst, ofLast]) => {
    const { data, errors } = await graph.query(`{
      a: order { attribution { campaign { ${first} } } touches { campaign { ${first} } } }
      b: order { attribution { campaign { ${last} } } touches { campaign { ${last} } } }
    }`);
    const campaign = (text: string | undefined, id: string) => ({ campaign: { [key]: text?.replace(/\bc\b/, id) } });
    const order = (text: string | undefined) => ({
      attribution: campaign(text, 'c'),
      touches: [campaign(text, 'c'), campaign(text, 'd')],
    });
    expect(errors).toEqual([]);
    expect(data).toEqual({ a: order(ofFirst), b: order(ofLast) });
  });
});
