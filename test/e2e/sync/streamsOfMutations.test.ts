// From a mutation to a subscriber, on the real graph: outbox, relay, broker, gateway, three subgraphs.
import { openSse } from '../../harness/sseReader.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

interface Versioned {
  readonly id: string;
  readonly version: number;
  readonly customer: { readonly id: string };
}

const DELETE =
  'mutation($input: [VersionedId!]!, $key: ID!) { deleteOrders(input: $input, idempotencyKey: $key) { code } }';
const RESTORE =
  'mutation($input: [VersionedId!]!, $key: ID!) { restoreOrders(input: $input, idempotencyKey: $key) { code } }';
const FOLLOW = `subscription Of($customer: ID!) {
  orderChanged(customerId: $customer) { id version deletedAt customer { displayName email consents { channel } } }
}`;

const ANY_TEXT = expect.any(String) as string;
const ANY_LIST = expect.any(Array) as unknown[];

describe('a mutation', () => {
  let graph: TestGraph;
  beforeAll(async () => {
    graph = await startTestGraph(20);
  }, 90_000);
  afterAll(() => graph.stop(), 60_000);

  it('reaches a subscriber with fields of three subgraphs', async () => {
    const { data } = await graph.ask<{ orders: { edges: { node: Versioned }[] } }>(
      '{ orders(first: 1) { edges { node { id version customer { id } } } } }',
    );
    const order = data.orders.edges[0]?.node;
    if (order === undefined) throw new Error('the sample data has no order');
    const { id, version } = order;
    const wish = { url: graph.url, key: graph.key, query: FOLLOW, variables: { customer: order.customer.id } };
    const [stream, others] = await Promise.all([
      openSse(wish),
      openSse({ ...wish, variables: { customer: 'cus_000000000000' } }),
    ]);
    const deleted = await graph.ask(DELETE, { input: [{ id, version }], key: 'delete-1' });
    expect(deleted.data).toEqual({ deleteOrders: [{ code: 'UPDATED' }] });
    await waitUntil(() => stream.messages.length >= 1);
    await graph.ask(RESTORE, { input: [{ id, version: version + 1 }], key: 'restore-1' });
    await waitUntil(() => stream.messages.length >= 2);
    const told = stream.messages.map((message) => JSON.parse(message.data) as unknown);
    const customer = { displayName: ANY_TEXT, email: ANY_TEXT, consents: ANY_LIST };
    expect(told).toEqual([
      { data: { orderChanged: { id, version: version + 1, deletedAt: ANY_TEXT, customer } } },
      { data: { orderChanged: { id, version: version + 2, deletedAt: null, customer } } },
    ]);
    expect(others.messages).toEqual([]);
    stream.cut();
    others.cut();
  });
});
