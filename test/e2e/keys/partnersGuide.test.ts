// The commands of docs/guide/partners.md, run as they stand there, in their order, in one folder that holds a key. What
// the guide shows beneath a command has to be what came: the same codes, headers and fields.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseApiKey } from '../../../gateway/identify/apiKey.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

const BLOCK = /^```(\w*)\n(.*?)^```$/gms;
const HOUR_MS = 3_600_000;
const LIMITS = {
  ...{ pointsPerSecond: 500, pointsBurst: 5_000, requestsPerSecond: 20, concurrentRequestsMax: 10 },
  pointsPerDay: undefined,
};

interface Step {
  readonly command: string;
  /** What the guide shows beneath it; undefined for nothing. */
  readonly shown: string | undefined;
}

async function readSteps(): Promise<Step[]> {
  const guide = await readFile(new URL('../../../docs/guide/partners.md', import.meta.url), 'utf8');
  const blocks = [...guide.matchAll(BLOCK)].map(([, kind = '', text = '']) => ({ kind, text }));
  return blocks.flatMap(({ kind, text }, at) => {
    const next = blocks[at + 1];
    return kind === 'sh' ? [{ command: text, shown: next?.kind === 'sh' ? undefined : next?.text }] : [];
  });
}

/** What of an output does not change from run to run: names of fields and headers, codes, scopes. */
function wordsOf(text: string): string[] {
  const names = [...text.matchAll(/"(\w+)":/g)].map(([, name = '']) => name);
  const codes = [...text.matchAll(/"([A-Z]+_[A-Z_]+|[a-z]+:[a-z]+)"/g)].map(([, code = '']) => code);
  const headers = [...text.matchAll(/^([a-z-]+): /gm)].map(([, name = '']) => name);
  return [...names, ...codes, ...headers];
}

let graph: TestGraph;
let folder: string;
let rotate: () => Promise<void>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-guide-'));
  graph = await startTestGraph(20);
  const scopes = ['orders:read', 'customers:read'];
  const key = await graph.keys.create({ scopes, contract: 'partner', limits: LIMITS });
  await writeFile(join(folder, 'key'), `${key}\n`);
  rotate = async () => {
    const asker = { actor: 'test:guide', reason: 'a test' };
    await graph.keys.office.rotate(parseApiKey(key)?.id ?? '', HOUR_MS, asker);
  };
});
afterAll(async () => {
  await graph.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Whether the gateway knows of the rotation: without Redis it asks the store. */
async function isEndTold(): Promise<boolean> {
  const authorization = `Bearer ${(await readFile(join(folder, 'key'), 'utf8')).trim()}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const answer = await fetch(graph.url, { method: 'POST', headers, body: '{"query":"{ __typename }"}' });
  return answer.headers.has('crm-key-expires');
}

async function run(command: string): Promise<string> {
  const env = { ...inheritedEnvironment(), GRAPH: graph.url };
  const child = spawn('bash', ['-euc', command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ command, code, output }).toMatchObject({ code: 0 });
  return output;
}

describe('the guide for partners', () => {
  it('shows commands that run as they stand there, and what comes of each', async () => {
    const steps = await readSteps();
    expect(steps.length).toBeGreaterThan(8);
    const outputs = new Map<string, string>();
    for (const { command, shown } of steps) {
      if (command.includes('crm-key-expires')) {
        await rotate();
        await waitUntil(isEndTold);
      }
      const output = await run(command);
      outputs.set(command, output);
      expect({ command, output, words: wordsOf(output) }).toMatchObject({
        words: expect.arrayContaining(wordsOf(shown ?? '')) as string[],
      });
      expect(output).not.toContain('crm_test_');
    }
    const answers = [...outputs];
    const answerOf = (field: string): string =>
      answers.find(([command]) => command.includes(`{ ${field} }`))?.[1] ?? '';
    expect(answerOf('email').replaceAll('email', 'emial')).toBe(answerOf('emial'));
  });
});
