// Guarantee: what a caller may see is decided on the field, never on the name that the operation gives it.
// Attack: a protected field under a free one's name, a free one under the protected one's, both at once, at every depth.
// Learned from: filters of answers that look for `email` in the JSON, and so let `x: email` pass.
import { makeAttackKeys, STOPPED, tryAttack, type AttackKeys } from '../harness/attackScopes.ts';
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';

let graph: GuardedGraph;
let keys: AttackKeys;
beforeAll(async () => {
  graph = await startGuardedGraph();
  keys = await makeAttackKeys(graph, 'people:pii');
});
afterAll(() => graph.stop());

describe('K6: aliases', () => {
  it.each([
    ['under another name', '{ me { x: email } }'],
    ["under a free field's name", '{ me { name: email } }'],
    ['beside a free field of its name', '{ me { email: name a: email } }'],
    ['under the name of what is never refused', '{ me { id: email } }'],
    ['below aliases', '{ a: me { b: boss { c: boss { name: email } } } }'],
    ['among many', `{ ${Array.from({ length: 10 }, (_, at) => `a${at}: me { x${at}: email }`).join(' ')} }`],
    ['of a computed field', '{ me { name: greeting label: name } }'],
  ])('%s a protected field stays protected', async (_, query) => {
    const after = query.includes('greeting') ? 'Person.greeting' : 'Person.email';
    expect(await tryAttack(graph, keys, { query, after, scope: 'people:pii' })).toEqual(STOPPED);
  });

  it("a free field under a protected one's name is answered", async () => {
    const { status, data } = await graph.ask(keys.refused, '{ me { email: name badge: label } }');
    expect([status, data]).toEqual([200, { me: { email: '~Person.name~Person:1', badge: '~Person.label~Person:1' } }]);
  });
});
