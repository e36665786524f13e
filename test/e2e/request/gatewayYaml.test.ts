// gateway.yaml as a person meets it: read from the current folder or from --config, refused with all its faults.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess, startProcess } from '../../harness/startProcess.ts';
import { sendRequest, startTestGateway, type TestGateway } from '../../harness/testGateway.ts';

describe('gateway.yaml', () => {
  let gateway: TestGateway;
  let folder: string;
  let path: string;
  let words: string[];
  beforeAll(async () => {
    gateway = await startTestGateway();
    folder = await mkdtemp(join(tmpdir(), 'crm-yaml-'));
    path = join(folder, 'gateway.yaml');
    words = [
      'gateway/main.ts',
      '--access',
      'open',
      '--supergraph',
      gateway.supergraphPath,
      '--port',
      '0',
      '--config',
      path,
    ];
  });
  afterAll(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('sets how long a fetch may take', async () => {
    await writeFile(path, 'all: { fetchTimeoutMs: 60 }\n');
    const { orders } = gateway.subgraphs;
    const started = await startProcess([...words, '--subgraph', `orders=${orders.url}`]);
    orders.hold = new Promise(() => undefined);
    const answer = await sendRequest(`${started.ready}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ orders { number } }' }),
    });
    expect(answer.codes).toEqual(['SUBGRAPH_TIMEOUT']);
    await started.stop();
  });

  it.each([
    [
      'faults',
      'al: {}\nall:\n  socketsMax: 0\n',
      /gateway\.yaml, line 1: al is not .*\n.*line 3: all\.socketsMax must be/,
    ],
    [
      'a subgraph that is none',
      'subgraphs: { order: {} }',
      /names order, but the supergraph has customers, marketing, orders/,
    ],
  ])('stops the start where it has %s', async (_, text, said) => {
    await writeFile(path, text);
    const { code, output } = await runProcess(words);
    expect(code).toBe(1);
    expect(output).toMatch(said);
  });

  it('stops the start where it is named and not there', async () => {
    await rm(path, { force: true });
    expect(await runProcess(words)).toMatchObject({
      code: 1,
      output: expect.stringContaining('cannot be read') as string,
    });
  });
});
