// `npm start`: one command brings the whole graph up, its curl line answers, and Ctrl-C leaves nothing behind.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { drawId } from '../../../platform/random.ts';
import { findPorts } from '../../../scripts/findPorts.ts';
import { runProcess, startProcess } from '../../harness/startProcess.ts';

const run = promisify(execFile);

/** Holds a free port until it is let go. */
async function holdPort(): Promise<{ port: number; letGo: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { port, letGo: () => new Promise<void>((closed) => server.close(() => closed())) };
}

const PARTS = ['GATEWAY', 'CUSTOMERS', 'ORDERS', 'MARKETING', 'MONGO', 'BROKER'] as const;

async function freeSettings(): Promise<Record<string, string>> {
  const found = await findPorts(PARTS.length);
  const ports = PARTS.map((part, at) => [`CRM_${part}_PORT`, String(found[at])] as const);
  const prefix = `test_${drawId().slice(0, 12)}`;
  return {
    ...Object.fromEntries(ports),
    CRM_DATA_PATH: mkdtempSync(join(tmpdir(), 'crm-start-')),
    CRM_DATABASE_PREFIX: prefix,
  };
}

async function isAnswering(port: string | undefined): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port ?? ''}/health/ready`).then(
    () => true,
    () => false,
  );
}

describe('npm start', () => {
  it('shows a line a part, prints a curl line that answers a Customer 360, and stops everything on Ctrl-C', async () => {
    const settings = await freeSettings();
    const graph = await startProcess(['cli/main.ts', 'start', '--customers', '20'], settings);
    const output = graph.output();
    for (const part of [
      'supergraph',
      'database',
      'broker',
      'key',
      'customers',
      'orders',
      'marketing',
      'sample data',
      'GraphiQL',
      'gateway',
    ]) {
      expect(output).toMatch(new RegExp(`✓ ${part}`));
    }
    const curl = output.split('\n').find((line) => line.startsWith('curl '));
    const { stdout } = await run('bash', ['-c', curl ?? 'false']);
    const answer = JSON.parse(stdout) as { data: { customer: { displayName: string } }; errors?: unknown };
    expect(answer.errors).toBeUndefined();
    expect(answer.data.customer.displayName).toMatch(/\S/);
    const [key = ''] = /crm_test_\w+/.exec(curl ?? '') ?? [];
    expect(output).toContain(`/#key=${key}\n`);
    const folder = settings['CRM_DATA_PATH'] ?? '';
    for (const name of ['development-key', 'key-peppers', 'broker/url', 'broker/log.sqlite'])
      expect((statSync(join(folder, name)).mode & 0o777).toString(8)).toBe('600');
    expect(readFileSync(join(folder, 'development-key'), 'utf8').trim()).toBe(key);
    const explained = await runProcess(['cli/main.ts', 'explain', 'examples/queries/orderList.graphql'], settings);
    expect([explained.code, explained.output]).toEqual([0, expect.stringContaining('total: 1 fetch')]);
    const page = await fetch(new URL('/', graph.ready), { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html') as unknown,
    ]);

    expect(await graph.stop('SIGINT')).toBe(0);
    const left = await Promise.all(PARTS.map((part) => isAnswering(settings[`CRM_${part}_PORT`])));
    expect(left).toEqual(PARTS.map(() => false));
  });

  it('names the port that is in use, stops what it started and ends with 1', async () => {
    const settings = await freeSettings();
    const { port, letGo } = await holdPort();
    const { code, output } = await runProcess(['cli/main.ts', 'start', '--customers', '0'], {
      ...settings,
      CRM_ORDERS_PORT: String(port),
    });
    await letGo();
    expect(code).toBe(1);
    expect(output.split('\n').filter((line) => line.includes('✗'))).toEqual([
      `  ✗ orders: port ${port} is in use; stop what listens there or choose another port`,
    ]);
    expect(await isAnswering(settings['CRM_CUSTOMERS_PORT'])).toBe(false);
  });

  it('says in one line that the database does not answer, without its password', async () => {
    const { letGo, port } = await holdPort();
    await letGo();
    const env = { ...(await freeSettings()), MONGODB_URI: `mongodb://ann:secret@127.0.0.1:${port}` };
    const { code, output } = await runProcess(['cli/main.ts', 'start'], env);
    expect(code).toBe(1);
    expect(output).toContain(`no MongoDB answers at 127.0.0.1:${port}`);
    expect(output).not.toContain('secret');
    expect(output).not.toMatch(/\n\s+at /);
  });

  it('names every faulty setting at once', async () => {
    const { code, output } = await runProcess(['cli/main.ts', 'start'], { CRM_GATEWAY_PORT: 'x', CRM_TYPO: '1' });
    expect(code).toBe(1);
    expect(output).toBe('CRM_TYPO is not a setting: see docs/settings.md\nCRM_GATEWAY_PORT must be a whole number\n');
  });
});

describe('the parts alone', () => {
  it.each(['customers', 'orders', 'marketing'])('%s says what it needs', async (name) => {
    const { code, output } = await runProcess(['cli/main.ts', 'subgraph', name], { MONGODB_URI: '' });
    expect(code).toBe(1);
    expect(output).toMatch(
      new RegExp(`^${name}: MONGODB_URI is missing: .*\n${name}: CRM_PROOF_SECRET is missing: .*\n$`),
    );
  });

  it('refuses a subgraph that does not exist, with the names of those that do', async () => {
    const { code, output } = await runProcess(['cli/main.ts', 'subgraph', '../gateway']);
    expect(code).toBe(3);
    expect(output).toContain('customers, orders and marketing');
  });

  it('shows what the command can do', async () => {
    const { code, output } = await runProcess(['cli/main.ts', '--help']);
    expect(code).toBe(0);
    for (const command of ['start', 'seed', 'subgraph', 'schema', 'explain']) expect(output).toContain(`  ${command}`);
  });
});
