// What a real gateway counts of the requests that it answered, as its database has it, against what was sent.
import { parseApiKey } from '../../../gateway/identify/apiKey.ts';
import { startGuardedGraph, type GuardedGraph } from '../../harness/guardedGraph.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { countsOf, readUsageOf } from '../../harness/usageGraph.ts';

const FILTERED =
  'query Filtered($filter: PersonFilter, $by: PersonOrder) { peopleBy(filter: $filter, orderBy: $by) { id } }';

describe('a gateway with keys', () => {
  let graph: GuardedGraph;
  const idOf = (key: string): string => parseApiKey(key)?.id ?? '';
  const countOf = async (key: string, coordinate: string): Promise<number> =>
    countsOf((await readUsageOf(graph)).rows, idOf(key))[coordinate] ?? 0;

  beforeAll(async () => {
    graph = await startGuardedGraph();
  });
  afterAll(async () => {
    await graph.stop();
  });

  it('counts fields, arguments, input fields and enum values of each key, with the names in variables and no values', async () => {
    const key = await graph.keys.create({ scopes: [...graph.scopes] });
    const other = await graph.keys.create({ scopes: [...graph.scopes] });
    const sent = [
      { filter: { name: 'Mr Secret' }, by: 'NAME' },
      { filter: { name: 'Mrs Secret', rank: 3 } },
      { by: 'RANK' },
      {},
      { filter: null },
    ];
    for (const variables of sent) expect((await graph.ask(key, FILTERED, variables)).status).toBe(200);
    await graph.ask(other, '{ peopleBy(filter: { rank: 1 }, orderBy: RANK) { name } }');
    await waitUntil(async () => (await countOf(other, 'Person.name')) === 1);
    const { rows, requests } = await readUsageOf(graph);
    expect(countsOf(rows, idOf(key))).toEqual({
      'Query.peopleBy': 5,
      'Query.peopleBy(filter:)': 5,
      'Query.peopleBy(orderBy:)': 5,
      'Person.id': 5,
      PersonFilter: 5,
      PersonOrder: 5,
      'PersonFilter{}': 2,
      'PersonFilter.name': 2,
      'PersonFilter.rank': 1,
      'PersonOrder.NAME': 1,
      'PersonOrder.RANK': 1,
    });
    expect(countsOf(rows, idOf(other))).toEqual({
      'Query.peopleBy': 1,
      'Query.peopleBy(filter:)': 1,
      'Query.peopleBy(orderBy:)': 1,
      'Person.name': 1,
      'PersonFilter{}': 1,
      'PersonFilter.rank': 1,
      'PersonOrder.RANK': 1,
    });
    expect(
      rows.filter(({ caller }) => caller.name === idOf(key)).every(({ operation }) => operation.name === 'Filtered'),
    ).toBe(true);
    expect(requests).toBeGreaterThanOrEqual(6);
    expect(JSON.stringify(rows)).not.toContain('Secret');
  });

  it('counts a field asked through an interface for the interface and for its types, under the contract of the key', async () => {
    const key = await graph.keys.create({ scopes: [...graph.scopes], contract: 'partner' });
    await graph.ask(
      key,
      '{ node(id: "1") { label ... on Person { name } } }',
      {},
      { 'apollographql-client-version': '2.1' },
    );
    const name = `${idOf(key)}@2.1`;
    await waitUntil(async () => countsOf((await readUsageOf(graph)).rows, name)['Node.label']);
    const rows = (await readUsageOf(graph)).rows.filter(({ caller }) => caller.name === idOf(key));
    expect(countsOf(rows, name)).toEqual({
      'Query.node': 1,
      'Query.node(id:)': 1,
      'Node.label': 1,
      'Person.label': 1,
      'Firm.label': 1,
      'Person.name': 1,
      Person: 1,
      'Node|Person': 1,
    });
    expect(new Set(rows.map(({ contract }) => contract))).toEqual(new Set(['partner']));
  });

  it('counts each of equal requests that share one answer, for its own caller', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => graph.keys.create({ scopes: [...graph.scopes] })));
    const asked = keys.flatMap((key) => Array.from({ length: 10 }, () => graph.ask(key, '{ shared: open }')));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
    for (const key of keys) await waitUntil(async () => (await countOf(key, 'Query.open')) === 10);
  });

  it('does not count what was refused', async () => {
    const poor = await graph.keys.create({ scopes: [] });
    const refused = [
      '{ open nothing }',
      '{ peopleByEmail(email: "a") { id } }',
      '{ open',
      'query A { open } query B { open }',
    ];
    for (const query of refused) expect((await graph.ask(poor, query)).text).toContain('"errors"');
    await graph.ask(poor, 'query ($by: PersonOrder) { peopleBy(orderBy: $by) { id } }', { by: 'SIZE' });
    await graph.ask(poor, '{ me { id } }');
    await waitUntil(async () => (await countOf(poor, 'Person.id')) === 1);
    expect(countsOf((await readUsageOf(graph)).rows, idOf(poor))).toEqual({ 'Query.me': 1, 'Person.id': 1 });
  });
});
