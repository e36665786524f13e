// Guarantee: plans, fetches and answers are shared among callers of equal rights alone; whatever is shared, each caller
//   is told its own cost. No field, error or number of one caller stands in the answer of another.
// Attack: callers of different scopes, contracts and denial modes, and pairs of equal rights with limits of their own,
//   send the same texts at the same time, thousands of times in a drawn order, while mutations pass in between.
// Learned from: answer caches keyed by the operation's text and variables, without who asked.
import { inheritedEnvironment } from '../../platform/config.ts';
import { drawFrom } from '../oracle/draw.ts';
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';
import type { ClientAnswer } from '../harness/testGateway.ts';

const IS_FULL = inheritedEnvironment()['ATTACKS_SIZE'] === 'full';
const INTERLEAVINGS = IS_FULL ? 10_000 : 2_000;
/** More than an address may fail at once: right keys are no failures, whatever becomes of their cache. */
const ABREAST = 40;
const SEED = Number(inheritedEnvironment()['SEED'] ?? '1');

const QUERIES = [
  '{ me { name email } }',
  '{ me { name label } }',
  '{ people { id name badge } }',
  '{ me { name greeting friends { name email } } }',
  '{ order(id: "Order:1") { number customer { name greeting } } }',
  '{ me { note ledger { lines } } }',
  '{ found { ... on Person { name } ... on Vault { gold } } }',
  '{ thing(id: "Book:1") { id stock } }',
  '{ __type(name: "Person") { fields { name } } }',
];
const MUTATION = 'mutation { rename(id: "Person:1", name: "a") { name } }';

interface Asker {
  readonly key: string;
  /** Told of nobody else. */
  readonly maximum: number;
}

let graph: GuardedGraph;
const askers: Asker[] = [];
beforeAll(async () => {
  graph = await startGuardedGraph();
  const kinds = [
    { scopes: graph.scopes },
    { scopes: graph.scopes, contract: 'partner' },
    { scopes: ['people:write'], denial: 'filter' },
    { scopes: ['people:write'] },
    { scopes: ['people:pii', 'people:write'], denial: 'filter' },
    { scopes: ['people:write'], denial: 'filter', contract: 'partner' },
  ] as const;
  for (const [at, kind] of kinds.entries()) {
    for (const twin of [0, 1]) {
      const maximum = 1_000_000 + at * 10 + twin;
      const limits = {
        ...{ pointsPerSecond: 1_000_000, pointsBurst: maximum, requestsPerSecond: 100_000 },
        ...{ concurrentRequestsMax: 10_000, pointsPerDay: undefined },
      };
      askers.push({ key: await graph.keys.create({ ...kind, limits }), maximum });
    }
  }
});
afterAll(() => graph.stop());

/** An answer without what changes from one request to the next. */
function steady({ status, text }: ClientAnswer): string {
  return `${status} ${text.replace(/"available":\d+/, '')}`;
}

describe('K18: shared work', () => {
  it(`crosses no field and no cost in ${INTERLEAVINGS} interleavings`, async () => {
    const alone = new Map<string, string>();
    for (const { key } of askers) {
      for (const query of [...QUERIES, MUTATION]) alone.set(`${key} ${query}`, steady(await graph.ask(key, query)));
    }
    // Callers of different rights are told different things, or nothing could cross.
    const told = QUERIES.map((query) => new Set(askers.map(({ key }) => alone.get(`${key} ${query}`))).size);
    expect(told.filter((count) => count > 2).length).toBeGreaterThan(5);
    const draw = drawFrom(SEED);
    const crossed: string[] = [];
    let served = 0;
    graph.subgraphs.asked.length = 0;
    while (served < INTERLEAVINGS) {
      const shared = draw.pick(QUERIES);
      const batch = Array.from({ length: ABREAST }, () => {
        const { key, maximum } = draw.pick(askers);
        const query = draw.chance(4) ? MUTATION : draw.chance(75) ? shared : draw.pick(QUERIES);
        return { key, maximum, query };
      });
      const answers = await Promise.all(
        batch.map(async ({ key, maximum, query }) => {
          const answer = await graph.ask(key, query);
          const cost = answer.extensions?.['cost'] as { throttleStatus: { maximum: number } } | undefined;
          const isOwn = cost === undefined || cost.throttleStatus.maximum === maximum;
          const isSame = steady(answer) === alone.get(`${key} ${query}`);
          return isOwn && isSame ? [] : [`${query}: ${answer.text} in place of ${alone.get(`${key} ${query}`) ?? ''}`];
        }),
      );
      crossed.push(...answers.flat());
      served += batch.length;
    }
    expect(crossed).toEqual([]);
    // Work was shared, or nothing was put to the test.
    expect(graph.subgraphs.asked.length).toBeLessThan(served);
  }, 300_000);
});
