// Guarantee: what a caller may not see is not fetched: no request to any subgraph names the field, nor is a fetch made
//   for it alone, nor for what it would be computed from.
// Attack: in filter mode, ask for free and denied fields together in every way that a plan brings fields in: lists,
//   entities of other subgraphs, `@requires`, `@provides`, fragments, conditions; and look into what subgraphs got.
// Learned from: gateways that fetch everything and cut the answer: the value is in logs, traces and memory by then.
import { GUARDED, startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';

const QUERIES: readonly [query: string, answered: string][] = [
  ['{ me { name email } }', '~Person.name~'],
  ['{ me { name email badge nickname greeting } }', ''],
  ['{ me { name nickname } }', '~Person.name~'],
  ['{ me { name greeting } }', '~Person.name~'],
  ['{ me { name ...F } } fragment F on Person { email nickname greeting }', '~Person.name~'],
  ['{ order(id: "Order:1") { number customer { email } } }', '~Order.number~'],
  ['{ order(id: "Order:1") { number customer { name greeting } } }', '~Person.name~'],
  ['{ people { name friends { email orders { number customer { greeting } } } } }', '~Person.name~'],
  ['{ open peopleByEmail(email: "a") { name } }', '~Query.open~'],
  ['{ found { ... on Person { name } ... on Vault { gold } } }', '~Person.name~'],
  ['{ thing(id: "Book:1") { id stock } }', 'Book:1'],
  ['{ thing(id: "Tape:1") { id ... on Tape { title } ... on Book { title } } }', 'Tape:1'],
  ['query ($on: Boolean = true) { me { name email @include(if: $on) } }', '~Person.name~'],
  ['{ node(id: "Firm:1") { id label } }', 'Firm:1'],
];

let graph: GuardedGraph;
let key: string;
let whole: string;
beforeAll(async () => {
  graph = await startGuardedGraph();
  key = await graph.keys.create({ scopes: ['orders:write'], denial: 'filter' });
  whole = await graph.keys.create({ scopes: graph.scopes });
});
afterAll(() => graph.stop());

const guarded = new Set([...Object.values(GUARDED).flat(), 'Node.label', 'Thing.title']);
const guardedFetched = (): string[] => graph.subgraphs.fieldsAsked().filter((field) => guarded.has(field));

describe('K22: denied fields', () => {
  it.each(QUERIES)('%s: no subgraph is asked for one', async (query, answered) => {
    await graph.ask(whole, query);
    expect(guardedFetched()).not.toEqual([]);
    graph.subgraphs.asked.length = 0;
    const { status, text, codes } = await graph.ask(key, query);
    expect([status, guardedFetched(), [...new Set(codes)]]).toEqual([200, [], ['SCOPE_MISSING']]);
    expect(text).toContain(answered);
    graph.subgraphs.asked.length = 0;
  });

  it.each([
    ['{ me { name greeting } }', ['people']],
    ['{ me { name nickname } }', ['people']],
    ['{ thing(id: "Book:1") { id stock } }', ['people']],
    ['{ peopleByEmail(email: "a") { name } }', []],
  ])('%s: no fetch is made for it alone', async (query, subgraphs) => {
    graph.subgraphs.asked.length = 0;
    await graph.ask(key, query);
    expect(graph.subgraphs.asked.map(({ subgraph }) => subgraph)).toEqual(subgraphs);
    expect(JSON.stringify(graph.subgraphs.asked)).not.toMatch(/email|greeting|nickname|stock/i);
  });
});
