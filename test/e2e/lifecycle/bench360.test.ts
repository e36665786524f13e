// The measurement of the Customer 360 against a real graph: what it writes, and that it refuses to measure wrong answers.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

const CUSTOMERS = 40;

describe('the measurement of the Customer 360', () => {
  let graph: TestGraph;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-bench-'));
    graph = await startTestGraph(CUSTOMERS);
  });
  afterAll(async () => {
    await graph.stop();
    await rm(folder, { recursive: true });
  });

  function bench(...words: string[]): ReturnType<typeof runProcess> {
    return benchWith(graph.key, ...words);
  }

  function benchWith(key: string, ...words: string[]): ReturnType<typeof runProcess> {
    const sizes = ['--customers', String(CUSTOMERS), '--requests', '20', '--connections', '2'];
    return runProcess(['bench/customer360.ts', '--url', graph.url, ...sizes, ...words], { CRM_API_KEY: key });
  }

  it('prints the figures and writes them with the machine and the times of the six fetches', async () => {
    const out = join(folder, 'figures.json');
    const { code, output } = await bench('--out', out);
    expect([code, output]).toEqual([0, expect.stringMatching(/one at a time +p50 [\d.]+ ms, p99 [\d.]+ ms/)]);
    const written = JSON.parse(await readFile(out, 'utf8')) as Record<string, unknown>;
    expect(written).toMatchObject({
      customers: CUSTOMERS,
      machine: { node: process.version },
      oneAtATime: { connections: 1, count: 20 },
      sideBySide: { connections: 2, count: 20 },
    });
    const places = (written['fetches'] as { subgraph: string; databaseCommands: number }[]).map(
      (each) => each.subgraph,
    );
    expect(new Set(places)).toEqual(new Set(['customers', 'orders', 'marketing']));
  });

  it('shows the key of a file that is named, and says what to do where the key is none', async () => {
    const file = join(folder, 'key');
    await writeFile(file, `${graph.key}\n`);
    const out = join(folder, 'named.json');
    expect((await benchWith('crm_test_none', '--key-file', file, '--out', out)).code).toBe(0);
    const refused = await benchWith('crm_test_none');
    expect([refused.code, refused.output]).toEqual([
      1,
      expect.stringMatching(/^bench: cus_\w+ was answered with 401 [^\n]+ CRM_API_KEY or --key-file[^\n]+\n$/),
    ]);
  });

  it('ends with code 1 and one line when a customer is not there', async () => {
    const { code, output } = await bench('--seed', '2');
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/^bench: cus_\w+ was answered with 200 and no customer[^\n]+\n$/),
    ]);
  });

  it('ends with code 1 and one line when nothing answers, and with 3 for wrong usage', async () => {
    const away = await bench('--url', 'http://127.0.0.1:1/graphql');
    expect([away.code, away.output]).toEqual([1, expect.stringMatching(/^bench: nothing answers at [^\n]+\n$/)]);
    expect((await bench('--requests', 'many')).code).toBe(3);
  });
});
