// What a gateway itself writes into the audit log: that a right key was refused, and that a key ends soon. The chain is
// whole behind it, as the command that verifies it says.
import { parseApiKey } from '../../../gateway/identify/apiKey.ts';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import { startGuardedGraph, type GuardedGraph } from '../../harness/guardedGraph.ts';
import { runProcess, waitUntil } from '../../harness/startProcess.ts';
import { startTestGraph } from '../../harness/testGraph.ts';

const DAY_MS = 86_400_000;

interface Entry {
  readonly keyId: string;
  readonly action: string;
  readonly actor: string;
  readonly change: string;
}

async function entriesOf({ uri, name }: { readonly uri: string; readonly name: string }): Promise<Entry[]> {
  const connection = await openDatabase(uri, name);
  const entries = await connection.collection<Entry>('audit').find({ actor: 'gateway' }).toArray();
  await connection.close();
  return entries;
}

describe('a gateway', () => {
  let graph: GuardedGraph;
  beforeAll(async () => {
    graph = await startGuardedGraph();
  });
  afterAll(() => graph.stop());

  it('notes once that a revoked key goes on, and nothing of a wrong one', async () => {
    const key = await graph.keys.create({ scopes: [] });
    const id = parseApiKey(key)?.id ?? '';
    await graph.keys.office.revoke(id, { actor: 'test:audits', reason: 'a test' });
    for (let time = 0; time < 3; time += 1) expect(await graph.ask(key, '{ open }')).toMatchObject({ status: 401 });
    await graph.ask(`${key.slice(0, -1)}x`, '{ open }');
    const [entry, ...more] = await waitUntil(async () => {
      const entries = await entriesOf(graph.database);
      return entries.length > 0 ? entries : undefined;
    }, 30_000);
    expect([entry?.action, entry?.keyId, more]).toEqual(['deny', id, []]);
    expect(JSON.parse(entry?.change ?? '')).toMatchObject({ code: 'API_KEY_REVOKED' });
  }, 60_000);

  it('tells of a key that ends soon when it starts, and the chain stays whole', async () => {
    const ending = await startTestGraph(0);
    try {
      const database = { uri: ending.uri, name: `${ending.prefix}_gateway` };
      const key = await ending.keys.create({ scopes: [], expiresAt: new Date(Date.now() + 5 * DAY_MS) });
      // The one that runs must not see it: only the first to tell says so.
      await ending.gateway.stop('SIGKILL');
      const connection = await openDatabase(database.uri, database.name);
      await connection.collection('keys').updateMany({}, { $set: { createdAt: new Date(Date.now() - 40 * DAY_MS) } });
      await connection.close();
      await ending.replaceGateway();
      await waitUntil(() => ending.gateway.output().includes('a key expires soon'));
      const entries = await entriesOf(database);
      expect(entries.map(({ action, keyId }) => [action, keyId])).toEqual([['expire', parseApiKey(key)?.id]]);
      const { code, output } = await runProcess(['cli/main.ts', 'keys', 'audit', '--verify'], {
        MONGODB_URI: database.uri,
        CRM_DATABASE_PREFIX: ending.prefix,
      });
      expect([code, output]).toEqual([0, expect.stringContaining('3 entries') as string]);
    } finally {
      await ending.stop();
    }
  }, 90_000);
});
