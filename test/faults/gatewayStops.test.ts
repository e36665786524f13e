// How the gateway's process ends under load, when it is told twice or while it starts, and what it says when it cannot
// start.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { IS_FULL_SIZE } from '../harness/faultyGateway.ts';
import { loadRequest, startLoadClient } from '../harness/loadClient.ts';
import { runProcess, startProcess, waitUntil } from '../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

const EXITS_WITHIN_MS = 10_000;

const started: TestGateway[] = [];
const startGateway = async (): Promise<TestGateway> => {
  const gateway = await startTestGateway();
  started.push(gateway);
  return gateway;
};
// A test that fails half-way leaves its gateway behind.
afterEach(async () => {
  for (const gateway of started.splice(0)) await gateway.stop();
});

describe('P2: SIGTERM under load', () => {
  it('has every accepted request answered, and the process ended with code 0 within ten seconds', async () => {
    const client = await startLoadClient();
    for (let round = 0; round < (IS_FULL_SIZE ? 30 : 3); round++) {
      const gateway = await startGateway();
      const requests = [
        loadRequest('all', '{ customers(first: 3) { displayName orders(first: 1) { number } } campaigns { name } }'),
      ];
      const load = client.run({ url: gateway.url, requests, connections: 24, durationMs: 1_200 });
      await waitUntil(() => gateway.requestLines().length > 100);
      const startMs = performance.now();
      const code = await gateway.process.stop('SIGTERM');
      const ms = performance.now() - startMs;
      const { samples, wrong } = await load;
      await gateway.stop();
      // Whoever was not accepted any more was refused, or found nobody listening, and never lost an answer half-way.
      const lost = samples.filter(({ status, isRight }) => !isRight && status !== 503 && status !== 0);
      const broken = wrong.filter(
        ({ status, text }) => status !== 503 && !/ECONNREFUSED|other side closed|ECONNRESET/.test(text),
      );
      expect([lost, broken]).toEqual([[], []]);
      // Each request that the gateway logged as answered was answered for the client too.
      const answered = samples.filter(({ isRight }) => isRight).length;
      await waitUntil(() => gateway.requestLines().filter((line) => line['status'] === 200).length === answered);
      expect([code, ms < EXITS_WITHIN_MS]).toEqual([0, true]);
    }
    await client.stop();
  });

  it('answers what it has accepted before it ends with code 0 on SIGTERM', async () => {
    const gateway = await startGateway();
    const { orders } = gateway.subgraphs;
    let release = (): void => undefined;
    orders.hold = new Promise((resolve) => (release = resolve));
    const waiting = Promise.all([1, 2, 3].map((first) => gateway.query(`{ orders(first: ${first}) { number } }`)));
    await waitUntil(() => orders.asked.length === 3);
    const ended = gateway.process.stop('SIGTERM');
    await waitUntil(() => gateway.process.output().includes('stopping'));
    await waitUntil(() =>
      gateway.query('{ __typename }').then(
        (answer) => answer.status === 503,
        () => true,
      ),
    );
    release();
    const answers = await waiting;
    expect(answers.map((answer) => answer.data)).toEqual(
      [['N-1'], ['N-1', 'N-2'], ['N-1', 'N-2', 'N-3']].map((numbers) => ({
        orders: numbers.map((number) => ({ number })),
      })),
    );
    expect(await ended).toBe(0);
    await gateway.stop();
  });
});

