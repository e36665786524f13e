// The gateway in several processes on one port: who is lost is replaced while the others serve, and all end together.
import { waitUntil, runProcess } from '../../harness/startProcess.ts';
import { sendRequest, startTestGateway, type ClientAnswer, type TestGateway } from '../../harness/testGateway.ts';

/** So many that one worker alone gets them all once in eight million times. */
const CLIENTS = 24;
const QUERY = '{ orders(first: 1) { number } }';

interface LogLine {
  readonly msg: string;
  readonly worker?: number;
  readonly pid?: number;
  readonly url?: string;
}

function linesOf(gateway: TestGateway): LogLine[] {
  const lines = gateway.process.output().split('\n');
  return lines.filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line) as LogLine);
}

/** Requests that run at the same time go over connections of their own, which the workers share. */
function ask(gateway: TestGateway): Promise<ClientAnswer> {
  return sendRequest(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY }),
  });
}

async function readMetrics(gateway: TestGateway): Promise<string> {
  const url = await waitUntil(() => linesOf(gateway).find((line) => line.msg === 'metrics served')?.url);
  return (await fetch(url)).text();
}

async function countWorkers(gateway: TestGateway): Promise<unknown> {
  return (await gateway.health()).body['workers'];
}

describe('a gateway of two workers', () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await startTestGateway({ env: { GATEWAY_WORKERS: '2', CRM_METRICS_PORT: '0' } });
  });
  afterEach(() => gateway.stop());

  it('serves with both, is ready when both are, and counts what they did together', async () => {
    expect(await countWorkers(gateway)).toEqual({ ready: 2, count: 2 });
    const answers = await Promise.all(Array.from({ length: CLIENTS }, () => ask(gateway)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const served = await waitUntil(() => {
      const lines = linesOf(gateway).filter((line) => line.msg === 'request');
      return lines.length === CLIENTS ? lines : undefined;
    });
    expect(new Set(served.map((line) => line.worker))).toEqual(new Set([1, 2]));
    const text = await readMetrics(gateway);
    expect(text).toContain('crm_gateway_workers 2\n');
    expect(text).toContain('crm_gateway_requests_total{outcome="ok",status="200"} 24\n');
    expect(text).toContain('crm_gateway_request_duration_seconds_count{outcome="ok"} 24\n');
  });

  it('goes on when one is killed under load, and has a new one soon', async () => {
    let asking = true;
    const answers: ClientAnswer[] = [];
    let broken = 0;
    const load = Array.from({ length: CLIENTS }, async () => {
      while (asking) {
        await ask(gateway).then(
          (answer) => answers.push(answer),
          () => broken++,
        );
      }
    });
    await waitUntil(() => answers.length > 20);
    const victim = linesOf(gateway).find((line) => line.msg === 'worker ready')?.pid;
    process.kill(Number(victim), 'SIGKILL');
    const before = answers.length;
    await waitUntil(() => answers.length > before + 20);
    await waitUntil(() => linesOf(gateway).filter((line) => line.msg === 'worker ready').length === 3);
    await waitUntil(async () => JSON.stringify(await countWorkers(gateway)) === '{"ready":2,"count":2}');
    asking = false;
    await Promise.all(load);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    // Only what the killed one had in its hands is lost: one request a client at most.
    expect(broken).toBeLessThanOrEqual(CLIENTS);
  });

  it('answers what both have accepted before it ends with code 0 on SIGTERM', async () => {
    const { orders } = gateway.subgraphs;
    let release = (): void => undefined;
    orders.hold = new Promise((resolve) => (release = resolve));
    const waiting = Array.from({ length: CLIENTS }, () => ask(gateway));
    await waitUntil(async () => (await readMetrics(gateway)).includes(`crm_gateway_requests_open ${CLIENTS}\n`));
    const ended = gateway.process.stop('SIGTERM');
    await waitUntil(() => linesOf(gateway).filter((line) => line.msg === 'stopping').length === 3);
    release();
    const answers = await Promise.all(waiting);
    expect(answers.map((answer) => answer.data)).toEqual(answers.map(() => ({ orders: [{ number: 'N-1' }] })));
    expect(await ended).toBe(0);
  });
});

describe('a gateway whose workers cannot start', () => {
  it('says why, once, and ends', async () => {
    const words = ['gateway/main.ts', '--access', 'open', '--supergraph', 'nowhere.graphql', '--port', '0'];
    const { code, output } = await runProcess(words, { GATEWAY_WORKERS: '3' });
    expect(code).toBe(1);
    expect(output.match(/nowhere\.graphql cannot be read/g)).toHaveLength(1);
    expect(output).toContain('the workers did not start');
  });
});
