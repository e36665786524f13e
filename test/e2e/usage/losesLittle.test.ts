// What is lost when a gateway is killed or its database is away: of what was acknowledged before the last beat nothing,
// and nothing more than was asked is ever counted.
import type { ProcessDocument } from '../../../usage/usageDocuments.ts';
import { USAGE_COLLECTIONS } from '../../../usage/usageDocuments.ts';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import { parseApiKey } from '../../../gateway/identify/apiKey.ts';
import { startFaultProxy, type FaultProxy } from '../../harness/faultProxy.ts';
import { startGuardedGraph, type GuardedGraph } from '../../harness/guardedGraph.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { countsOf, readUsageOf } from '../../harness/usageGraph.ts';

const ASKERS = 4;

async function readProcess({ database }: GuardedGraph): Promise<ProcessDocument | null> {
  const connection = await openDatabase(database.uri, database.name);
  try {
    return await connection.collection<ProcessDocument>(USAGE_COLLECTIONS.processes).findOne({});
  } finally {
    await connection.close();
  }
}

async function countOf(graph: GuardedGraph, key: string): Promise<number> {
  return countsOf((await readUsageOf(graph)).rows, parseApiKey(key)?.id ?? '')['Query.open'] ?? 0;
}

describe('a gateway that counts', () => {
  let graph: GuardedGraph;
  let proxy: FaultProxy;
  let key: string;
  beforeEach(async () => {
    graph = await startGuardedGraph({
      env: { CRM_METRICS_PORT: '0' },
      async reachKeys(uri) {
        proxy = await startFaultProxy(uri);
        return `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`;
      },
    });
    key = await graph.keys.create({ scopes: [] });
  });
  afterEach(async () => {
    await graph.stop();
    await proxy.stop();
  });

  it('loses nothing that it acknowledged before its last beat when it is killed', async () => {
    const acknowledged: number[] = [];
    let sent = 0;
    let isAlive = true;
    const ask = async (): Promise<void> => {
      while (isAlive) {
        sent++;
        const answer = await graph.ask(key, '{ open }').catch(() => undefined);
        if (answer?.status === 200) acknowledged.push(Date.now());
      }
    };
    const asking = Array.from({ length: ASKERS }, ask);
    // Two beats while it is asked, and some more requests.
    const first = await waitUntil(() => readProcess(graph));
    await waitUntil(async () => {
      const beatMs = (await readProcess(graph))?.beatAt.getTime() ?? 0;
      return beatMs > first.beatAt.getTime() && acknowledged.some((ms) => ms > beatMs);
    });
    graph.process.child.kill('SIGKILL');
    await waitUntil(() => graph.process.child.signalCode !== null);
    isAlive = false;
    await Promise.all(asking);
    const beatMs = (await readProcess(graph))?.beatAt.getTime() ?? 0;
    const counted = await countOf(graph, key);
    expect(acknowledged.filter((ms) => ms < beatMs).length).toBeGreaterThan(0);
    expect(counted).toBeGreaterThanOrEqual(acknowledged.filter((ms) => ms < beatMs).length);
    expect(counted).toBeLessThanOrEqual(sent);
  });

  it('keeps what was asked before its database went away, and counts it once', async () => {
    await graph.ask(key, '{ open }');
    await waitUntil(async () => (await countOf(graph, key)) === 1);
    const url = await waitUntil(() => /"url":"([^"]+\/metrics)"/.exec(graph.process.output())?.[1]);
    const failed = async (): Promise<boolean> =>
      /crm_gateway_usage_writes_total\{result="failed"\} [1-9]/.test(await (await fetch(url)).text());
    for (let count = 0; count < 20; count++) expect((await graph.ask(key, '{ open }')).status).toBe(200);
    await proxy.set({ kind: 'refuse' });
    await waitUntil(failed, 30_000);
    await proxy.set({ kind: 'none' });
    await waitUntil(async () => (await countOf(graph, key)) === 21, 30_000);
    expect(await (await fetch(url)).text()).toContain('crm_gateway_usage_lost_total 0');
  });
});

describe('a gateway that is told not to count', () => {
  it('writes nothing', async () => {
    const graph = await startGuardedGraph({ env: { CRM_USAGE_RECORDED: 'false' } });
    const key = await graph.keys.create({ scopes: [] });
    expect((await graph.ask(key, '{ open }')).status).toBe(200);
    // What it has to write it would write now.
    await graph.process.stop();
    expect(await readUsageOf(graph)).toMatchObject({ requests: 0, rows: [] });
    expect(await readProcess(graph)).toBeNull();
    await graph.stop();
  });
});
