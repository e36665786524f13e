// Guarantee: a field asked of an interface takes what every type behind it takes, fields of interface objects included;
//   asking a union which type it is takes what its members take.
// Attack: the way around the type: `node`, a field of the interface itself, `__typename` probing, fragments on
//   interfaces, an interface object's field.
// Learned from: directives on objects that are not looked for on the interface that the field is asked of.
import { makeAttackKeys, STOPPED, tryAttack } from '../harness/attackScopes.ts';
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';

let graph: GuardedGraph;
beforeAll(async () => {
  graph = await startGuardedGraph();
});
afterAll(() => graph.stop());

describe('K8: interfaces and unions', () => {
  it.each([
    ['a fragment on the object', '{ node(id: "Person:1") { ... on Person { email } } }', 'Person.email', 'people:pii'],
    ['a field of the interface', '{ node(id: "Firm:1") { label } }', 'Node.label', 'firms:read'],
    ['a free type behind it', '{ node(id: "Person:1") { label } }', 'Node.label', 'firms:read'],
    ['a fragment on the interface', '{ node(id: "Firm:1") { ... on Node { label } } }', 'Node.label', 'firms:read'],
    ['the type of a union', '{ found { __typename } }', 'Found.__typename', 'vault:read'],
    ['the type of a union, renamed', '{ found { a: __typename } }', 'Found.__typename', 'vault:read'],
    ['a member of a union', '{ found { ... on Vault { gold } } }', 'Vault.gold', 'vault:read'],
    ['the type of a member', '{ found { ... on Vault { __typename } } }', 'Vault.__typename', 'vault:read'],
    ['a field of an interface object', '{ thing(id: "Book:1") { stock } }', 'Thing.stock', 'stock:read'],
    ['the same, of a type', '{ thing(id: "Book:1") { ... on Book { stock } } }', 'Thing.stock', 'stock:read'],
    ['what one type protects', '{ thing(id: "Book:1") { title } }', 'Thing.title', 'tapes:read'],
  ])('%s: stays protected', async (_, query, after, scope) => {
    const keys = await makeAttackKeys(graph, scope);
    const outcome = await tryAttack(graph, keys, { query, after, scope });
    // A union's type is fetched for who sees nothing else of it: an object has to be there for the null in its place.
    const fetched = after.endsWith('.__typename') && outcome.filtered.fetched;
    expect({ ...outcome, filtered: { ...outcome.filtered, fetched: false } }).toEqual(STOPPED);
    if (!fetched) return;
    const { data } = await graph.ask(keys.filtered, query);
    expect(JSON.stringify(data)).not.toMatch(/Vault|Person/);
  });

  it('answers the free type by itself', async () => {
    const { refused } = await makeAttackKeys(graph, 'tapes:read');
    const { data } = await graph.ask(refused, '{ thing(id: "Book:1") { ... on Book { title } } }');
    expect(data).toEqual({ thing: { title: '~Book.title~Book:1' } });
  });
});
