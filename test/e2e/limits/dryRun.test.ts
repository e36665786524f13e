// Dry runs: what is told of an operation is what comes of it later, nothing is fetched, and a tenth is charged.
// LIMITS_SIZE=full asks for 1,000 operations.
import { inheritedEnvironment } from '../../../platform/config.ts';
import { startFuzzGraph } from '../../fuzz/fuzzGraph.ts';
import { startGuardedGraph, type GuardedGraph } from '../../harness/guardedGraph.ts';
import { sendRequest, type ClientAnswer } from '../../harness/testGateway.ts';
import { generateOperation } from '../../oracle/generateOperation.ts';

const OPERATIONS = inheritedEnvironment()['LIMITS_SIZE'] === 'full' ? 1_000 : 200;

interface Told {
  readonly cost: number;
  readonly fetches: number;
  readonly plan: object | null;
  readonly scopes: readonly (readonly string[])[];
  readonly cachePolicy: string;
}

const dryOf = ({ extensions }: ClientAnswer): Told | undefined => extensions?.['dryRun'] as Told | undefined;
const costOf = ({ extensions }: ClientAnswer) => extensions?.['cost'] as { requested: number; actual: number | null };

function send(url: string, key: string, body: object): Promise<ClientAnswer> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  return sendRequest(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

describe('a dry run', () => {
  let graph: GuardedGraph;
  let whole: string;
  beforeAll(async () => {
    graph = await startGuardedGraph();
    whole = await graph.keys.create({ scopes: graph.scopes });
  });
  afterAll(() => graph.stop());
  const dry = (key: string, query: string, dryRun: unknown = true) =>
    send(graph.url, key, { query, extensions: { dryRun } });

  it('tells plan, price and scopes, fetches nothing, and is charged a tenth, but a point at least', async () => {
    const query = '{ people(first: 20) { name email orders(first: 2) { number } } }';
    graph.subgraphs.asked.length = 0;
    const answer = await dry(whole, query);
    expect([answer.status, answer.data, answer.errors, graph.subgraphs.asked]).toEqual([200, null, [], []]);
    const { cost = 0, ...told } = dryOf(answer) ?? {};
    expect(told).toEqual({
      fetches: 2,
      plan: {
        kind: 'sequence',
        nodes: [
          { kind: 'fetch', subgraph: 'people' },
          { kind: 'fetch', subgraph: 'orders' },
        ],
      },
      scopes: [['people:pii']],
      cachePolicy: 'private, no-store',
    });
    expect(costOf(answer)).toMatchObject({ requested: cost / 10, actual: cost / 10 });
    expect(costOf(await graph.ask(whole, query)).requested).toBe(cost);
    expect(graph.subgraphs.asked).toHaveLength(2);
    expect(costOf(await dry(whole, '{ open }'))).toMatchObject({ requested: 1, actual: 1 });
  });

  it('of a mutation changes nothing', async () => {
    graph.subgraphs.asked.length = 0;
    const answer = await dry(whole, 'mutation { rename(id: "Person:1", name: "a") { name } }');
    expect([answer.status, dryOf(answer)]).toEqual([
      200,
      expect.objectContaining({ fetches: 1, scopes: [['people:write']] }),
    ]);
    expect(graph.subgraphs.asked).toEqual([]);
  });

  it('is refused as the operation would be, and names no subgraph to a key with a contract', async () => {
    const poor = await graph.keys.create({ scopes: ['firms:read'] });
    const partner = await graph.keys.create({ scopes: graph.scopes, contract: 'partner' });
    expect(await dry(poor, '{ me { email } }')).toMatchObject({ status: 403, codes: ['SCOPE_MISSING'] });
    const hidden = await dry(partner, '{ me { email } }');
    const misspelt = await dry(partner, '{ me { emial } }');
    const available = /"available":\d+/;
    expect(hidden.text.replace(available, '')).toBe(misspelt.text.replace(available, '').replaceAll('emial', 'email'));
    expect(dryOf(await dry(partner, '{ me { name } }'))).toMatchObject({ fetches: 1, plan: { kind: 'fetch' } });
    expect((await dry(partner, '{ me { name } }')).text).not.toContain('people');
    expect(await dry('', '{ open }')).toMatchObject({ status: 401 });
  });

  it.each([
    [false, 200],
    [null, 200],
    ['true', 400],
    [1, 400],
  ])('is not what extensions.dryRun: %j asks for', async (given, status) => {
    const answer = await dry(whole, '{ open }', given);
    expect([answer.status, dryOf(answer)]).toEqual([status, undefined]);
  });
});

it(`a dry run tells the price that ${OPERATIONS} generated operations are charged with`, async () => {
  const graph = await startFuzzGraph('crm', true);
  try {
    const url = `${graph.gateway.url}/graphql`;
    const counts = { compared: 0, refused: 0 };
    for (let number = 0; counts.compared < OPERATIONS; number += 1) {
      const { text: query, variables } = generateOperation(graph.api, number);
      const dry = await send(url, graph.key ?? '', { query, variables, extensions: { dryRun: true } });
      const real = await send(url, graph.key ?? '', { query, variables });
      const told = dryOf(dry);
      if (told === undefined) {
        // Refused alike, for a price or a form that is too large.
        expect([dry.status, dry.codes]).toEqual([real.status, real.codes]);
        counts.refused += 1;
        continue;
      }
      expect(costOf(real).requested).toBe(told.cost);
      counts.compared += 1;
    }
    expect(counts.refused).toBeLessThan(counts.compared);
  } finally {
    await graph.stop();
  }
}, 120_000);
