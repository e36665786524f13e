import { type Connection } from 'mongoose';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import { runProcess } from '../../harness/startProcess.ts';
import { startTestGraph, type SubgraphName, type TestGraph } from '../../harness/testGraph.ts';

interface Report {
  readonly differences: number;
  readonly toldAgain: number | null;
  readonly left: number;
  readonly pairs: readonly {
    readonly pair: string;
    readonly compared: number;
    readonly differences: number;
    readonly examples: readonly { readonly key: string; readonly kind: string; readonly fields: readonly string[] }[];
  }[];
}

const TENANT = 'main';

let graph: TestGraph;
const connections: Connection[] = [];

async function collectionOf(subgraph: SubgraphName, name: string) {
  const connection = await openDatabase(graph.uri, `${graph.prefix}_${subgraph}`);
  connections.push(connection);
  return connection.collection<Record<string, unknown> & { _id: string }>(name);
}

async function drift(...words: string[]): Promise<{ code: number | null; output: string; report: Report }> {
  const env = { MONGODB_URI: graph.uri, CRM_DATABASE_PREFIX: graph.prefix };
  const { code, output } = await runProcess(['cli/main.ts', 'sync', 'drift', '--json', ...words], env);
  return {
    code,
    output,
    report: JSON.parse(output.split('\n').find((line) => line.startsWith('{')) ?? 'null') as Report,
  };
}

function differencesOf({ pairs }: Report): Record<string, number> {
  return Object.fromEntries(pairs.map(({ pair, differences }) => [pair, differences]));
}

beforeAll(async () => {
  graph = await startTestGraph(40);
}, 120_000);

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await graph.stop();
});

describe('drift between owners and copies', () => {
  it('is none in a graph that nobody disturbed, and compares every copy', async () => {
    const { code, output, report } = await drift();
    expect({ code, output, differences: report.differences }).toMatchObject({ code: 0, differences: 0 });
    expect(report.pairs.map(({ pair }) => pair).sort()).toEqual(['customerNames', 'orderCampaigns', 'orderFigures']);
    for (const { compared } of report.pairs) expect(compared).toBeGreaterThan(0);
  }, 60_000);

  it('is found where copies were made wrong or are missing, told without values, and repaired', async () => {
    const orders = await collectionOf('orders', 'orders');
    const profiles = await collectionOf('marketing', 'audience_profiles');
    const attributions = await collectionOf('marketing', 'attributions');
    const renamed = await orders.findOne({ tenantId: TENANT });
    const [wrong, missing] = await profiles
      .find({ orderCount: { $gt: 0 } })
      .limit(2)
      .toArray();
    const credit = await attributions.findOne({ model: 'LAST_TOUCH' });
    await orders.updateOne({ _id: renamed?._id ?? '' }, { $set: { customerDisplayName: 'Wrongly Copied Name' } });
    await profiles.updateOne({ _id: wrong?._id ?? '' }, { $set: { orderCount: 9_999 } });
    await profiles.deleteOne({ _id: missing?._id ?? '' });
    await attributions.deleteOne({ _id: credit?._id ?? '' });

    const found = await drift();
    expect(found.code).toBe(1);
    expect(differencesOf(found.report)).toEqual({ customerNames: 1, orderFigures: 2, orderCampaigns: 1 });
    expect(found.output).not.toContain('Wrongly Copied Name');
    const [name] = found.report.pairs.find(({ pair }) => pair === 'customerNames')?.examples ?? [];
    expect(name).toEqual({ key: renamed?.['customerId'], kind: 'differs', fields: ['displayName'] });

    const repaired = await drift('--repair');
    expect({ code: repaired.code, left: repaired.report.left }).toEqual({ code: 0, left: 0 });
    expect(await orders.findOne({ customerDisplayName: 'Wrongly Copied Name' })).toBeNull();
    expect((await profiles.findOne({ _id: wrong?._id ?? '' }))?.['orderCount']).toBe(wrong?.['orderCount']);
    expect((await drift()).report.differences).toBe(0);
  }, 120_000);
});
