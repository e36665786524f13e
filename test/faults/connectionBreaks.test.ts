// A connection that breaks under a request: a query is sent again once, a mutation never; with an idempotency key the
// client can send it again itself, and it takes effect once.
import { startFaultyGateway, type FaultyGateway } from '../harness/faultyGateway.ts';
import { customerId, orderInput } from '../harness/orderRequests.ts';
import { startFaultProxy, type FaultProxy } from '../harness/faultProxy.ts';
import { startLiarSubgraph } from '../harness/liarSubgraph.ts';
import { startTestGateway, type ClientAnswer } from '../harness/testGateway.ts';
import { startTestGraph, type TestGraph } from '../harness/testGraph.ts';
import { waitUntil } from '../harness/startProcess.ts';

const QUERY = '{ customer(id: "c1") { email } campaigns { name } }';
const WHOLE = { customer: { email: 'c1@example.com' }, campaigns: [{ name: 'Spring' }] };
const MUTATION = 'mutation { renameCustomer(id: "c1", name: "B") { id } }';

describe('S11: a connection that is reset before a byte of the answer', () => {
  it('has a query sent twice and a mutation once, whose outcome is unknown', async () => {
    const liar = await startLiarSubgraph('resets');
    const gateway = await startTestGateway({ addresses: { customers: liar.url } });
    const query = await gateway.query(QUERY);
    const queried = liar.paths.splice(0).length;
    const mutation = await gateway.query(MUTATION);
    const mutated = liar.paths.splice(0).length;
    liar.lie = 'hangs';
    await gateway.stop();
    await liar.stop();
    expect([query.codes, queried]).toEqual([['SUBGRAPH_UNAVAILABLE'], 2]);
    expect([mutation.data, mutation.codes, mutated]).toEqual([{ renameCustomer: null }, ['OUTCOME_UNKNOWN'], 1]);
  });

  it('leaves the outcome of a mutation open when the subgraph says nothing', async () => {
    const liar = await startLiarSubgraph('hangs');
    const gateway = await startTestGateway({
      addresses: { customers: liar.url },
      env: { CRM_FETCH_TIMEOUT_MS: '300' },
    });
    const mutation = await gateway.query(MUTATION);
    await gateway.stop();
    await liar.stop();
    expect([mutation.codes, liar.paths.length]).toEqual([['OUTCOME_UNKNOWN'], 1]);
  });
});

describe('S11: a keep-alive connection that the subgraph has given up', () => {
  let gateway: FaultyGateway;
  const asked = (): number => gateway.subgraphs.customers.asked.length;

  beforeAll(async () => {
    gateway = await startFaultyGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(async () => {
    await gateway.links.customers.set({ kind: 'none' });
    await waitUntil(async () => (await gateway.query(QUERY)).errors.length === 0);
  });

  it('does not cost a query anything: it is asked once, over another connection', async () => {
    await gateway.links.customers.set({ kind: 'stale' });
    // Each connection serves one request; every further query meets one that resets.
    for (let count = 0; count < 10; count++) {
      const before = asked();
      const answer = await gateway.query(QUERY);
      expect([answer.data, answer.errors, asked() - before]).toEqual([WHOLE, [], 1]);
    }
  });

  it('costs many queries at once nothing either', async () => {
    const many = (): Promise<ClientAnswer[]> =>
      Promise.all(Array.from({ length: 24 }, (_, index) => gateway.query(`{ customer(id: "m${index}") { email } }`)));
    await many();
    for (let round = 0; round < 3; round++) {
      await gateway.subgraphs.customers.stop();
      await gateway.subgraphs.customers.start();
      const answers = await many();
      expect(answers.filter(({ errors }) => errors.length > 0).map(({ text }) => text)).toEqual([]);
    }
  });

  it('never has a mutation sent twice', async () => {
    await gateway.links.customers.set({ kind: 'stale' });
    await gateway.query(QUERY);
    const before = asked();
    const answer = await gateway.query(MUTATION);
    const effects = asked() - before;
    expect(effects).toBeLessThanOrEqual(1);
    expect([answer.codes, answer.data]).toEqual(
      effects === 1 ? [[], { renameCustomer: { id: 'c1' } }] : [['OUTCOME_UNKNOWN'], { renameCustomer: null }],
    );
  });

  it.each([
    ['cut', { kind: 'cut', afterBytes: 300 }],
    ['half-closed', { kind: 'half-close', afterBytes: 300 }],
  ] as const)(
    'costs its own fields alone where the answer is %s in its middle, and is asked once',
    async (_, fault) => {
      await gateway.links.customers.set(fault);
      const before = asked();
      const answer = await gateway.query(`{ customer(id: "${'c'.repeat(300)}") { id } campaigns { name } }`);
      expect(answer.data).toEqual({ ...WHOLE, customer: null });
      expect(answer.codes.filter((code) => !/^SUBGRAPH_(UNAVAILABLE|BAD_ANSWER)$/.test(code))).toEqual([]);
      expect(asked() - before).toBe(1);
    },
  );
});

describe('S11: a mutation with an idempotency key whose answer is lost', () => {
  const PLACE =
    'mutation ($input: [OrderInput!]!, $key: ID!) { placeOrders(input: $input, idempotencyKey: $key) { code order { id } } }';
  interface Placed {
    readonly placeOrders: readonly { readonly code: string; readonly order: { readonly id: string } }[] | null;
  }
  let graph: TestGraph;
  let link: FaultProxy;

  beforeAll(async () => {
    graph = await startTestGraph(0, {}, undefined, async (url, name) => {
      if (name !== 'orders') return url;
      link = await startFaultProxy(url);
      return link.url;
    });
  }, 120_000);
  afterAll(async () => {
    await graph.stop();
    await link.stop();
  });

  it('has exactly one effect however often it is sent again', async () => {
    const variables = { input: [orderInput({ customerId: customerId('once') })], key: 'lost-answer' };
    await link.set({ kind: 'cut', afterBytes: 40 });
    const lost = await graph.ask<Placed>(PLACE, variables);
    const lostAgain = await graph.ask<Placed>(PLACE, variables);
    await link.set({ kind: 'none' });
    const first = await graph.ask<Placed>(PLACE, variables);
    const second = await graph.ask<Placed>(PLACE, variables);
    const all = await graph.ask<{ orders: { edges: unknown[] } }>('{ orders(first: 10) { edges { node { id } } } }');
    expect([lost, lostAgain].map(({ errors }) => errors.map(({ extensions }) => extensions.code))).toEqual([
      ['OUTCOME_UNKNOWN'],
      ['OUTCOME_UNKNOWN'],
    ]);
    expect(first.data.placeOrders?.map(({ code }) => code)).toEqual(['CREATED']);
    expect(second.data).toEqual(first.data);
    expect(all.data.orders.edges).toHaveLength(1);
  });
});
