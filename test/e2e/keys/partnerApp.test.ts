// examples/partner-app as a partner runs it: a process of its own against the whole graph, with keys made for what it is
// to meet. What a person reads of it is what is compared.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseApiKey } from '../../../gateway/identify/apiKey.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

const SCOPES = ['orders:read', 'customers:read'];
const HOUR_MS = 3_600_000;
const ASKER = { actor: 'test:partner', reason: 'a test' };
/** A page of twenty orders costs 61 points: the second one has to wait a second or two. */
const SMALL = {
  ...{ pointsPerSecond: 60, pointsBurst: 120, requestsPerSecond: 100, concurrentRequestsMax: 5 },
  pointsPerDay: undefined,
};

let graph: TestGraph;
let folder: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-partner-'));
  graph = await startTestGraph(20);
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await graph.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the app with settings beside the graph's address; gives what it says so far, and its exit code. */
function startApp(env: Readonly<Record<string, string>>): { said: () => string; ended: Promise<unknown> } {
  const child = spawn(process.execPath, ['examples/partner-app/main.ts'], {
    env: { ...inheritedEnvironment(), CRM_GRAPH_URL: graph.url, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { said: () => said, ended: once(child, 'close').then(([code]: unknown[]) => code) };
}

describe('the partner app', () => {
  it('gets its first answer, asks for a scope, waits at a limit and takes a rotated key without a restart', async () => {
    const first = await graph.keys.create({ scopes: SCOPES, limits: SMALL });
    const path = join(folder, 'key');
    await writeFile(path, `${first}\n`);
    const { said, ended } = startApp({ CRM_API_KEY_FILE: path, WATCH_SECONDS: '45' });
    await waitUntil(() => said().includes('4. a rotation'), 40_000);
    const rotated = await graph.keys.office.rotate(parseApiKey(first)?.id ?? '', HOUR_MS, ASKER);
    await waitUntil(() => said().includes('this key ends at'));
    await writeFile(`${path}.next`, rotated.text);
    await rename(`${path}.next`, path);
    expect(await ended).toBe(0);
    expect(said()).toMatch(
      /^1\. a first query\n(?: {2}order \S+: [A-Z]+\n){3} {2}cost: \d+ points were reserved, \d+ spent\n/,
    );
    expect(said()).toContain('403 SCOPE_MISSING: ask the operator for customers:read:pii\n');
    expect(said()).toContain('    needed for customers.edges.node.email\n');
    expect(said()).toMatch(/ {2}429 RATE_LIMITED: waiting \d\.\d s, as the graph says\n/);
    expect(said()).toMatch(/ {2}answered after waiting; \d+ points are left\n/);
    const endsAt = rotated.key.secrets[1]?.endsAt?.toISOString() ?? 'never';
    expect(said()).toContain(`this key ends at ${endsAt}: put the next one into its file before\n`);
    expect(said()).toMatch(
      /another key is in the file: used from now on\n(?:.*\n)* {2}\d+ requests, none lost .*\ndone\n$/,
    );
    expect(said()).not.toContain('crm_test_');
  });

  it('says in one line why it was refused, and ends with 1', async () => {
    const key = await graph.keys.create({ scopes: SCOPES });
    await graph.keys.office.revoke(parseApiKey(key)?.id ?? '', ASKER);
    const { said, ended } = startApp({ CRM_API_KEY: key });
    expect(await ended).toBe(1);
    expect(said()).toMatch(/\nrefused with 401 API_KEY_REVOKED: The API key was revoked\. \(request \S+\)\n$/);
  });

  it('says what to set where it has no key', async () => {
    const { said, ended } = startApp({});
    expect(await ended).toBe(1);
    expect(said()).toBe('failed: CRM_API_KEY_FILE or CRM_API_KEY has to hold an API key\n');
  });
});
