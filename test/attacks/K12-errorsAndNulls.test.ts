// Guarantee: a denial is the same whether or not the value exists, and no error carries what a field protects: not the
//   subgraph's words, not a null that rises.
// Attack: ask for a protected field that is there, null, absent with its object, and failing with the value in its error;
//   a protected field that may not be null; errors of a subgraph that name the value for a caller who may see it.
// Learned from: gateways that passed on `duplicate key { email: "…" }`, and non-null fields whose null told more than a
//   refusal.
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';

let graph: GuardedGraph;
let refused: string;
let filtered: string;
let whole: string;
beforeAll(async () => {
  graph = await startGuardedGraph();
  refused = await graph.keys.create({ scopes: ['firms:read'] });
  filtered = await graph.keys.create({ scopes: ['firms:read'], denial: 'filter' });
  whole = await graph.keys.create({ scopes: graph.scopes });
});
afterAll(() => graph.stop());

/** What a key is told in each of the worlds, without what a request's number of points tells of itself. */
async function inEachWorld(key: string, query: string): Promise<string[]> {
  const worlds: (['Person.email' | 'Person.badge' | 'Person.greeting', 'null' | 'fails'] | undefined)[] = [
    undefined,
    ['Person.email', 'null'],
    ['Person.email', 'fails'],
    ['Person.badge', 'null'],
    ['Person.badge', 'fails'],
    ['Person.greeting', 'fails'],
  ];
  const answers: string[] = [];
  for (const world of worlds) {
    graph.subgraphs.odd.clear();
    if (world !== undefined) graph.subgraphs.odd.set(...world);
    const { status, text } = await graph.ask(key, query);
    answers.push(`${status} ${text.replace(/"available":\d+/, '')}`);
  }
  graph.subgraphs.odd.clear();
  return answers;
}

describe('K12: errors and nulls', () => {
  it.each([
    '{ me { email } }',
    '{ me { name badge } }',
    '{ me { boss { badge greeting } } }',
    '{ person(id: "x") { email } }',
  ])('%s: a refusal is the same whether the value is there, null or failing', async (query) => {
    const answers = new Set(await inEachWorld(refused, query));
    expect([answers.size, /^403 /.test([...answers][0] ?? '')]).toEqual([1, true]);
  });

  it.each(['{ me { name email } }', '{ me { name badge } }', '{ me { name boss { badge greeting } } }'])(
    '%s: so is an answer with nulls in its place',
    async (query) => {
      const answers = new Set(await inEachWorld(filtered, query));
      expect(answers.size).toBe(1);
      expect([...answers][0]).toMatch(/^200 .*SCOPE_MISSING/);
    },
  );

  it('refuses for an object that there is not as for one that there is', async () => {
    const ask = (id: string) => graph.ask(refused, '{ person(id: "ID") { email } }'.replace('ID', id));
    const there = await ask('Person:1');
    graph.subgraphs.odd.set('Query.person', 'null');
    const away = await ask('Person:1');
    graph.subgraphs.odd.clear();
    expect([away.status, away.text]).toEqual([there.status, there.text]);
  });

  it("passes no value on in a subgraph's error, not even to a caller who may see the field", async () => {
    for (const field of ['email', 'badge', 'greeting', 'nickname']) {
      graph.subgraphs.odd.set(`Person.${field}`, 'fails');
      for (const key of [whole, filtered, refused]) {
        const { text } = await graph.ask(key, `{ me { name ${field} } }`);
        expect(text).not.toContain(`~Person.${field}~`);
      }
      graph.subgraphs.odd.clear();
    }
  });

  it('nulls the object around a denied field that may not be null, and says the field alone', async () => {
    const { status, data, errors } = await graph.ask(filtered, '{ open me { name badge } }');
    expect([status, data]).toEqual([200, { open: '~Query.open~', me: null }]);
    expect(errors.map(({ path }) => path)).toEqual([['me', 'badge']]);
  });
});
