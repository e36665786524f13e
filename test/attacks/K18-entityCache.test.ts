// Guarantee: what the gateway keeps of an entity is given to callers of the same scopes, contract and rights alone: no
//   answer holds a byte of what somebody else may see, however often both ask for the same entity.
// Attack: callers of different scopes, contracts and denial modes ask for the same entities by the same and by other texts,
//   in a drawn order, on a gateway that keeps every entity; each answer is compared with that of a gateway that keeps none.
// Learned from: entity caches whose keys held the type and the id, without who asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BEAT_TOPIC } from '../../contracts/event.ts';
import { PROOF_HEADER } from '../../contracts/gatewayProof.ts';
import { OPEN_CALLER, type Caller } from '../../gateway/caller.ts';
import { inheritedEnvironment } from '../../platform/config.ts';
import { openMemoryBroker } from '../../sync/brokers/memory.ts';
import { openCachedGateway } from '../harness/cachedGateway.ts';
import { GUARDED_TEXTS, startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';
import { openHandClock } from '../harness/handClock.ts';
import type { ClientAnswer } from '../harness/testGateway.ts';
import { drawFrom } from '../oracle/draw.ts';
import { composeSchema, LINK } from '../oracle/federatedSchema.ts';
import { allowKeeping, startHeartbeats, type Heartbeats } from '../oracle/keepEverything.ts';

const IS_FULL = inheritedEnvironment()['ATTACKS_SIZE'] === 'full';
const REQUESTS = IS_FULL ? 10_000 : 1_200;
const ABREAST = 20;
const SEED = Number(inheritedEnvironment()['SEED'] ?? '1');

const QUERIES = [
  '{ person(id: "Person:1") { name email } }',
  '{ person(id: "Person:1") { id name label } }',
  '{ person(id: "Person:1") { name nickname greeting } }',
  '{ person(id: "Person:1") { name note badge } }',
  '{ order(id: "Order:1") { number customer { name email greeting } } }',
  '{ me { name greeting orders(first: 2) { number } } }',
  '{ people { id name badge nickname } }',
  '{ node(id: "Firm:1") { id label } }',
  '{ thing(id: "Book:1") { id title stock } }',
  '{ thing(id: "Tape:1") { id title } }',
];

const CALLERS = [
  { scopes: ['people:pii', 'people:write', 'firms:read', 'vault:read', 'tapes:read', 'stock:read'] },
  { scopes: ['people:pii', 'firms:read', 'tapes:read', 'stock:read'], contract: 'partner' },
  { scopes: ['people:write'], denial: 'filter' },
  { scopes: ['people:write'] },
  { scopes: ['people:pii', 'people:write'], denial: 'filter' },
  { scopes: ['stock:read', 'firms:read'], denial: 'filter', contract: 'partner' },
] as const;

let plain: GuardedGraph;
let keeping: GuardedGraph;
let beats: Heartbeats;
/** The same caller's key at each of the graphs. */
const keys: { readonly plain: string; readonly keeping: string }[] = [];

beforeAll(async () => {
  const texts = Object.entries(GUARDED_TEXTS).map(([name, text]) => [
    name,
    text.replace('"@listSize"]', '"@listSize", "@composeDirective"]'),
  ]);
  const subgraphs = Object.fromEntries(texts) as Record<string, string>;
  const { supergraph } = await composeSchema(allowKeeping({ name: 'guarded', subgraphs }));
  beats = await startHeartbeats(Object.keys(subgraphs));
  plain = await startGuardedGraph();
  keeping = await startGuardedGraph({ supergraph, env: beats.env });
  for (const caller of CALLERS) {
    keys.push({ plain: await plain.keys.create(caller), keeping: await keeping.keys.create(caller) });
  }
}, 120_000);
afterAll(async () => {
  await plain.stop();
  await keeping.stop();
  await beats.stop();
}, 60_000);

/** An answer without what changes from one request to the next. */
function steady({ status, text }: ClientAnswer): string {
  return `${status} ${text.replace(/"cost":\{.*?\}\}/, '')}`;
}

describe('K18: kept entities', () => {
  it(`cross no scope, contract or denial mode in ${REQUESTS} requests`, async () => {
    const alone = new Map<string, string>();
    for (const key of keys) {
      for (const query of QUERIES) alone.set(`${key.keeping} ${query}`, steady(await plain.ask(key.plain, query)));
    }
    const told = QUERIES.map((query) => new Set(keys.map((key) => alone.get(`${key.keeping} ${query}`))).size);
    expect(told.filter((count) => count > 1).length).toBeGreaterThan(5);
    const draw = drawFrom(SEED);
    const crossed: string[] = [];
    keeping.subgraphs.asked.length = 0;
    for (let served = 0; served < REQUESTS; served += ABREAST) {
      const batch = Array.from({ length: ABREAST }, () => ({
        key: draw.pick(keys).keeping,
        query: draw.pick(QUERIES),
      }));
      await Promise.all(
        batch.map(async ({ key, query }) => {
          const answer = steady(await keeping.ask(key, query));
          const expected = alone.get(`${key} ${query}`) ?? '';
          if (answer !== expected) crossed.push(`${query}: ${answer} in place of ${expected}`);
        }),
      );
    }
    expect(crossed).toEqual([]);
    // Most came from the cache, or nothing was put to the test.
    console.info(`seed ${SEED}: ${REQUESTS} requests, ${keeping.subgraphs.asked.length} reached the subgraphs`);
    expect(keeping.subgraphs.asked.length).toBeLessThan(REQUESTS / 2);
  }, 300_000);
});

/** A subgraph whose answer is who asks: what the gateway's proof says of the caller. */
async function startTellingSubgraph() {
  const asked = { count: 0 };
  const server = createServer((request, response) => {
    asked.count++;
    request.resume().on('end', () => {
      const [, part = ''] = String(request.headers[PROOF_HEADER]).split('.');
      const name = Buffer.from(part, 'base64url').toString();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: { person: { id: 'Person:1', entityId_: 'Person:1', name } } }));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop };
}

describe('K18: a subgraph whose answers depend on who asks', () => {
  it('has no answer to one caller given to another of other scopes, contract or rights', async () => {
    const text = `${LINK} type Query { person(id: ID!): Person } type Person @key(fields: "id") { id: ID! name: String }`;
    const { supergraph } = await composeSchema(allowKeeping({ name: 'telling', subgraphs: { people: text } }));
    const subgraph = await startTellingSubgraph();
    const broker = openMemoryBroker().connect();
    const options = {
      ...{ supergraph, addresses: { people: subgraph.url }, proofSecret: 's'.repeat(32), broker },
      // One beat holds for all that is asked, however long that takes.
      cacheClock: openHandClock(),
    };
    const gateway = await openCachedGateway(options);
    try {
      const value = JSON.stringify({ subgraph: 'people', sentUpToMs: Date.now() + 60_000 });
      await broker.publish([{ topic: BEAT_TOPIC, key: 'people', value }]);
      const scopes = [[], ['a:read'], ['a:read', 'b:read']];
      const callers = scopes.flatMap((own) =>
        [undefined, 'partner'].flatMap((contract) =>
          ['one', 'other'].map((rights): Caller => {
            const id = `key:${own.join('+')}/${contract ?? ''}/${rights}`;
            return { ...OPEN_CALLER, kind: 'key', id, scopes: new Set(own), contract, rights };
          }),
        ),
      );
      const draw = drawFrom(SEED);
      for (let turn = 0; turn < 300; turn++) {
        const caller = draw.pick(callers);
        const { text: answer } = await gateway.ask('{ person(id: "Person:1") { name } }', {}, caller);
        expect(answer).toContain(caller.id);
      }
      expect(subgraph.asked.count).toBe(callers.length);
    } finally {
      await gateway.stop();
      await subgraph.stop();
    }
  }, 60_000);
});
