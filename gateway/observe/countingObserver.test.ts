import { CONTENT_TYPE, joinMetrics, openPromRegistry } from '../../platform/promRegistry.ts';
import { serveMetrics } from '../../platform/metricsServer.ts';
import { openCountingObserver, type GaugeSources } from './countingObserver.ts';
import { METRICS } from './metricTable.ts';

const GAUGES: GaugeSources = {
  gate: () => ({ inFlight: 3, waiting: 4 }),
  breakers: () => ({ orders: 'open', customers: 'closed', marketing: 'probing' }),
  plansKept: () => 7,
  supergraph: () => 'abc',
  source: () => ({ kind: 'file', isCopy: false, readAgoMs: 500, release: { number: 7 } }),
  supergraphAgeMs: () => 60_000,
  loopDelayMs: () => 12,
  entityCache: () => ({ entries: 5, bytes: 1_000 }),
};

/** An observer that has seen one of everything, and what Prometheus reads of it. */
function openObserved() {
  const observer = openCountingObserver();
  observer.requestBegan();
  observer.requestBegan();
  observer.requestEnded('partial', 200, 20);
  observer.stepEnded('plan', 0.04);
  observer.refused('OVERLOADED');
  observer.codeAnswered('SUBGRAPH_TIMEOUT');
  observer.codeAnswered('what a subgraph says');
  observer.faulted();
  observer.planLookedUp(true);
  observer.planLookedUp(false);
  observer.operationShared();
  observer.usageWritten(true);
  observer.usageWritten(false);
  observer.usageLost(2);
  observer.supergraphTaken();
  observer.supergraphRefused();
  const orders = observer.ofSubgraph('orders');
  orders.ended('ok', 3);
  orders.ended('timeout', 4_000);
  orders.retried();
  orders.shared();
  return openPromRegistry(observer.sources(GAUGES));
}

const valueOf = (text: string, line: string): string | undefined =>
  text
    .split('\n')
    .find((each) => each.startsWith(`${line} `))
    ?.slice(line.length + 1);

describe('the metrics', () => {
  it.each([
    ['crm_gateway_requests_total{outcome="partial",status="200"}', '1'],
    ['crm_gateway_request_duration_seconds_count{outcome="partial"}', '1'],
    ['crm_gateway_request_duration_seconds_sum{outcome="partial"}', '0.02'],
    ['crm_gateway_request_duration_seconds_bucket{outcome="partial",le="0.01"}', '0'],
    ['crm_gateway_request_duration_seconds_bucket{outcome="partial",le="0.025"}', '1'],
    ['crm_gateway_request_duration_seconds_bucket{outcome="partial",le="+Inf"}', '1'],
    ['crm_gateway_step_duration_seconds_bucket{step="plan",le="0.00005"}', '1'],
    ['crm_gateway_workers', '1'],
    ['crm_gateway_requests_open', '1'],
    ['crm_gateway_requests_in_flight', '3'],
    ['crm_gateway_requests_waiting', '4'],
    ['crm_gateway_refusals_total{code="OVERLOADED"}', '1'],
    ['crm_gateway_errors_total{code="OVERLOADED"}', '1'],
    ['crm_gateway_errors_total{code="SUBGRAPH_TIMEOUT"}', '1'],
    ['crm_gateway_errors_total{code="INTERNAL"}', '1'],
    ['crm_gateway_faults_total', '1'],
    ['crm_gateway_plans_total{result="found"}', '1'],
    ['crm_gateway_plans_total{result="made"}', '1'],
    ['crm_gateway_plans_kept', '7'],
    ['crm_gateway_operations_shared_total', '1'],
    ['crm_gateway_fetches_total{subgraph="orders",outcome="timeout"}', '1'],
    ['crm_gateway_fetch_duration_seconds_count{subgraph="orders"}', '2'],
    ['crm_gateway_fetch_retries_total{subgraph="orders"}', '1'],
    ['crm_gateway_fetches_shared_total{subgraph="orders"}', '1'],
    ['crm_gateway_breaker_state{subgraph="orders"}', '2'],
    ['crm_gateway_breaker_state{subgraph="marketing"}', '1'],
    ['crm_gateway_supergraphs_total{result="taken"}', '1'],
    ['crm_gateway_supergraphs_total{result="refused"}', '1'],
    ['crm_gateway_supergraph_age_seconds', '60'],
    ['crm_gateway_loop_delay_seconds', '0.012'],
  ])('show %s as %s', async (line, value) => {
    const metrics = openObserved();
    expect(valueOf(await metrics.text(), line)).toBe(value);
    metrics.stop();
  });

  it('have every row of the table, and what the process itself tells', async () => {
    const metrics = openObserved();
    const text = await metrics.text();
    for (const [name, { kind }] of Object.entries(METRICS)) expect(text).toContain(`# TYPE ${name} ${kind}\n`);
    expect(text).toContain('process_resident_memory_bytes');
    expect(await metrics.text()).toContain('crm_gateway_faults_total 1');
    metrics.stop();
  });

  it('of several processes become one: numbers are added, states and ages the highest', async () => {
    const [first, second] = [openObserved(), openObserved()];
    const text = await joinMetrics([await first.values(), await second.values()]);
    expect(valueOf(text, 'crm_gateway_requests_total{outcome="partial",status="200"}')).toBe('2');
    expect(valueOf(text, 'crm_gateway_request_duration_seconds_bucket{outcome="partial",le="0.025"}')).toBe('2');
    expect(valueOf(text, 'crm_gateway_supergraph_age_seconds')).toBe('60');
    expect(valueOf(text, 'crm_gateway_breaker_state{subgraph="orders"}')).toBe('2');
    [first, second].forEach((metrics) => metrics.stop());
  });

  it('have a bound on their labels: late subgraphs are counted together', async () => {
    const observer = openCountingObserver();
    for (let number = 0; number < 300; number++) observer.ofSubgraph(`s${number}`).retried();
    const metrics = openPromRegistry(observer.sources(GAUGES));
    const lines = (await metrics.text())
      .split('\n')
      .filter((line) => line.startsWith('crm_gateway_fetch_retries_total{'));
    metrics.stop();
    expect(lines.length).toBeLessThanOrEqual(201);
    expect(lines).toContain('crm_gateway_fetch_retries_total{subgraph="other"} 100');
  });
});

describe('the port of the metrics', () => {
  it('serves them on loopback at one path, and nothing else', async () => {
    const metrics = openObserved();
    const server = await serveMetrics(0, async () => ({ contentType: CONTENT_TYPE, text: await metrics.text() }));
    const answer = await fetch(`${server.url}/metrics`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, CONTENT_TYPE]);
    expect(await answer.text()).toContain('crm_gateway_faults_total 1');
    expect((await fetch(`${server.url}/`)).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(404);
    await server.stop();
    metrics.stop();
  });

  it('answers 500 without a word where reading fails', async () => {
    const server = await serveMetrics(0, () => Promise.reject(new Error('inner')));
    const answer = await fetch(`${server.url}/metrics`);
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    await server.stop();
  });
});
