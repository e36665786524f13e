// The four golden queries over the whole graph: what they answer, how many fetches they take, and that a fetch costs at
// most one database query per collection, whatever the list sizes. The numbers are counted on the wire to MongoDB.
import { readExample, startTestGraph, type ExplainedFetch, type TestGraph } from '../../harness/testGraph.ts';

let graph: TestGraph;
beforeAll(async () => {
  graph = await startTestGraph(150);
}, 180_000);
afterAll(() => graph.stop());

/** The collections that each fetch reads, one text a fetch; the fetches in the order of their names. */
function costsOf(fetches: readonly ExplainedFetch[]): string[] {
  return fetches
    .map(
      ({ subgraph, databaseCommands }) =>
        `${subgraph}: ${databaseCommands
          .map(({ collection }) => collection)
          .sort()
          .join(', ')}`,
    )
    .sort();
}

/** The fetches that read a collection more than once. */
function repeatsOf(fetches: readonly ExplainedFetch[]): string[] {
  return costsOf(fetches).filter((cost) => {
    const collections = cost.split(': ')[1]?.split(', ') ?? [];
    return new Set(collections).size < collections.length;
  });
}

const GOLDEN = [
  ['customer360', 6],
  ['campaignAttribution', 3],
  ['behaviourSegment', 3],
  ['orderList', 1],
] as const;

describe('the golden queries', () => {
  it.each(GOLDEN)('%s takes %i fetches and answers without errors', async (name, fetchCount) => {
    const { query, variables } = await readExample(name);
    const answer = await graph.ask(query, variables);
    expect(answer.errors).toEqual([]);
    expect(answer.fetches).toHaveLength(fetchCount);
  });

  it.each(GOLDEN)('%s costs the same for lists of 1, 10 and 100', async (name, fetchCount) => {
    const { query, variables } = await readExample(name);
    const costs = [];
    for (const size of [1, 10, 100]) {
      const sized = query
        .replace(/first: \d+/g, `first: ${size}`)
        .replace('previewSegment(rule: $rule)', `previewSegment(rule: $rule, first: ${size})`);
      const answer = await graph.ask(sized, variables);
      expect(answer.errors).toEqual([]);
      expect(answer.fetches).toHaveLength(fetchCount);
      expect(repeatsOf(answer.fetches)).toEqual([]);
      costs.push(costsOf(answer.fetches));
    }
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[2]).toEqual(costs[0]);
  });

  it('answer a Customer 360 with every part of it', async () => {
    const { query, variables } = await readExample('customer360');
    const { data } = await graph.ask<{ customer: unknown }>(query, variables);
    const some = expect.arrayContaining([expect.anything()]) as unknown;
    expect(data.customer).toMatchObject({
      id: variables['id'],
      displayName: expect.stringMatching(/\S/) as unknown,
      company: { name: expect.stringMatching(/\S/) as unknown },
      orderStats: {
        orderCount: expect.any(Number) as unknown,
        lifetimeValue: { currency: expect.stringMatching(/^[A-Z]{3}$/) as unknown },
      },
      orders: { edges: some },
      consents: some,
      segments: some,
      engagements: some,
    });
    const { orders, engagements } = data.customer as {
      orders: { edges: { node: { attribution: unknown } }[] };
      engagements: { attributedOrder: unknown }[];
    };
    expect(orders.edges.some(({ node }) => node.attribution !== null)).toBe(true);
    expect(engagements.some(({ attributedOrder }) => attributedOrder !== null)).toBe(true);
  });
});

describe('lists of entities', () => {
  const query = `query ($first: Int!) { customers(first: $first) { edges { node {
    id company { name } timeline(first: 3) { edges { node { title } } }
    orders(first: 3) { edges { node { number lines { sku product { name } } attribution { campaign { name } } } } }
    orderStats { orderCount } shippingZone consents { channel } segments { name } rfm { recency } suppressions { channel }
    engagements(first: 3) { id campaign { name } } } } } }`;

  it('cost the same database queries for 1, 10 and 100 customers', async () => {
    const costs = [];
    for (const first of [1, 10, 100]) {
      const { data, errors, fetches } = await graph.ask<{ customers: { edges: unknown[] } }>(query, { first });
      expect(errors).toEqual([]);
      expect(data.customers.edges).toHaveLength(first);
      expect(repeatsOf(fetches)).toEqual([]);
      costs.push(costsOf(fetches));
    }
    expect(costs[1]).toEqual(costs[2]);
  });
});
