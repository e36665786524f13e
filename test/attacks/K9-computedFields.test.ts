// Guarantee: what is computed from a protected field, handed on with another entity, or taken over by another subgraph
//   is as protected as the field; a supergraph that says less is held to it all the same.
// Attack: `@requires`, `@provides` and `@override` around a protected field; schemas that forget the need; a supergraph
//   made elsewhere from which the dependant's need was cut out.
// Learned from: advisories on federation in which `@requires` of a protected field gave its value to everybody.
import { composeSchema } from '../oracle/federatedSchema.ts';
import { makeAttackKeys, STOPPED, tryAttack } from '../harness/attackScopes.ts';
import { GUARDED_TEXTS, startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';

const SCOPE = 'people:pii';
const NEED = '@requiresScopes(scopes: [["people:pii"]])';
const GREETING = '{ me { greeting } }';

let graph: GuardedGraph;
beforeAll(async () => {
  graph = await startGuardedGraph();
});
afterAll(() => graph.stop());

describe('K9: fields that come from protected ones', () => {
  it.each([
    ['computed from it', GREETING, 'Person.greeting'],
    [
      'computed from it, by way of another subgraph',
      '{ order(id: "Order:1") { customer { greeting } } }',
      'Person.greeting',
    ],
    ['provided with another entity', '{ order(id: "Order:1") { customer { email } } }', 'Person.email'],
    ['provided in a list', '{ orders { customer { x: email } } }', 'Person.email'],
    ['taken over by another subgraph', '{ me { nickname } }', 'Person.nickname'],
  ])('%s: stays protected', async (_, query, after) => {
    const keys = await makeAttackKeys(graph, SCOPE);
    expect(await tryAttack(graph, keys, { query, after, scope: SCOPE })).toEqual(STOPPED);
  });

  it('is not composed where the dependant does not repeat the need', async () => {
    const orders = GUARDED_TEXTS.orders.replace(`@requires(fields: "email") ${NEED}`, '@requires(fields: "email")');
    expect(orders).not.toBe(GUARDED_TEXTS.orders);
    await expect(composeSchema({ name: 'loose', subgraphs: { ...GUARDED_TEXTS, orders } })).rejects.toThrow(
      /transitive|Person\.greeting/i,
    );
  });

  it('holds over a supergraph from which the need of the dependant was cut out', async () => {
    const { supergraph } = await composeSchema({ name: 'guarded', subgraphs: GUARDED_TEXTS });
    const loose = supergraph
      .split('\n')
      .map((line) => (/^\s*greeting\b/.test(line) ? line.replace(/@requiresScopes\(scopes: .*?\]\]\)/, '') : line))
      .join('\n');
    expect(loose).not.toBe(supergraph);
    const other = await startGuardedGraph({ supergraph: loose });
    try {
      const keys = await makeAttackKeys(other, SCOPE);
      const attack = { query: GREETING, after: 'Person.greeting', scope: SCOPE };
      expect(await tryAttack(other, keys, attack)).toEqual(STOPPED);
    } finally {
      await other.stop();
    }
  });
});
