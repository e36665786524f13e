// Guarantee: in filter mode every denied place is null with an error that names its path and what is missing, and nulls
//   rise as the schema says; everything else is answered. Mutations are refused whole all the same.
// Attack: denied fields in lists, behind entities, beside free ones, under non-null types, in a mutation.
// Learned from: filters that left a field out of the answer, and clients that took its absence for an empty value.
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';

let graph: GuardedGraph;
let key: string;
beforeAll(async () => {
  graph = await startGuardedGraph();
  key = await graph.keys.create({ scopes: ['orders:write', 'people:write'], denial: 'filter' });
});
afterAll(() => graph.stop());

const PII = [['people:pii']];

describe('filter mode', () => {
  it('answers null and says where and what is missing', async () => {
    const { status, data, errors } = await graph.ask(key, '{ me { name mail: email boss { email } } }');
    expect([status, data]).toEqual([200, { me: { name: '~Person.name~Person:1', mail: null, boss: { email: null } } }]);
    expect(errors.map(({ path, extensions }) => ({ path, ...extensions }))).toEqual([
      { path: ['me', 'mail'], code: 'SCOPE_MISSING', scopes: PII },
      { path: ['me', 'boss', 'email'], code: 'SCOPE_MISSING', scopes: PII },
    ]);
  });

  it('says so of every place in a list', async () => {
    const { data, errors } = await graph.ask(key, '{ people { id email } }');
    expect(data).toEqual({ people: [1, 2, 3].map((at) => ({ id: `Person:${at}`, email: null })) });
    expect(errors.map(({ path }) => path?.join('.'))).toEqual(['people.0.email', 'people.1.email', 'people.2.email']);
  });

  it('lets nulls rise through what may not be null, to the list and no further than the schema says', async () => {
    const { data, errors } = await graph.ask(key, '{ open people { id badge } me { id boss { badge } } }');
    expect(data).toEqual({ open: '~Query.open~', people: null, me: { id: 'Person:1', boss: null } });
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['SCOPE_MISSING']));
  });

  it('answers the rest of an entity whose part of another subgraph is denied', async () => {
    const { data } = await graph.ask(key, '{ order(id: "Order:1") { number customer { name greeting } } }');
    expect(data).toEqual({
      order: { number: '~Order.number~Order:1', customer: { name: '~Person.name~Person:1', greeting: null } },
    });
  });

  it('refuses a mutation whole, before it runs', async () => {
    graph.subgraphs.asked.length = 0;
    const { status, codes } = await graph.ask(key, 'mutation { rename(id: "Person:1", name: "x") { name email } }');
    expect([status, codes, graph.subgraphs.asked]).toEqual([403, ['SCOPE_MISSING'], []]);
  });
});
