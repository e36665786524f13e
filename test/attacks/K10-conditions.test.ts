// Guarantee: a protected field that an operation could include is judged as if it were; no variable decides on rights.
// Attack: `@include` and `@skip` on fields, fragments and spreads, with literals, variables, defaults and values that
//   change from one request to the next while the plan stays.
// Learned from: plans that were judged with the first request's variables and then kept for all that came after.
import { makeAttackKeys, STOPPED, tryAttack, type AttackKeys } from '../harness/attackScopes.ts';
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';

const EMAIL = { after: 'Person.email', scope: 'people:pii' };

let graph: GuardedGraph;
let keys: AttackKeys;
beforeAll(async () => {
  graph = await startGuardedGraph();
  keys = await makeAttackKeys(graph, EMAIL.scope);
});
afterAll(() => graph.stop());

describe('K10: conditions', () => {
  it.each([
    ['a variable', 'query ($on: Boolean!) { me { name email @include(if: $on) } }', { on: true }],
    ['a default', 'query ($on: Boolean! = true) { me { name email @include(if: $on) } }', {}],
    ['a skip by default', 'query ($off: Boolean! = false) { me { name email @skip(if: $off) } }', {}],
    [
      'a spread',
      'query ($on: Boolean!) { me { name ...F @include(if: $on) } } fragment F on Person { email }',
      { on: true },
    ],
    ['an inline fragment', 'query ($on: Boolean!) { me { name ... @include(if: $on) { email } } }', { on: true }],
    ['both at once', 'query ($on: Boolean!) { me { name email @include(if: $on) @skip(if: false) } }', { on: true }],
    ['the object around it', 'query ($on: Boolean!) { me { name boss @include(if: $on) { email } } }', { on: true }],
    ['literals', '{ me { name email @include(if: true) @skip(if: false) } }', {}],
  ])('%s: a field that could be included is protected', async (_, query, variables) => {
    expect(await tryAttack(graph, keys, { query, variables, ...EMAIL })).toEqual(STOPPED);
  });

  it('is refused whatever the variable says, in any order of requests', async () => {
    const query = 'query ($on: Boolean!) { me { name email @include(if: $on) } }';
    graph.subgraphs.asked.length = 0;
    const statuses: number[] = [];
    for (const on of [false, true, false, true]) statuses.push((await graph.ask(keys.refused, query, { on })).status);
    expect([statuses, graph.subgraphs.asked]).toEqual([[403, 403, 403, 403], []]);
  });

  it('keeps no plan of a caller who may for one who may not', async () => {
    const query = 'query ($on: Boolean!) { me { label email @include(if: $on) } }';
    for (const on of [true, false]) {
      expect((await graph.ask(keys.whole, query, { on })).status).toBe(200);
      expect((await graph.ask(keys.refused, query, { on })).status).toBe(403);
      graph.subgraphs.asked.length = 0;
      const { text } = await graph.ask(keys.filtered, query, { on });
      expect([text.includes('~Person.email~'), graph.subgraphs.fieldsAsked().includes('Person.email')]).toEqual([
        false,
        false,
      ]);
    }
  });

  it('counts nothing that a literal leaves out for good', async () => {
    const { status } = await graph.ask(keys.refused, '{ me { name email @include(if: false) } }');
    expect(status).toBe(200);
  });
});
