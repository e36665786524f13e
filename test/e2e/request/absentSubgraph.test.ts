// A subgraph that is away (reliability.md, S1, S2): the others' fields are answered, its own are null with an error
// each, and it is back soon after it returns. The gateway starts without any subgraph.
import { startTestGateway, type TestGateway } from '../../harness/testGateway.ts';
import { waitUntil } from '../../harness/startProcess.ts';

const QUERY = '{ customers(first: 2) { displayName consents orders(first: 1) { number } } }';

describe('a subgraph that is away', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it('costs its own fields alone, each null with an error that names it, and comes back by itself', async () => {
    await gateway.subgraphs.orders.stop();
    const answer = await gateway.query(QUERY);
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({
      customers: ['c1', 'c2'].map((id) => ({ displayName: `Name of ${id}`, consents: ['EMAIL'], orders: null })),
    });
    expect(answer.errors).toEqual(
      [0, 1].map((index) => ({
        message: 'orders: The part of the graph that has this field is away.',
        path: ['customers', index, 'orders'],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
      })),
    );
    expect(answer.text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/);
    await gateway.subgraphs.orders.start();
    await waitUntil(async () => (await gateway.query(QUERY)).errors.length === 0);
  });

  it('is left alone after five refused connections but for a try a second, and the gateway stays ready', async () => {
    await gateway.subgraphs.marketing.stop();
    for (let count = 0; count < 6; count++) await gateway.query('{ campaigns { name } }');
    const { status, body } = await gateway.health();
    expect(status).toBe(200);
    expect(body['subgraphs']).toMatchObject({ marketing: expect.stringMatching(/open|probing/) as string });
    await gateway.subgraphs.marketing.start();
    await waitUntil(async () => (await gateway.query('{ campaigns { name } }')).errors.length === 0);
    const after = await gateway.health();
    expect(after.body['subgraphs']).toMatchObject({ marketing: 'closed' });
  });

  it('loses no query while subgraphs restart under load', async () => {
    let stop = false;
    const statuses = new Set<number>();
    const load = Array.from({ length: 8 }, async () => {
      while (!stop) {
        const answer = await gateway.query(QUERY);
        statuses.add(answer.status);
        if (answer.data?.['customers'] === undefined) throw new Error(answer.text);
      }
    });
    for (const name of ['orders', 'marketing'] as const) {
      await gateway.subgraphs[name].stop();
      await waitUntil(async () => (await gateway.query(QUERY)).errors.length > 0);
      await gateway.subgraphs[name].start();
      await waitUntil(async () => (await gateway.query(QUERY)).errors.length === 0);
    }
    stop = true;
    await Promise.all(load);
    expect([...statuses]).toEqual([200]);
  });

  it('does not keep the gateway from starting', async () => {
    const lonely = await startTestGateway({
      addresses: {
        customers: 'http://127.0.0.1:1/graphql',
        orders: 'http://127.0.0.1:1/graphql',
        marketing: 'http://127.0.0.1:1/graphql',
      },
    });
    const { status } = await lonely.health();
    const answer = await lonely.query('{ customer(id: "c1") { id } }');
    await lonely.stop();
    expect(status).toBe(200);
    expect([answer.status, answer.codes]).toEqual([200, ['SUBGRAPH_UNAVAILABLE']]);
  });
});
