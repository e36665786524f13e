// `crm-graph usage` as people call it, on what programs without keys asked of a gateway of two processes: a public
// contract, told apart by the names and versions that they say they have.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UsageExport } from '../../../contracts/usageExport.ts';
import { GUARDED_CONTRACTS, startGuardedGraph, type GuardedGraph } from '../../harness/guardedGraph.ts';
import { runProcess, waitUntil } from '../../harness/startProcess.ts';
import { countsOf, readUsageOf, usageSettings } from '../../harness/usageGraph.ts';

const SHOP = { 'apollographql-client-name': 'shop', 'apollographql-client-version': '1.2.0' };
const APP = { 'graphql-client-name': 'app', 'graphql-client-version': '7' };

describe('crm-graph usage', () => {
  let graph: GuardedGraph;
  let folder: string;
  const usage = (...words: string[]) => runProcess(['cli/main.ts', 'usage', ...words], usageSettings(graph));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-usage-'));
    graph = await startGuardedGraph({
      contracts: `${GUARDED_CONTRACTS}public: { exclude: [pii, internal] }\n`,
      env: { GATEWAY_WORKERS: '2' },
    });
    // Some at once, so that both processes have their part of them.
    for (let round = 0; round < 3; round++) {
      const asked = Array.from({ length: 8 }, (_, at) => {
        return graph.ask('', `query Who { person(id: "${round}") { name } }`, {}, at % 2 === 0 ? SHOP : APP);
      });
      expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
    }
    await graph.ask('', '{ open }');
    await waitUntil(async () => {
      const { rows } = await readUsageOf(graph);
      const asks = ['shop@1.2.0', 'app@7'].map((name) => countsOf(rows, name)['Person.name'] ?? 0);
      return asks.join() === '12,12' && countsOf(rows, 'unknown')['Query.open'] === 1;
    });
  });
  afterAll(async () => {
    await graph.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows who asked for an element, by which operations, how often, when', async () => {
    const { code, output } = await usage('show', 'Person.name', '--days', '1');
    expect(code).toBe(0);
    expect(output).toMatch(/^Person\.name: 24 requests of 2 callers from \d{4}-\d\d-\d\d \d\d:\d\d to .* \(UTC\)\.\n/);
    expect(output).toMatch(/WHO +VERSION +CONTRACT +OPERATION +HASH +COUNT +FIRST SEEN +LAST SEEN/);
    expect(output.match(/^client shop +1\.2\.0 +public +Who +[0-9a-f]{12} +4 /gm)).toHaveLength(3);
    expect(output.match(/^client app +7 +public +Who +[0-9a-f]{12} +4 /gm)).toHaveLength(3);
    // There was no gateway before.
    expect(output).toContain('Not known is what was asked in 1 time (UTC)');
    const json = JSON.parse((await usage('show', 'Person.name', '--json')).output) as UsageExport;
    expect(json.rows.reduce((sum, { count }) => sum + count, 0)).toBe(24);
    expect((await usage('show', 'Person.email')).output).toMatch(/^Nobody asked for Person\.email from /);
  });

  it('writes all of it to a file', async () => {
    const path = join(folder, 'usage.json');
    const { code, output } = await usage('export', '--days', '30', '--out', path);
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining(`${path}: 25 requests of 3 callers`) as string,
    });
    const written = JSON.parse(await readFile(path, 'utf8')) as UsageExport;
    const { rows } = await readUsageOf(graph);
    expect(written).toMatchObject({ formatVersion: 1, requests: 25 });
    expect(written.rows).toEqual(JSON.parse(JSON.stringify(rows)));
    expect(await readdir(folder)).toEqual(['usage.json']);
    const before = await usage('export', '--from', '2020-01-01', '--to', '2020-01-02', '--out', path);
    expect(before).toMatchObject({ code: 0, output: expect.stringContaining('0 requests of 0 callers') as string });
  });

  it('ends with 2 for what it cannot do, 3 for wrong words, each with a line that says why', async () => {
    const away = await runProcess(['cli/main.ts', 'usage', 'show', 'A.b'], {
      CRM_KEYS_URI: 'mongodb://u:pw@127.0.0.1:1',
    });
    expect(away).toMatchObject({
      code: 2,
      output: expect.stringMatching(/^no MongoDB answers at 127\.0\.0\.1:1; /) as string,
    });
    expect(await usage('export', '--out', join(folder, 'nowhere', 'x.json'))).toMatchObject({ code: 2 });
    const wrong = [
      ['show', 'Person name'],
      ['show'],
      ['export'],
      ['export', '--days', '0', '--out', 'x'],
      ['export', '--days', '3', '--from', '2026-01-01', '--out', 'x'],
      ['export', '--from', 'yesterday', '--out', 'x'],
      ['export', '--from', '2026-02-01', '--to', '2026-01-01', '--out', 'x'],
    ];
    for (const words of wrong) expect({ words, code: (await usage(...words)).code }).toEqual({ words, code: 3 });
  });
});
