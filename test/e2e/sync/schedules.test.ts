// The process of schedules against a real subgraph: killed, paused and stopped in the middle of a run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection } from 'mongoose';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { drawId, drawSecret } from '../../../platform/random.ts';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import type { RunDocument } from '../../../sync/scheduler/scheduleStore.ts';
import { runProcess, startProcess, waitUntil, type StartedProcess } from '../../harness/startProcess.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ROWS = 6_000;
const BEGUN_AT = 200;
const WITHIN_MS = 100_000;

let folder: string;
let stopDatabase: () => Promise<void>;
let customersProcess: StartedProcess;
let env: Record<string, string>;
let customers: Connection;
let sync: Connection;
const started: StartedProcess[] = [];

/** Writes a configuration with one source of its own, whose customers no other test has. */
async function writeSource(cron: string | undefined): Promise<string> {
  const name = `people-${drawId().slice(0, 8)}`;
  const lines = Array.from({ length: ROWS }, (_, row) => `${row},Person ${row}\n`);
  await writeFile(join(folder, `${name}.csv`), ['id,name\n', ...lines].join(''));
  const schedule = cron === undefined ? '' : `    schedule: { cron: '${cron}', timeZone: Europe/Berlin }\n`;
  const text = `version: 1
sources:
  ${name}:
    connector: csv
    options: { path: ${name}.csv }
    target: customers
    externalId: id
    fields: { displayName: name }
${schedule}`;
  const path = join(folder, `${name}.yaml`);
  await writeFile(path, text);
  env['CRM_SYNC_CONFIG'] = path;
  return name;
}

async function startSync(): Promise<StartedProcess> {
  const process = await startProcess(['sync/main.ts'], env);
  started.push(process);
  return process;
}

function writtenOf(source: string) {
  return customers
    .collection<{ version: number }>('customers')
    .find({ 'externalRef.source': source }, { projection: { version: 1 } })
    .toArray();
}

function runsOf(source: string): Promise<RunDocument[]> {
  return sync.collection<RunDocument>('runs').find({ schedule: source }).sort({ startedAt: 1 }).toArray();
}

async function waitUntilBegun(source: string): Promise<void> {
  await waitUntil(async () => (await writtenOf(source)).length >= BEGUN_AT, WITHIN_MS);
}

async function waitUntilDone(source: string): Promise<RunDocument> {
  return waitUntil(async () => {
    const [first] = await runsOf(source);
    return first?.outcome === 'done' ? first : undefined;
  }, WITHIN_MS);
}

async function expectEachOnce(source: string): Promise<void> {
  const written = await writtenOf(source);
  expect(written).toHaveLength(ROWS);
  expect(written.filter(({ version }) => version !== 1)).toEqual([]);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'schedules-'));
  const database = await openTestDatabase();
  stopDatabase = database.stop;
  const prefix = `test_${drawId().slice(0, 12)}`;
  env = {
    MONGODB_URI: database.uri,
    CRM_DATABASE_PREFIX: prefix,
    CRM_PROOF_SECRET: drawSecret(32),
    CRM_DATA_PATH: folder,
    CRM_CUSTOMERS_PORT: '0',
  };
  customersProcess = await startProcess(['subgraphs/customers/main.ts'], env);
  env['CRM_CUSTOMERS_PORT'] = new URL(customersProcess.ready).port;
  customers = await openDatabase(database.uri, `${prefix}_customers`);
  sync = await openDatabase(database.uri, `${prefix}_sync`);
}, 60_000);

afterEach(async () => {
  for (const process of started.splice(0)) await process.stop('SIGKILL');
});

afterAll(async () => {
  await customersProcess.stop();
  for (const connection of [customers, sync]) {
    await connection.dropDatabase();
    await connection.close();
  }
  await stopDatabase();
  await rm(folder, { recursive: true });
});

