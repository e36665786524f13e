// The gateway answers one graph from three processes: plans, merges, passes on, and counts as planned.
import { deriveSubgraphSecret, isBodyOf, proofKey, readProof } from '../../../contracts/gatewayProof.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../../harness/testGateway.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';

describe('a query over three subgraphs', () => {
  let gateway: TestGateway;
  const asked = (): number => Object.values(gateway.subgraphs).reduce((sum, { asked }) => sum + asked.length, 0);

  beforeAll(async () => {
    gateway = await startTestGateway({ env: { CRM_PROOF_SECRET: SECRET, CRM_TENANT_ID: 'acme' } });
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    for (const subgraph of Object.values(gateway.subgraphs)) subgraph.asked.length = 0;
  });

  it('is answered from all of them, required fields fetched first', async () => {
    const answer = await gateway.query(
      `query Whole($id: ID!) { customer(id: $id) { displayName orders(first: 2) { number } consents frequency } }`,
      { id: 'c1' },
    );
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({
      customer: {
        displayName: 'Name of c1',
        orders: [{ number: 'N-1' }, { number: 'N-2' }],
        consents: ['EMAIL'],
        frequency: 3,
      },
    });
    // Four fetches, three requests: consents travels with frequency, which waits for orders.
    expect(asked()).toBe(3);
  });

  it.each([1, 10, 100])('costs the same fetches for %i customers', async (first) => {
    const answer = await gateway.query('query List($first: Int!) { customers(first: $first) { orders { number } } }', {
      first,
    });
    expect(answer.errors).toEqual([]);
    expect(answer.data?.['customers']).toHaveLength(first);
    expect(asked()).toBe(2);
  });

  it('uses what a subgraph provides instead of a second fetch', async () => {
    const answer = await gateway.query('{ orders { customer { id displayName } } }');
    expect(answer.errors).toEqual([]);
    expect(asked()).toBe(1);
  });

  it('keeps a null that a subgraph means', async () => {
    const answer = await gateway.query('{ customer(id: "nobody") { displayName orders { number } } }');
    expect(answer.data).toEqual({ customer: null });
    expect(answer.errors).toEqual([]);
  });

  it('splits more than 500 entities into calls of at most 500', async () => {
    const answer = await gateway.query('{ customers(first: 1100) { orders(first: 1) { number } } }');
    expect(answer.errors).toEqual([]);
    const customers = answer.data?.['customers'] as { orders: unknown[] }[];
    expect(customers).toHaveLength(1100);
    expect(customers.every((customer) => customer.orders.length === 1)).toBe(true);
    const sizes = gateway.subgraphs.orders.asked.map((request) => (request.variables['representations'] as []).length);
    expect(sizes.sort()).toEqual([100, 500, 500]);
  });

  it('tells a subgraph, signed, for whom and until when it asks', async () => {
    await gateway.query('{ orders { number } }', {}, { 'x-request-id': 'given-by-the-client' });
    const [request] = gateway.subgraphs.orders.asked;
    const header = String(request?.headers['crm-gateway-proof']);
    const keys = [proofKey(deriveSubgraphSecret(SECRET, 'orders'))];
    const head = readProof({ keys, subgraph: 'orders', nowMs: Date.now() }, header);
    const stated = { requestId: 'given-by-the-client', tenantId: 'acme', actor: 'open', scopes: '', explain: false };
    expect(head?.statement).toMatchObject(stated);
    expect(head !== undefined && isBodyOf(head, request?.body ?? '')).toBe(true);
  });

  it('echoes a well-formed request id and replaces any other', async () => {
    const kept = await gateway.query('{ __typename }', {}, { 'x-request-id': 'abc-DEF_123' });
    expect(kept.headers.get('x-request-id')).toBe('abc-DEF_123');
    const replaced = await gateway.query('{ __typename }', {}, { 'x-request-id': 'a b"c' });
    expect(replaced.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/);
  });

  it('answers a query by GET that no foreign page can send', async () => {
    const search = new URLSearchParams({ query: '{ orders(first: 1) { number } }' }).toString();
    const answer = await gateway.send(`/graphql?${search}`, { headers: { 'apollo-require-preflight': '1' } });
    expect(answer.data).toEqual({ orders: [{ number: 'N-1' }] });
  });

  it('never shows a plan by the library’s own header', async () => {
    const answer = await gateway.query('{ orders { number } }', {}, { 'Apollo-Query-Plan-Experimental': '1' });
    expect(answer.extensions).toBeUndefined();
  });

  it('writes one line a request, without document and variables', async () => {
    const answer = await gateway.query('query Named($id: ID!) { customer(id: $id) { email } }', {
      id: 'secret-variable',
    });
    const last = await gateway.query('{ __typename }');
    const ids = [answer, last].map(({ headers }) => headers.get('x-request-id'));
    const linesOf = (id: unknown) => gateway.requestLines().filter((line) => line['requestId'] === id);
    await waitUntil(() => linesOf(ids[1]).length === 1);
    const lines = linesOf(ids[0]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ status: 200, operation: 'Named', kind: 'query' });
    expect(gateway.process.output()).not.toContain('secret-variable');
    expect(gateway.process.output()).not.toContain('customer(id');
  });
});
