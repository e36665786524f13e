// How the gateway's process ends and what it says when it cannot start (reliability.md, P2-P4).
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { runProcess, startProcess, waitUntil } from '../harness/startProcess.ts';
import { startTestGateway } from '../harness/testGateway.ts';

describe('the gateway', () => {
  it('answers what it has accepted before it ends with code 0 on SIGTERM', async () => {
    const gateway = await startTestGateway();
    const { orders } = gateway.subgraphs;
    let release = (): void => undefined;
    orders.hold = new Promise((resolve) => (release = resolve));
    const waiting = Promise.all([1, 2, 3].map(() => gateway.query('{ orders(first: 1) { number } }')));
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
    expect(answers.map((answer) => answer.data)).toEqual(answers.map(() => ({ orders: [{ number: 'N-1' }] })));
    expect(await ended).toBe(0);
    await gateway.stop();
  });

  it('ends at once on a second SIGTERM', async () => {
    const gateway = await startTestGateway();
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

  it('says in one line that its port is in use', async () => {
    const gateway = await startTestGateway();
    const taken = createServer();
    await new Promise<void>((ready) => taken.listen(0, '127.0.0.1', () => ready()));
    const { port } = taken.address() as AddressInfo;
    const words = ['gateway/main.ts', '--supergraph', gateway.supergraphPath, '--port', String(port)];
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
    const gateway = await startTestGateway();
    const words = ['gateway/main.ts', '--supergraph', gateway.supergraphPath, '--port', '0'];
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
    const { code, output } = await runProcess(['gateway/main.ts', '--supergraph', 'x'], env);
    expect(code).toBe(1);
    for (const name of Object.keys(env)) expect(output).toContain(name);
  });

  it('starts on a supergraph alone, without database or subgraphs, and prints its help', async () => {
    const gateway = await startTestGateway();
    const plain = await startProcess(['gateway/main.ts', '--supergraph', gateway.supergraphPath, '--port', '0']);
    expect(plain.ready).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await plain.stop()).toBe(0);
    await gateway.stop();
    const help = await runProcess(['gateway/main.ts', '--help']);
    expect(help).toMatchObject({ code: 0, output: expect.stringContaining('--subgraph') as string });
  });

  it('refuses to start on a supergraph that it cannot serve', async () => {
    const gateway = await startTestGateway();
    await writeFile(gateway.supergraphPath, 'type Query { a: Int }');
    const { code, output } = await runProcess([
      'gateway/main.ts',
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
