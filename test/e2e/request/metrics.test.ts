// The gateway's metrics as Prometheus meets them: on a loopback port of their own, counting what clients got.
import { waitUntil } from '../../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../../harness/testGateway.ts';

function urlIn(output: string): string | undefined {
  return /"url":"([^"]+\/metrics)"/.exec(output)?.[1];
}

describe('the metrics', () => {
  let gateway: TestGateway;
  let url: string;
  beforeAll(async () => {
    gateway = await startTestGateway({ env: { CRM_METRICS_PORT: '0' } });
    url = await waitUntil(() => urlIn(gateway.process.output()));
  });
  afterAll(() => gateway.stop());

  const read = async (): Promise<string> => (await fetch(url)).text();
  const valueOf = async (line: string): Promise<number> => {
    const found = (await read()).split('\n').find((each) => each.startsWith(`${line} `));
    return Number(found?.slice(line.length + 1) ?? 0);
  };
  const readAll = (lines: readonly string[]): Promise<number[]> => Promise.all(lines.map(valueOf));

  it('are on their own port alone, which is on loopback', async () => {
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect((await gateway.send('/metrics', {})).status).toBe(404);
    expect(await read()).toContain('process_cpu_seconds_total');
  });

  it('count supergraphs that are taken', async () => {
    const taken = 'crm_gateway_supergraphs_total{result="taken"}';
    const before = await valueOf(taken);
    await gateway.publish({
      marketing: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9") type Query { news: Int }',
    });
    await waitUntil(async () => (await valueOf(taken)) === before + 1);
    await gateway.publish({});
    await waitUntil(async () => (await valueOf(taken)) === before + 2);
  });

  it('count each request, its steps and its fetches once', async () => {
    const lines = [
      'crm_gateway_requests_total{outcome="ok",status="200"}',
      'crm_gateway_request_duration_seconds_count{outcome="ok"}',
      'crm_gateway_fetches_total{subgraph="orders",outcome="ok"}',
      'crm_gateway_fetch_duration_seconds_count{subgraph="orders"}',
      ...['receive', 'admit', 'plan', 'fetch', 'respond'].map(
        (step) => `crm_gateway_step_duration_seconds_count{step="${step}"}`,
      ),
    ];
    const before = await readAll(lines);
    for (let time = 0; time < 3; time++)
      expect((await gateway.query('{ orders(first: 1) { number } }')).status).toBe(200);
    expect(await readAll(lines)).toEqual(before.map((count) => count + 3));
    expect(await readAll(['crm_gateway_requests_open', 'crm_gateway_requests_in_flight'])).toEqual([0, 0]);
  });

  it('count plans that are made and found', async () => {
    const lines = ['crm_gateway_plans_total{result="made"}', 'crm_gateway_plans_total{result="found"}'];
    const before = await readAll(lines);
    for (let time = 0; time < 3; time++) await gateway.query('{ company(id: 1) { name } orders(first: 2) { number } }');
    expect(await readAll(lines)).toEqual([Number(before[0]) + 1, Number(before[1]) + 2]);
    expect(await valueOf('crm_gateway_plans_kept')).toBeGreaterThan(0);
  });

  it('count refusals by their code', async () => {
    const lines = [
      'crm_gateway_requests_total{outcome="refused",status="400"}',
      'crm_gateway_refusals_total{code="MALFORMED_JSON"}',
      'crm_gateway_errors_total{code="MALFORMED_JSON"}',
    ];
    const before = await readAll(lines);
    await gateway.send('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
    expect(await readAll(lines)).toEqual(before.map((count) => count + 1));
  });

  it('count answers of which a part is missing, and show the breaker', async () => {
    const lines = [
      'crm_gateway_requests_total{outcome="partial",status="200"}',
      'crm_gateway_errors_total{code="SUBGRAPH_UNAVAILABLE"}',
      'crm_gateway_fetches_total{subgraph="marketing",outcome="unavailable"}',
    ];
    const before = await readAll(lines);
    await gateway.subgraphs.marketing.stop();
    for (let time = 0; time < 4; time++) await gateway.query('{ customer(id: "c1") { email consents } }');
    expect(await readAll(lines)).toEqual(before.map((count) => count + 4));
    // It opens once refusals have gone on for half a second.
    await waitUntil(async () => {
      await gateway.query('{ customer(id: "c1") { email consents } }');
      return (await valueOf('crm_gateway_breaker_state{subgraph="marketing"}')) === 2;
    });
    await gateway.subgraphs.marketing.start();
  });
});

describe('a gateway without CRM_METRICS_PORT', () => {
  it('serves no metrics', async () => {
    const gateway = await startTestGateway();
    expect(urlIn(gateway.process.output())).toBeUndefined();
    await gateway.stop();
  });
});
