// Promise: a gateway that may keep entities asks the subgraphs for a known customer no more, says so when it is asked to
// explain, answers the same bytes, shows a writer what was written, and keeps nothing that it is not told the changes of.
import { renderExplanation, type AnsweredExplanation } from '../../../gateway/plan/explain.ts';
import { startLateAnswers, type LateAnswers } from '../../harness/lateAnswers.ts';
import { measureUpTo } from '../../harness/loadClient.ts';
import { readExample, startTestGraph, type TestGraph } from '../../harness/testGraph.ts';
import { sendRequest, type ClientAnswer } from '../../harness/testGateway.ts';

const REPEATS = 20;

let graph: TestGraph;
let query: string;
let id: string;
const proxies: LateAnswers[] = [];

const askedOfSubgraphs = (): number => proxies.reduce((sum, { passed }) => sum + passed.count, 0);

function ask(headers: Record<string, string> = {}): Promise<ClientAnswer> {
  return sendRequest(graph.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${graph.key}`, ...headers },
    body: JSON.stringify({ query, variables: { id } }),
  });
}

/** Asks until so many requests reach the subgraphs as the test waits for. */
async function until(isReached: (requests: number) => boolean): Promise<ClientAnswer> {
  for (let tries = 0; tries < 400; tries++) {
    const before = askedOfSubgraphs();
    const answer = await ask();
    if (isReached(askedOfSubgraphs() - before)) return answer;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error('it does not come to pass');
}
const isKept = (requests: number): boolean => requests === 0;
const isFetched = (requests: number): boolean => requests >= 3;

beforeAll(async () => {
  graph = await startTestGraph(20, { CRM_ENTITY_CACHE: 'memory' }, undefined, async (url) => {
    const proxy = await startLateAnswers(url, 0, 1);
    proxies.push(proxy);
    return proxy.url;
  });
  ({ query } = await readExample('customer360'));
  const text = '{ customers(first: 1) { edges { node { id } } } }';
  const { data } = await graph.ask<{ customers: { edges: [{ node: { id: string } }] } }>(text);
  ({ id } = data.customers.edges[0].node);
}, 120_000);
afterAll(async () => {
  await graph.stop();
  await Promise.all(proxies.map((proxy) => proxy.stop()));
}, 60_000);

describe('Customer 360 on a gateway that keeps entities', () => {
  it('asks the subgraphs at least five times less when it is repeated, and answers the same bytes', async () => {
    const before = askedOfSubgraphs();
    const first = await ask();
    const cold = askedOfSubgraphs() - before;
    // A beat that comes late has everything asked anew: that is right, and not what is measured.
    const repeatWarm = async (): Promise<number> => {
      await until(isKept);
      const start = askedOfSubgraphs();
      for (let repeat = 0; repeat < REPEATS; repeat++) expect((await ask()).text).toBe(first.text);
      return askedOfSubgraphs() - start;
    };
    const warm = await measureUpTo(3, repeatWarm, (asked) => asked * 5 <= cold * REPEATS);
    console.info(`${REPEATS} repeats: ${warm} requests to subgraphs; without the cache ${cold * REPEATS}`);
    expect(cold).toBeGreaterThanOrEqual(3);
    expect(warm * 5).toBeLessThanOrEqual(cold * REPEATS);
    expect(first.headers.get('cache-control')).toBe('private, no-store');
  });

  it('explains what came from the cache', async () => {
    const askExplained = async (): Promise<AnsweredExplanation> => {
      await until(isKept);
      const { extensions } = await ask({ 'crm-explain': '1' });
      return (extensions as { explain: AnsweredExplanation }).explain;
    };
    const explain = await measureUpTo(3, askExplained, ({ totals }) => totals.fetches === 0);
    expect(explain.totals.fetches).toBe(0);
    expect(explain.recalled.map(({ subgraph }) => subgraph)).toEqual(
      expect.arrayContaining(['customers', 'orders', 'marketing']),
    );
    expect(renderExplanation(explain)).toContain('fetch customers  (1 entity from the cache)');
  });

  it('keeps apart what differs by the default of a variable alone', async () => {
    const askFor = async (key: string): Promise<number> => {
      const before = askedOfSubgraphs();
      const text = `query ($keys: [String!] = ["${key}"]) {
        orders(first: 1) { edges { node { customer { customFields(keys: $keys) { key } } } } } }`;
      expect((await graph.ask(text)).errors).toEqual([]);
      return askedOfSubgraphs() - before;
    };
    for (let tries = 0; (await askFor('tier')) > 1; tries++) expect(tries).toBeLessThan(200);
    expect(await askFor('vip')).toBe(2);
  });

  it('shows a writer what was written at once, and the rest from the cache', async () => {
    await until(isKept);
    const read = await graph.ask<{ customer: { version: number } }>(`{ customer(id: "${id}") { version } }`);
    const mutation = `mutation($input: [CustomerPatch!]!) { updateCustomers(input: $input, idempotencyKey: "cache-1") { code } }`;
    const input = [{ id, version: read.data.customer.version, displayName: 'Written Just Now' }];
    const written = await graph.ask<{ updateCustomers: { code: string }[] }>(mutation, { input });
    expect(written.data.updateCustomers).toEqual([{ code: 'UPDATED' }]);
    expect((await ask()).data).toMatchObject({ customer: { displayName: 'Written Just Now' } });
  });

  it('is fetched while nobody tells of changes, and kept again when somebody does', async () => {
    await until(isKept);
    await graph.broker?.process.stop('SIGKILL');
    await until(isFetched);
    const before = askedOfSubgraphs();
    await ask();
    await ask();
    expect(askedOfSubgraphs() - before).toBeGreaterThanOrEqual(6);
    await graph.broker?.killAndRevive();
    await until(isKept);
  }, 60_000);
});
