// The name of a subgraph's host: one that does not resolve, or too slowly, is a subgraph that is away; a new address is
// used soon; and names are not asked for with every request.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { startFaultProxy, type FaultProxy } from '../harness/faultProxy.ts';
import { startFixtureSubgraph, type FixtureSubgraph } from '../harness/fixtureSubgraph.ts';
import { startNameServer, type NameServer } from '../harness/nameServer.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { startTestGateway, type ClientAnswer, type TestGateway } from '../harness/testGateway.ts';

const PRELOAD = pathToFileURL(join(import.meta.dirname, '../harness/askNameServer.ts')).href;
const FETCH_TIMEOUT_MS = 1_000;
const QUERY = '{ customer(id: "c1") { email } campaigns { name } }';
const LOST = { customer: null, campaigns: [{ name: 'Spring' }] };
const WHOLE = { ...LOST, customer: { email: 'c1@example.com' } };
const FIRST = '127.0.0.1';
const SECOND = '127.0.0.2';

describe('S12: a subgraph whose name', () => {
  let names: NameServer;
  let subgraph: FixtureSubgraph;
  /** The subgraph at its old and at its new address, on one port. */
  let first: FaultProxy;
  let second: FaultProxy;
  let gateway: TestGateway;

  beforeEach(async () => {
    names = await startNameServer([FIRST]);
    subgraph = await startFixtureSubgraph('customers');
    first = await startFaultProxy(subgraph.url, { host: FIRST });
    second = await startFaultProxy(subgraph.url, { host: SECOND, port: first.port });
    gateway = await startTestGateway({
      addresses: { customers: `http://customers.test:${first.port}/graphql` },
      env: {
        CRM_FETCH_TIMEOUT_MS: String(FETCH_TIMEOUT_MS),
        NODE_OPTIONS: `--import=${PRELOAD}`,
        NAME_SERVER_PORT: String(names.port),
      },
    });
  });
  afterEach(async () => {
    await gateway.stop();
    await Promise.all([first.stop(), second.stop(), subgraph.stop(), names.stop()]);
  });

  const timed = async (): Promise<ClientAnswer & { ms: number }> => {
    const startMs = performance.now();
    const answer = await gateway.query(QUERY);
    return { ...answer, ms: performance.now() - startMs };
  };

  it('does not exist costs its own fields alone, at once, and is back within two seconds of its return', async () => {
    names.addresses = [];
    for (let count = 0; count < 6; count++) {
      const answer = await timed();
      expect([answer.status, answer.data, answer.codes]).toEqual([200, LOST, ['SUBGRAPH_UNAVAILABLE']]);
      expect(answer.ms).toBeLessThan(FETCH_TIMEOUT_MS);
      expect(answer.text).not.toMatch(/customers\.test|ENOTFOUND/);
    }
    names.addresses = [FIRST];
    await waitUntil(async () => (await gateway.query(QUERY)).errors.length === 0, 2_000);
  });

  it.each<[string, Partial<NameServer>]>([
    ['is never answered', { silent: true }],
    ['is answered too slowly', { delayMs: 3_000 }],
  ])('%s costs its own fields alone, with an error at the fetch deadline', async (_, how) => {
    Object.assign(names, how);
    const answer = await timed();
    expect([answer.status, answer.data]).toEqual([200, LOST]);
    expect(answer.codes.filter((code) => !/^SUBGRAPH_(UNAVAILABLE|TIMEOUT)$/.test(code))).toEqual([]);
    expect(answer.ms).toBeLessThan(FETCH_TIMEOUT_MS + 700);
    Object.assign(names, { silent: false, delayMs: 0 });
    await waitUntil(async () => (await gateway.query(QUERY)).errors.length === 0, 2_000);
  });

  it('is not asked for with every request', async () => {
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => gateway.query(QUERY)));
      expect(answers.map(({ data }) => data)).toEqual(answers.map(() => WHOLE));
    }
    expect(new Set(names.asked)).toEqual(new Set(['customers.test']));
    expect(names.asked.length).toBeLessThanOrEqual(20);
  });

  it.each([
    ['is gone', { kind: 'refuse' }],
    ['still answers', { kind: 'none' }],
  ] as const)('has a new address while the old one %s is asked there within five seconds', async (_, fault) => {
    await waitUntil(async () => (await gateway.query(QUERY)).errors.length === 0);
    expect(first.taken.connections).toBeGreaterThan(0);
    names.addresses = [SECOND];
    await first.set(fault);
    await waitUntil(async () => {
      await gateway.query(QUERY);
      return second.taken.connections > 0;
    }, 5_000);
    expect((await gateway.query(QUERY)).data).toEqual(WHOLE);
  });
});
