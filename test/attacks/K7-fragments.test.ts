// Guarantee: the operation that runs is judged, with all that its fragments bring, and nothing else of the document.
// Attack: protected fields behind named, inline and nested fragments; in a fragment that nothing uses; in another
//   operation of the document, chosen and not chosen.
// Learned from: walkers that read the first operation, or judge a fragment where it is defined and not where it is used.
import { makeAttackKeys, STOPPED, tryAttack, type AttackKeys } from '../harness/attackScopes.ts';
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';

const EMAIL = { after: 'Person.email', scope: 'people:pii' };
const FREE = { me: { name: '~Person.name~Person:1' } };

let graph: GuardedGraph;
let keys: AttackKeys;
beforeAll(async () => {
  graph = await startGuardedGraph();
  keys = await makeAttackKeys(graph, EMAIL.scope);
});
afterAll(() => graph.stop());

/** Sends a document with an operation's name. */
async function askNamed(query: string, operationName: string | undefined) {
  graph.subgraphs.asked.length = 0;
  const response = await fetch(graph.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.refused}` },
    body: JSON.stringify({ query, operationName }),
  });
  return { status: response.status, text: await response.text() };
}

describe('K7: fragments', () => {
  it.each([
    ['named', '{ me { ...F } } fragment F on Person { email }'],
    ['inline', '{ me { ... on Person { email } } }'],
    ['inline without a type', '{ me { ... { email } } }'],
    [
      'nested',
      '{ me { ...A } } fragment A on Person { ...B } fragment B on Person { ... { ...C } } fragment C on Person { email }',
    ],
    ['on the root', '{ ...R } fragment R on Query { me { email } }'],
    ['on an interface', '{ me { ...N } } fragment N on Node { ... on Person { email } }'],
    ['used twice', '{ me { ...F boss { ...F } } } fragment F on Person { name email }'],
    [
      'merged with a free selection',
      '{ me { name ...F } me { boss { ... on Person { email } } } } fragment F on Person { label }',
    ],
  ])('%s: a protected field stays protected', async (_, query) => {
    expect(await tryAttack(graph, keys, { query, ...EMAIL })).toEqual(STOPPED);
  });

  it('another operation of the document is not judged, and its fields are not fetched', async () => {
    const query =
      'query Free { me { name } } query Mean { me { email } } mutation Write { ship(id: "Order:1") { id } }';
    const free = await askNamed(query, 'Free');
    expect([free.status, (JSON.parse(free.text) as { data: unknown }).data]).toEqual([200, FREE]);
    expect(graph.subgraphs.fieldsAsked()).not.toContain('Person.email');
    const mean = await askNamed(query, 'Mean');
    expect([mean.status, mean.text.includes('SCOPE_MISSING'), graph.subgraphs.asked]).toEqual([403, true, []]);
  });

  it('runs none of several operations that no name chooses', async () => {
    const { status } = await askNamed('query Free { me { name } } query Mean { me { email } }', undefined);
    expect([status, graph.subgraphs.asked]).toEqual([400, []]);
  });

  it('refuses a fragment that nothing uses as not valid, whatever is in it', async () => {
    const unused = (field: string) => askNamed(`{ me { name } } fragment F on Person { ${field} }`, undefined);
    const [mean, free] = [await unused('email'), await unused('label')];
    expect(mean).toEqual(free);
    expect([mean.status, graph.subgraphs.asked]).toEqual([400, []]);
  });
});
