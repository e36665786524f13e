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

/** What a smaller list reads beyond what the largest reads: nothing, where costs do not depend on sizes. */
function beyond(smaller: readonly string[], largest: readonly string[]): string[] {
  const reads = (costs: readonly string[]) =>
    costs.flatMap((cost) =>
      (cost.split(': ')[1] ?? '').split(', ').map((collection) => `${cost.split(':')[0] ?? ''} ${collection}`),
    );
  return reads(smaller).filter((read) => !reads(largest).includes(read));
}

/** The requests that read a collection more often than fetches travelled in them. */
function repeatsOf(fetches: readonly ExplainedFetch[]): string[] {
  return fetches.flatMap(({ subgraph, databaseCommands }, at) => {
    const fetchCount = 1 + fetches.filter(({ joinedTo }) => joinedTo === at).length;
    const names = databaseCommands.map(({ collection }) => collection);
    const often = [...new Set(names)].filter((name) => names.filter((each) => each === name).length > fetchCount);
    return often.map((name) => `${subgraph}: ${name}`);
  });
}

/** Fetches of each, and the largest lists that may be asked for: lists within lists cost by their product (docs/cost.md). */
const GOLDEN = [
  ['customer360', 6, 100],
  ['campaignAttribution', 3, 25],
  ['behaviourSegment', 3, 100],
  ['orderList', 1, 100],
] as const;

describe('the golden queries', () => {
  it.each(GOLDEN)('%s takes %i fetches and answers without errors', async (name, fetchCount) => {
    const { query, variables } = await readExample(name);
    const answer = await graph.ask(query, variables);
    expect(answer.errors).toEqual([]);
    expect(answer.fetches).toHaveLength(fetchCount);
  });

  it.each(GOLDEN)(
    '%s takes %i fetches for lists of 1, 10 and %i, with the same database queries',
    async (name, fetchCount, largest) => {
      const { query, variables } = await readExample(name);
      const costs = [];
      for (const size of [1, 10, largest]) {
        // The newest campaigns have led to nothing yet, and what is not there is not fetched.
        const sized = query
          .replace('campaigns(', 'campaigns(filter: { status: [COMPLETED] }, ')
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
    },
  );

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

  it('cost no more database queries for 50 customers than for 1 and 10', async () => {
    const costs = [];
    for (const first of [1, 10, 50]) {
      const { data, errors, fetches } = await graph.ask<{ customers: { edges: unknown[] } }>(query, { first });
      expect(errors).toEqual([]);
      expect(data.customers.edges).toHaveLength(first);
      expect(repeatsOf(fetches)).toEqual([]);
      costs.push(costsOf(fetches));
    }
    expect(costs[0]).toHaveLength(costs[2]?.length ?? 0);
    // Fewer customers may have nothing in some collection, which then is not asked; never is one asked more.
    for (const smaller of costs.slice(0, 2)) expect(beyond(smaller, costs[2] ?? [])).toEqual([]);
  });
});
