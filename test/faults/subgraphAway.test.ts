// A subgraph that is away: the others' fields are answered at once, its own are null with an error each, it is left
// alone but for a try a second, and it is back soon after it returns. The gateway starts without any subgraph.
import { startFaultyGateway, type FaultyGateway } from '../harness/faultyGateway.ts';
import { measureUpTo, percentile } from '../harness/loadClient.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { startTestGateway } from '../harness/testGateway.ts';

const QUERY = '{ customers(first: 2) { displayName consents orders(first: 1) { number } } }';
const AWAY = { kind: 'refuse' } as const;
const THERE = { kind: 'none' } as const;
/** How soon a subgraph's fields are back after its return, and how soon an error is told. */
const BACK_WITHIN_MS = 2_000;
const TOLD_WITHIN_MS = 50;

describe('S1: a subgraph that is down', () => {
  let gateway: FaultyGateway;
  const isWhole = async (query = QUERY): Promise<boolean> => (await gateway.query(query)).errors.length === 0;
  const breakerOf = async (name: string): Promise<string | undefined> =>
    ((await gateway.health()).body['subgraphs'] as Record<string, string>)[name];

  beforeAll(async () => {
    gateway = await startFaultyGateway();
  });
  afterAll(() => gateway.stop());
  afterEach(async () => {
    await Promise.all(Object.values(gateway.links).map((link) => link.set(THERE)));
    await waitUntil(() => isWhole());
  });

  it('costs its own fields alone, each null with an error that names it', async () => {
    await gateway.links.orders.set(AWAY);
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
  });

  it('is told within 50 ms, before the breaker opens and while it is open', async () => {
    await isWhole();
    await gateway.links.orders.set(AWAY);
    const measure = async (): Promise<number> => {
      const times: number[] = [];
      for (let count = 0; count < 40; count++) {
        const startMs = performance.now();
        expect((await gateway.query(QUERY)).codes).toContain('SUBGRAPH_UNAVAILABLE');
        times.push(performance.now() - startMs);
      }
      return percentile(times, 0.95);
    };
    expect(await measureUpTo(3, measure, (ms) => ms < TOLD_WITHIN_MS)).toBeLessThan(TOLD_WITHIN_MS);
  });

  it('is back within two seconds of its return', async () => {
    await gateway.links.orders.set(AWAY);
    for (let count = 0; count < 8; count++) await gateway.query(QUERY);
    await gateway.links.orders.set(THERE);
    await waitUntil(() => isWhole(), BACK_WITHIN_MS);
  });

  it('is back with its first connection, however long that call takes', async () => {
    await gateway.links.orders.set(AWAY);
    await waitUntil(async () => {
      await gateway.query(QUERY);
      return (await breakerOf('orders')) !== 'closed';
    });
    await gateway.links.orders.set({ kind: 'silence' });
    const asked: Promise<unknown>[] = [];
    await waitUntil(async () => {
      asked.push(gateway.query(QUERY));
      return (await breakerOf('orders')) === 'closed';
    });
    await gateway.links.orders.set(THERE);
    await waitUntil(() => isWhole(), BACK_WITHIN_MS);
    await Promise.all(asked);
  });

  it('is left alone after five refused connections but for one try a second, and the gateway stays ready', async () => {
    const campaigns = '{ campaigns { name } }';
    const refused = (): number =>
      gateway.requestLines().filter((line) => JSON.stringify(line).includes('ECONNREFUSED')).length;
    const before = refused();
    await gateway.links.marketing.set(AWAY);
    await waitUntil(async () => {
      await gateway.query(campaigns);
      return (await breakerOf('marketing')) !== 'closed';
    });
    const opened = refused();
    expect(opened - before).toBeGreaterThanOrEqual(5);
    const startMs = performance.now();
    await waitUntil(async () => {
      await gateway.query(campaigns);
      return refused() >= opened + 2;
    });
    const seconds = (performance.now() - startMs) / 1_000;
    expect(refused() - opened).toBeLessThanOrEqual(Math.ceil(seconds));
    expect((await gateway.health()).status).toBe(200);
    await gateway.links.marketing.set(THERE);
    await waitUntil(() => isWhole(campaigns));
    expect(await breakerOf('marketing')).toBe('closed');
  });

  it('loses no query of the others while it restarts under load', async () => {
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
      await waitUntil(async () => !(await isWhole()));
      await gateway.subgraphs[name].start();
      await waitUntil(() => isWhole());
    }
    stop = true;
    await Promise.all(load);
    expect([...statuses]).toEqual([200]);
  });
});

describe('S2: subgraphs that are down when the gateway starts', () => {
  it('do not keep it from starting, being ready, and answering once they are there', async () => {
    const gateway = await startFaultyGateway();
    const { links } = gateway;
    await Promise.all(Object.values(links).map((link) => link.set(AWAY)));
    const addresses = { customers: links.customers.url, orders: links.orders.url, marketing: links.marketing.url };
    const lonely = await startTestGateway({ addresses });
    const { status, body } = await lonely.health();
    const answer = await lonely.query('{ customer(id: "c1") { id } }');
    await Promise.all(Object.values(links).map((link) => link.set(THERE)));
    await waitUntil(async () => (await lonely.query(QUERY)).errors.length === 0, BACK_WITHIN_MS);
    await lonely.stop();
    await gateway.stop();
    expect([status, body['ready']]).toEqual([200, true]);
    expect([answer.status, answer.codes]).toEqual([200, ['SUBGRAPH_UNAVAILABLE']]);
  });
});
