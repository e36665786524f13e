// A subgraph that is killed while the graph is under load: the others' fields go on, its own are null and named.
import { startTestGraph, readExample, type GraphAnswer, type TestGraph } from '../../harness/testGraph.ts';
import { waitUntil } from '../../harness/startProcess.ts';

let graph: TestGraph;
beforeAll(async () => {
  graph = await startTestGraph(30);
}, 180_000);
afterAll(() => graph.stop());

interface Customer360 {
  readonly customer: { readonly displayName: string; readonly consents: unknown; readonly orders: unknown } | null;
}

const QUERY = 'query ($id: ID!) { customer(id: $id) { displayName consents { channel } shippingZone } }';

describe('a killed subgraph', () => {
  it('costs its own fields alone, shows nothing inner, and is back by itself once it is there again', async () => {
    const { variables } = await readExample('customer360');
    const answers: { when: 'before' | 'down' | 'after'; answer: GraphAnswer<Customer360> }[] = [];
    let when: 'before' | 'down' | 'after' = 'before';
    let isOver = false;
    const askOn = async (): Promise<void> => {
      while (!isOver) answers.push({ when, answer: await graph.ask<Customer360>(QUERY, variables) });
    };
    const load = Promise.all(Array.from({ length: 8 }, askOn));
    const enough = (phase: string, count: number) =>
      waitUntil(() => answers.filter((each) => each.when === phase).length >= count);

    await enough('before', 50);
    await graph.kill('orders');
    when = 'down';
    await enough('down', 100);
    await graph.revive('orders');
    await waitUntil(() => answers.at(-1)?.answer.errors.length === 0);
    when = 'after';
    await enough('after', 50);
    isOver = true;
    await load;

    // The first and last ones of a phase may have begun in the phase before.
    const of = (phase: string) => answers.filter((each) => each.when === phase).map(({ answer }) => answer);
    expect(
      of('before')
        .slice(0, 40)
        .every(({ errors }) => errors.length === 0),
    ).toBe(true);
    expect(
      of('after')
        .slice(-20)
        .every(({ errors }) => errors.length === 0),
    ).toBe(true);
    for (const { status, data, errors } of of('down')) {
      expect(status).toBe(200);
      expect(data.customer).toMatchObject({
        displayName: expect.any(String) as unknown,
        consents: expect.any(Array) as unknown,
      });
      for (const error of errors) {
        expect(error.path).toEqual(['customer', 'shippingZone']);
        expect(error.extensions).toEqual({ code: 'SUBGRAPH_UNAVAILABLE' });
        expect(error.message).not.toMatch(/127\.0\.0\.1|ECONN|localhost|:\d{4}|orders/i);
      }
    }
    expect(of('down').some(({ errors }) => errors.length > 0)).toBe(true);
  });
});

/** What each subgraph has of a Customer 360, and what is left of it without the subgraph. */
const PARTS = [
  ['orders', ['orderStats', 'orders', 'rfm'], ['displayName', 'company', 'consents', 'segments', 'engagements']],
  ['marketing', ['consents', 'segments', 'engagements', 'rfm'], ['displayName', 'company', 'orderStats', 'orders']],
] as const;

describe('a Customer 360', () => {
  it.each(PARTS)('without %s has nulls and an error for each of %j, and all of %j', async (name, missing, left) => {
    const { query, variables } = await readExample('customer360');
    await graph.kill(name);
    const { status, data, errors } = await graph.ask<{ customer: Record<string, unknown> }>(query, variables);
    await graph.revive(name);
    expect(status).toBe(200);
    for (const field of left) expect([field, data.customer[field]]).not.toEqual([field, null]);
    for (const field of missing) {
      expect([field, data.customer[field]]).toEqual([field, null]);
      const told = errors.filter(({ path }) => path?.[0] === 'customer' && path[1] === field);
      expect([field, told.map(({ extensions }) => extensions)]).toEqual([field, [{ code: 'SUBGRAPH_UNAVAILABLE' }]]);
    }
    await waitUntil(async () => (await graph.ask(query, variables)).errors.length === 0);
  });

  it('lists of other subgraphs are answered beside one that is away', async () => {
    await graph.kill('customers');
    const query =
      '{ customers(first: 1) { edges { cursor } } orders(first: 1) { edges { node { number customer { displayName email } } } } }';
    const { data, errors } = await graph.ask<{ customers: null; orders: { edges: unknown[] } }>(query);
    await graph.revive('customers');
    const node = {
      number: expect.any(String) as unknown,
      customer: { displayName: expect.any(String) as unknown, email: null },
    };
    expect(data).toEqual({ customers: null, orders: { edges: [{ node }] } });
    expect(errors.map(({ path }) => path?.join('.')).sort()).toEqual([
      'customers',
      'orders.edges.0.node.customer.email',
    ]);
  });
});