describe('P3: a second signal, or one while it starts', () => {
  it.each([
    ['while it starts', 0],
    ['while it loads its parts', 150],
  ])('ends the gateway by SIGTERM %s, without a half start', async (_, afterMs) => {
    const gateway = await startGateway();
    const words = ['gateway/main.ts', '--access', 'open', '--supergraph', gateway.supergraphPath, '--port', '0'];
    const child = spawn(process.execPath, words, { cwd: process.cwd(), stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'exit');
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await new Promise((next) => setTimeout(next, afterMs));
    const startMs = performance.now();
    child.kill('SIGTERM');
    await ended;
    await gateway.stop();
    expect(performance.now() - startMs).toBeLessThan(EXITS_WITHIN_MS);
    expect(output).not.toContain('"msg":"ready"');
  });

  it('ends the gateway in order by SIGINT from the terminal', async () => {
    const gateway = await startGateway();
    const words = ['gateway/main.ts', '--access', 'open', '--supergraph', gateway.supergraphPath, '--port', '0'];
    const child = spawn(process.execPath, words, { cwd: process.cwd(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await waitUntil(() => output.includes('"msg":"ready"'));
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    const [code] = (await ended) as [number | null];
    await gateway.stop();
    expect([code, output.includes('stopping')]).toEqual([0, true]);
  });

  it('ends it at once on a second SIGTERM', async () => {
    const gateway = await startGateway();
    const { orders } = gateway.subgraphs;
    orders.hold = new Promise(() => undefined);
    const waiting = gateway.query('{ orders { number } }').catch(() => undefined);
    await waitUntil(() => orders.asked.length === 1);
    const ended = gateway.process.stop('SIGTERM');
    await waitUntil(() => gateway.process.output().includes('stopping'));
    gateway.process.child.kill('SIGTERM');
    expect(await ended).toBe(1);
    await waiting;
    await gateway.stop();
  });
});

describe('P4: a start that cannot succeed', () => {
  it('says in one line that its port is in use', async () => {
    const gateway = await startGateway();
    const taken = createServer();
    await new Promise<void>((ready) => taken.listen(0, '127.0.0.1', () => ready()));
    const { port } = taken.address() as AddressInfo;
    const words = [
      'gateway/main.ts',
      '--access',
      'open',
      '--supergraph',
      gateway.supergraphPath,
      '--port',
      String(port),
    ];
    const { code, output } = await runProcess(words);
    taken.close();
    await gateway.stop();
    expect([code, output]).toEqual([
      1,
      `gateway: port ${port} is in use; stop what listens there or choose another port\n`,
    ]);
  });

  it.each([
    ['a supergraph that is not there', 1, ['--supergraph', 'nowhere.graphql'], /nowhere\.graphql cannot be read/],
    ['no supergraph', 3, [], /--supergraph/],
    ['a port that is none', 3, ['--supergraph', 'x', '--port', '99999'], /must be from 0 to 65535/],
    ['an address that is none', 3, ['--supergraph', 'x', '--subgraph', 'orders'], /must be name=http/],
  ])('says what to do about %s, and ends with code %i', async (_, expected, words, said) => {
    const { code, output } = await runProcess(['gateway/main.ts', ...words]);
    expect(code).toBe(expected);
    expect(output).toMatch(said);
    expect(output.trim().split('\n')).toHaveLength(1);
  });

  it('refuses an address for a subgraph that the supergraph has not', async () => {
    const gateway = await startGateway();
    const words = ['gateway/main.ts', '--access', 'open', '--supergraph', gateway.supergraphPath, '--port', '0'];
    const { code, output } = await runProcess([...words, '--subgraph', 'nobody=http://127.0.0.1:1/']);
    await gateway.stop();
    expect(code).toBe(1);
    expect(output).toContain('--subgraph names nobody, but the supergraph has customers, marketing, orders');
  });

  it('names every faulty setting at once', async () => {
    const env = {
      CRM_FETCH_TIMEOUT_MS: 'soon',
      CRM_NO_SUCH: '1',
      APOLLO_DISABLE_SECURITY_RECURSIVE_SELECTIONS_CHECK: '1',
    };
    const { code, output } = await runProcess(['gateway/main.ts', '--access', 'open', '--supergraph', 'x'], env);
    expect(code).toBe(1);
    for (const name of Object.keys(env)) expect(output).toContain(name);
  });

  it('starts on a supergraph alone, without database or subgraphs, and prints its help', async () => {
    const gateway = await startGateway();
    const plain = await startProcess([
      'gateway/main.ts',
      '--access',
      'open',
      '--supergraph',
      gateway.supergraphPath,
      '--port',
      '0',
    ]);
    expect(plain.ready).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await plain.stop()).toBe(0);
    await gateway.stop();
    const help = await runProcess(['gateway/main.ts', '--help']);
    expect(help).toMatchObject({ code: 0, output: expect.stringContaining('--subgraph') as string });
  });

  it('refuses to start on a supergraph that it cannot serve', async () => {
    const gateway = await startGateway();
    await writeFile(gateway.supergraphPath, 'type Query { a: Int }');
    const { code, output } = await runProcess([
      'gateway/main.ts',
      '--access',
      'open',
      '--supergraph',
      gateway.supergraphPath,
      '--port',
      '0',
    ]);
    await gateway.stop();
    expect(code).toBe(1);
    expect(output).toContain('cannot be served');
  });
});