describe('a run of a schedule', () => {
  it('is taken up by another process when its own is killed, and every row is there once', async () => {
    const source = await writeSource('*/2 * * * * *');
    const first = await startSync();
    await waitUntilBegun(source);
    await first.stop('SIGKILL');
    expect((await writtenOf(source)).length).toBeLessThan(ROWS);
    await startSync();
    const run = await waitUntilDone(source);
    expect(run.resumed).toBe(1);
    await expectEachOnce(source);
  }, 240_000);

  it('goes on elsewhere while its process is paused, which writes nothing when it wakes', async () => {
    const source = await writeSource('*/2 * * * * *');
    const both = [await startSync(), await startSync()];
    await waitUntilBegun(source);
    const holders = both.filter((each) => each.output().includes('run begun'));
    expect(holders).toHaveLength(1);
    const [paused] = holders;
    paused?.child.kill('SIGSTOP');
    const run = await waitUntilDone(source);
    const states = sync.collection<{ _id: string; state: string }>('source_states');
    const stateBefore = await states.findOne({ _id: source });
    paused?.child.kill('SIGCONT');
    await waitUntil(() => paused?.output().includes('the lease was lost'), WITHIN_MS);
    expect(run.resumed).toBe(1);
    expect(paused?.output()).not.toContain(`"dueAt":"${run.dueAt?.toISOString() ?? ''}","outcome"`);
    expect((await runsOf(source))[0]).toEqual(run);
    expect((await states.findOne({ _id: source }))?.state).toBe(stateBefore?.state);
    await expectEachOnce(source);
  }, 240_000);

  it('stops at a batch when its process is asked to stop, and goes on from there', async () => {
    const source = await writeSource('*/2 * * * * *');
    const first = await startSync();
    await waitUntilBegun(source);
    expect(await first.stop('SIGTERM')).toBe(0);
    const [stopped] = await runsOf(source);
    expect(stopped?.outcome).toBe('stopped');
    // What was on its way is committed and not counted yet: the next attempt sends it again, with the keys it had.
    expect(stopped?.counts.written).toBeLessThanOrEqual((await writtenOf(source)).length);
    await startSync();
    const run = await waitUntilDone(source);
    expect(run.counts.written).toBe(ROWS);
    await expectEachOnce(source);
  }, 240_000);
});

describe('crm-graph sync', () => {
  function command(...words: string[]) {
    return runProcess(['cli/main.ts', 'sync', ...words], env);
  }

  it('runs a source by hand, stops it at a batch, and goes on from there', async () => {
    const source = await writeSource(undefined);
    const child = spawn(process.execPath, ['cli/main.ts', 'sync', 'run', source], {
      ...{ cwd: ROOT, env: { ...inheritedEnvironment(), ...env } },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitUntilBegun(source);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(said).toContain(`to go on from there: crm-graph sync run ${source}`);
    expect((await command('run', source)).code).toBe(0);
    await expectEachOnce(source);
    const { output } = await command('history', source, '--json');
    expect(JSON.parse(output)).toMatchObject([
      { outcome: 'done', dueAt: null },
      { outcome: 'stopped', dueAt: null },
    ]);
  }, 240_000);

  it('lists, pauses, resumes and checks what the file has', async () => {
    const source = await writeSource('0 3 * * *');
    expect((await command('pause', source)).code).toBe(0);
    const { output } = await command('list', '--json');
    expect(JSON.parse(output)).toMatchObject([
      { name: source, cron: '0 3 * * *', timeZone: 'Europe/Berlin', isPaused: true, nextAt: null },
      { name: 'drift', isPaused: false },
    ]);
    expect((await command('resume', source)).code).toBe(0);
    expect((await command('check')).code).toBe(0);
    await rm(join(folder, `${source}.csv`));
    expect(await command('check')).toMatchObject({ code: 1, output: expect.stringContaining(source) as unknown });
    expect((await command('run', 'nobody')).code).toBe(2);
  }, 240_000);
});
