// The seed over a real database: stopped at the worst moments and repeated, or grown step by step, it leaves exactly the
// documents of one run.
import { spawn } from 'node:child_process';
import { once as eventOf } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { drawId } from '../../../platform/random.ts';
import { openStores, type Stores } from '../../../seed/store/stores.ts';
import { seedGraph, type SeedRequest } from '../../../seed/seedGraph.ts';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import { runProcess, waitUntil } from '../../harness/startProcess.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CUSTOMERS = 650;
const TENANT = 'main';

interface Reader {
  readonly collection: {
    readonly collectionName: string;
    find(filter: object, options: object): { toArray(): Promise<Record<string, unknown>[]> };
  };
}

type Contents = Readonly<Record<string, readonly Record<string, unknown>[]>>;

let database: Awaited<ReturnType<typeof openTestDatabase>>;
const prefixes: string[] = [];

function newPrefix(): string {
  const prefix = `seedtest_${drawId().slice(0, 10)}`;
  prefixes.push(prefix);
  return prefix;
}

function request(prefix: string, more: Partial<SeedRequest> = {}): SeedRequest {
  return { uri: database.uri, prefix, tenantId: TENANT, customers: CUSTOMERS, ...more };
}

async function withStores<T>(prefix: string, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openStores(database.uri, prefix);
  return work(stores).finally(() => stores.close());
}

/** Gives all documents by collection, in the order of their ids. */
function readAll(prefix: string): Promise<Contents> {
  return withStores(prefix, async ({ customers, orders, marketing }) => {
    const groups = [customers, orders, marketing].flatMap((group) => Object.values(group as object) as Reader[]);
    const read = async ({ collection }: Reader): Promise<[string, Record<string, unknown>[]]> => [
      collection.collectionName,
      await collection.find({}, { sort: { _id: 1 } }).toArray(),
    ];
    return Object.fromEntries(await Promise.all(groups.map(read)));
  });
}

async function seedUntilStopped(prefix: string): Promise<void> {
  const stop = new AbortController();
  const summary = await seedGraph(request(prefix, { signal: stop.signal, onProgress: () => stop.abort() }));
  expect(summary.isComplete).toBe(false);
}

describe('the seed', () => {
  let once: Contents;

  beforeAll(async () => {
    database = await openTestDatabase();
    const prefix = newPrefix();
    await seedGraph(request(prefix));
    once = await readAll(prefix);
  });
  afterAll(async () => {
    for (const prefix of prefixes) {
      for (const name of ['customers', 'orders', 'marketing']) {
        const connection = await openDatabase(database.uri, `${prefix}_${name}`);
        await connection.dropDatabase();
        await connection.close();
      }
    }
    await database.stop();
  });

  it('fills every collection, and campaigns and segments agree with what stands in them', () => {
    const { campaigns = [], engagements = [], segments = [], segment_memberships: memberships = [] } = once;
    const empty = Object.entries(once).filter(([, documents]) => documents.length === 0);
    expect(empty.map(([name]) => name)).toEqual(['merge_records', 'data_subject_requests']);
    expect(once['customers']).toHaveLength(CUSTOMERS);
    for (const { _id, stats } of campaigns) {
      const sent = engagements.filter(({ campaignId, action }) => campaignId === _id && action === 'SENT').length;
      expect(stats).toMatchObject({ sent });
    }
    for (const { _id, memberCount } of segments) {
      expect(memberCount).toBe(memberships.filter(({ segmentId }) => segmentId === _id).length);
    }
    for (const { campaignId, orderCount, newest } of once['campaign_totals'] ?? []) {
      const mine = (once['orders'] ?? []).filter(({ campaignIds }) => (campaignIds as unknown[]).includes(campaignId));
      expect(mine).toHaveLength(Number(orderCount));
      expect(newest).toHaveLength(Math.min(mine.length, 101));
    }
  });

  it('does nothing when everything is there, and leaves alone what was changed since', async () => {
    const prefix = newPrefix();
    await seedGraph(request(prefix, { customers: 30 }));
    await withStores(prefix, ({ customers }) =>
      customers.customers.collection.updateOne({ tenantId: TENANT }, { $set: { displayName: 'Changed' } }),
    );
    const again = await seedGraph(request(prefix, { customers: 30 }));
    expect(again).toMatchObject({ isComplete: true, documentCount: 0, customersDone: 30 });
    const { customers = [] } = await readAll(prefix);
    expect(customers.filter(({ displayName }) => displayName === 'Changed')).toHaveLength(1);
  });

  it('goes on where it was stopped and ends with the documents of one run', async () => {
    const prefix = newPrefix();
    await seedUntilStopped(prefix);
    expect(await seedGraph(request(prefix))).toMatchObject({ isComplete: true, customersDone: CUSTOMERS });
    expect(await readAll(prefix)).toEqual(once);
  });

  it('stores a range again whose documents are there but not its record', async () => {
    const prefix = newPrefix();
    await seedUntilStopped(prefix);
    await withStores(prefix, async ({ progress, customers, marketing }) => {
      await progress.deleteMany({});
      await customers.customers.collection.deleteOne({ tenantId: TENANT });
      await marketing.consents.collection.deleteOne({ tenantId: TENANT });
    });
    await seedGraph(request(prefix));
    expect(await readAll(prefix)).toEqual(once);
  });

  it('grows to more customers and ends with the documents of one run', async () => {
    const prefix = newPrefix();
    for (const customers of [100, 350, CUSTOMERS]) await seedGraph(request(prefix, { customers }));
    expect(await readAll(prefix)).toEqual(once);
  });

  it('survives SIGKILL: the same command ends with the documents of one run', async () => {
    const prefix = newPrefix();
    const env = { MONGODB_URI: database.uri, CRM_DATABASE_PREFIX: prefix, CRM_TENANT_ID: TENANT };
    const words = ['seed/main.ts', '--customers', String(CUSTOMERS), '--json'];
    const child = spawn(process.execPath, words, {
      cwd: ROOT,
      env: { ...inheritedEnvironment(), ...env },
      stdio: 'ignore',
    });
    const ended = eventOf(child, 'exit');
    await withStores(prefix, ({ customers }) =>
      waitUntil(async () => (await customers.customers.collection.countDocuments({})) > 0),
    );
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    const { code, output } = await runProcess(words, env);
    expect([code, output]).toEqual([0, expect.stringContaining('"isComplete":true')]);
    expect(await readAll(prefix)).toEqual(once);
  });
});
