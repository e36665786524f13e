// A subgraph that takes requests and says nothing, or stops half-way: an error at the fetch deadline on its own fields,
// the others undisturbed, and neither sockets nor memory kept afterwards.
import { IS_FULL_SIZE, openDescriptors, startFaultyGateway, type FaultyGateway } from '../harness/faultyGateway.ts';
import { heldMegabytes, PROBED } from '../harness/heapProbe.ts';
import type { Fault } from '../harness/faultProxy.ts';
import { percentile, startLoadClient, type LoadClient } from '../harness/loadClient.ts';
import { BROKEN, COMPARE_TIMEOUT_MS, compareOthers, P99_RATIO_MAX } from '../harness/othersUndisturbed.ts';
import { startProcess, waitUntil } from '../harness/startProcess.ts';
import { startTestGateway } from '../harness/testGateway.ts';

const FETCH_TIMEOUT_MS = 400;
/** What an answer may take past the fetch's deadline on a busy machine. */
const GRACE_MS = 700;
const LONG_ID = 'c'.repeat(300);
const QUERY = `{ customer(id: "${LONG_ID}") { id email } campaigns { name } }`;
const WITHOUT_CUSTOMER = { customer: null, campaigns: [{ name: 'Spring' }] };
const ROUNDS = IS_FULL_SIZE ? { rounds: 9, roundMs: 4_000 } : { rounds: 5, roundMs: 900 };
const HUNG_FETCHES = IS_FULL_SIZE ? 1_000 : 120;
const HUNG_PER_SECOND = 100;
const KEPT_MEGABYTES_MAX = 4;
const KEPT_DESCRIPTORS_MAX = 4;

const env = { CRM_FETCH_TIMEOUT_MS: String(FETCH_TIMEOUT_MS) };

describe.each<[string, Fault]>([
  ['S4: a subgraph that hangs', { kind: 'silence' }],
  ['S5: a subgraph that hangs half-way through the body', { kind: 'stall', afterBytes: 350 }],
])('%s', (_, fault) => {
  let gateway: FaultyGateway;
  let client: LoadClient;
  const isWhole = async (): Promise<boolean> => (await gateway.query(QUERY)).errors.length === 0;

  beforeAll(async () => {
    [gateway, client] = await Promise.all([startFaultyGateway({ env: { ...env, ...PROBED } }), startLoadClient()]);
    await waitUntil(isWhole);
  });
  afterAll(async () => {
    await client.stop();
    await gateway.stop();
  });
  afterEach(async () => {
    await gateway.links.customers.set({ kind: 'none' });
    await waitUntil(isWhole);
  });

  it('costs its own fields alone, with an error at the fetch deadline', async () => {
    await gateway.links.customers.set(fault);
    const startMs = performance.now();
    const answer = await gateway.query(QUERY);
    const ms = performance.now() - startMs;
    expect([answer.status, answer.data, answer.codes]).toEqual([200, WITHOUT_CUSTOMER, ['SUBGRAPH_TIMEOUT']]);
    expect(answer.errors[0]?.path).toEqual(['customer']);
    expect(ms).toBeGreaterThanOrEqual(FETCH_TIMEOUT_MS - 5);
    expect(ms).toBeLessThan(FETCH_TIMEOUT_MS + GRACE_MS);
  });

  it(
    'leaves the others’ p99 within 1.5 times its baseline',
    async () => {
      const { ratio, wrongOthers } = await compareOthers(gateway, client, fault, ROUNDS);
      expect(wrongOthers).toEqual([]);
      expect(ratio).toBeLessThanOrEqual(P99_RATIO_MAX);
    },
    COMPARE_TIMEOUT_MS,
  );

  it(`keeps neither sockets nor memory after ${HUNG_FETCHES} hung fetches`, async () => {
    const { pid } = gateway.process.child;
    const durationMs = (HUNG_FETCHES / HUNG_PER_SECOND) * 1_000;
    const load = { url: gateway.url, requests: [BROKEN], perSecond: HUNG_PER_SECOND, durationMs };
    const hang = async (): Promise<void> => {
      await gateway.links.customers.set(fault);
      const { samples } = await client.run(load);
      // A machine that stands still for a moment sends fewer, and has a few wait.
      expect(samples.length).toBeGreaterThanOrEqual(HUNG_FETCHES / 2);
      expect(samples.filter(({ status }) => status !== 200)).toEqual([]);
      expect(
        percentile(
          samples.map(({ ms }) => ms),
          0.5,
        ),
      ).toBeLessThan(FETCH_TIMEOUT_MS + GRACE_MS);
      await gateway.links.customers.set({ kind: 'none' });
      await waitUntil(isWhole);
    };
    await hang();
    const descriptors = await openDescriptors(pid);
    const before = await heldMegabytes(gateway.process);
    await hang();
    const kept = (await heldMegabytes(gateway.process)) - before;
    expect(kept).toBeLessThanOrEqual(KEPT_MEGABYTES_MAX);
    await waitUntil(() => gateway.links.customers.open() <= KEPT_DESCRIPTORS_MAX);
    await waitUntil(async () => (await openDescriptors(pid)) <= descriptors + KEPT_DESCRIPTORS_MAX);
  });
});

describe('S4: a subgraph whose process is stopped by a signal', () => {
  it('costs its own fields alone, and is back when it goes on', async () => {
    const stopped = await startProcess(['test/harness/fixtureProcess.ts', 'customers']);
    const gateway = await startTestGateway({ env, addresses: { customers: stopped.ready } });
    const isWhole = async (): Promise<boolean> => (await gateway.query(QUERY)).errors.length === 0;
    await waitUntil(isWhole);
    stopped.child.kill('SIGSTOP');
    const startMs = performance.now();
    const answer = await gateway.query(QUERY);
    const ms = performance.now() - startMs;
    stopped.child.kill('SIGCONT');
    await waitUntil(isWhole, 2_000);
    await gateway.stop();
    await stopped.stop();
    expect([answer.status, answer.data, answer.codes]).toEqual([200, WITHOUT_CUSTOMER, ['SUBGRAPH_TIMEOUT']]);
    expect(ms).toBeLessThan(FETCH_TIMEOUT_MS + GRACE_MS);
  });
});
