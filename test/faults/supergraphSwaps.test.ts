// A new supergraph takes the old one's place under load without a wrong or failed answer; a bad one stays out and the old
// one goes on; one whose publisher is away is served on, after a restart too.
import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSupergraph } from '../../registry/watch.ts';
import { IS_FULL_SIZE } from '../harness/faultyGateway.ts';
import { FIXTURE_SCHEMAS } from '../harness/fixtureSchemas.ts';
import { heldMegabytes, PROBED } from '../harness/heapProbe.ts';
import { loadRequest, startLoadClient, type LoadResult } from '../harness/loadClient.ts';
import { startProcess, waitUntil } from '../harness/startProcess.ts';
import { composeFixture, startTestGateway, type TestGateway } from '../harness/testGateway.ts';

const WITH_MOTTO = FIXTURE_SCHEMAS.marketing.replace('type Query {', 'type Query { motto: String');
const SWAPS = IS_FULL_SIZE ? 500 : 20;
const WARM_SWAPS = 10;
const BAD_SUPERGRAPHS = IS_FULL_SIZE ? 200 : 24;
const KEPT_MEGABYTES_MAX = 8;
const LONG_TEST_MS = 600_000;

let folder: string;
let gateway: TestGateway;
let plain: string;
let withMotto: string;

const hashOf = (sdl: string): string => createHash('sha256').update(sdl).digest('hex').slice(0, 16);
const served = async (): Promise<unknown> => ((await gateway.health()).body['supergraph'] as { hash: string }).hash;
const refused = async (): Promise<{ hash: string; reason: string } | null> =>
  (await gateway.health()).body['refusedSupergraph'] as { hash: string; reason: string } | null;
/** Publishes a supergraph and waits until it is served. */
const publish = async (sdl: string): Promise<void> => {
  await writeSupergraph(gateway.supergraphPath, sdl);
  await waitUntil(async () => (await served()) === hashOf(sdl));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-swaps-'));
  gateway = await startTestGateway({ env: PROBED });
  withMotto = await composeFixture(folder, { marketing: WITH_MOTTO });
  plain = await composeFixture(folder, {});
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

describe('R1: a supergraph that is swapped under load', () => {
  const QUERY = '{ customers(first: 3) { displayName orders(first: 1) { number } } campaigns { name } }';
  const ANSWER = {
    data: {
      customers: ['c1', 'c2', 'c3'].map((id) => ({ displayName: `Name of ${id}`, orders: [{ number: 'N-1' }] })),
      campaigns: [{ name: 'Spring' }],
    },
  };

  it(
    `${SWAPS} times has no failed and no wrong answer, and memory stays flat`,
    async () => {
      const client = await startLoadClient();
      const results: LoadResult[] = [];
      const swapUnderLoad = async (times: number): Promise<void> => {
        let isOver = false;
        const requests = [loadRequest('all', QUERY, ANSWER)];
        const load = (async () => {
          while (!isOver) {
            results.push(await client.run({ url: gateway.url, requests, perSecond: 60, durationMs: 500 }));
          }
        })();
        for (let count = 0; count < times; count++) await publish(count % 2 === 0 ? withMotto : plain);
        isOver = true;
        await load;
      };
      // Memory first grows with what is compiled and cached once.
      await swapUnderLoad(WARM_SWAPS);
      const before = await heldMegabytes(gateway.process);
      await swapUnderLoad(SWAPS);
      const kept = (await heldMegabytes(gateway.process)) - before;
      await client.stop();
      expect(results.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(results.flatMap(({ samples }) => samples).length).toBeGreaterThan(SWAPS);
      // A graph that is not freed keeps some megabytes each.
      expect(kept).toBeLessThan(KEPT_MEGABYTES_MAX);
    },
    LONG_TEST_MS,
  );
});

describe('R2: a bad supergraph', () => {
  const expectRefused = async (bad: string): Promise<void> => {
    const before = await served();
    await writeFile(gateway.supergraphPath, bad);
    const shown = await waitUntil(async () => {
      const found = await refused();
      return found?.hash === hashOf(bad) ? found : undefined;
    });
    expect(shown.reason).toMatch(/./);
    const { status, body } = await gateway.health();
    expect([status, body['ready'], await served()]).toEqual([200, true, before]);
    expect((await gateway.query('{ orders(first: 1) { number } }')).errors).toEqual([]);
  };
  /** Ways to spoil a good supergraph at a place of its choice; none of them leaves one that could be served. */
  const SPOILS: readonly ((good: string, at: number) => string)[] = [
    (good, at) => `${good.slice(0, at)} {`,
    (good, at) => `${good}\u0000${at}`,
    (good) => good.replace(/@join__graph\(/, '@join__nothing('),
    (good, at) => good.replace('email: String', `email: NoSuchType${at}`),
    (good, at) => `${good}\ntype Customer { again${at}: Int }`,
    (good, at) => good.replace(/ORDERS/, `ORDERS_${at}`),
    (good, at) => `${good}\ntype Empty${at} {}`,
    (good, at) => `${good.replace(/@link\(url: "https:\/\/specs\.apollo\.dev\/join[^)]*\)/, '')}\n# ${at}`,
  ];

  beforeAll(() => publish(plain));

  it.each([
    ['no GraphQL', 'this is no schema'],
    ['an empty file', ''],
    ['half a file', 'schema @link(url: "https://specs.apollo.dev/link/v1.0") { query: Query } type Query { a'],
    ['a schema that is no supergraph', 'type Query { a: Int }'],
    ['a subgraph’s schema', FIXTURE_SCHEMAS.orders],
    ['bytes that are no text', '\u0000\u0001\u0002'],
  ])('that is %s is refused, shown, and the old one goes on', (_, text) => expectRefused(text));

  it(
    `is never served, ${BAD_SUPERGRAPHS} times spoiled in ${SPOILS.length} ways`,
    async () => {
      for (let count = 0; count < BAD_SUPERGRAPHS; count++) {
        const at = Math.floor((plain.length * (count + 1)) / (BAD_SUPERGRAPHS + 2));
        const bad = SPOILS[count % SPOILS.length]?.(plain, at) ?? '';
        expect(bad).not.toBe(plain);
        await expectRefused(bad).catch((error: unknown) => {
          throw new Error(`way ${count % SPOILS.length} at ${at} was not refused: ${String(error)}`);
        });
      }
      expect(gateway.process.output()).toContain('supergraph refused');
    },
    LONG_TEST_MS,
  );

  it('is forgotten once a good one comes', async () => {
    await publish(withMotto);
    await waitUntil(async () => (await refused()) === null);
    await publish(plain);
  });
});

describe('R3: a registry that is away', () => {
  it('has the last good supergraph served on, its age told, and known again when it is back', async () => {
    await publish(plain);
    const away = `${gateway.supergraphPath}.away`;
    await rename(gateway.supergraphPath, away);
    await waitUntil(async () => (await refused()) !== null);
    const { status, body } = await gateway.health();
    expect([status, body['ready'], await served()]).toEqual([200, true, hashOf(plain)]);
    expect((await gateway.query('{ orders(first: 1) { number } }')).errors).toEqual([]);
    const ageSeconds = async (): Promise<number> =>
      ((await gateway.health()).body['supergraph'] as { ageSeconds: number }).ageSeconds;
    const age = await ageSeconds();
    await waitUntil(async () => (await ageSeconds()) > age);
    await rename(away, gateway.supergraphPath);
    await publish(withMotto);
    await publish(plain);
  });

  it('does not keep the gateway from starting again with the supergraph that was published last', async () => {
    await publish(withMotto);
    const words = ['gateway/main.ts', '--access', 'open', '--supergraph', gateway.supergraphPath, '--port', '0'];
    const again = await startProcess(words);
    const response = await fetch(`${again.ready}/health/ready`);
    const { supergraph } = (await response.json()) as { supergraph: { hash: string } };
    expect(await again.stop()).toBe(0);
    expect([response.status, supergraph.hash]).toEqual([200, hashOf(withMotto)]);
    await publish(plain);
  });
});

describe('R4: a field that is removed while a client uses it', () => {
  it('is served until the swap, then refused with 400 and named', async () => {
    await publish(withMotto);
    expect((await gateway.query('{ motto }')).status).toBe(200);
    await publish(plain);
    const gone = await gateway.query('{ motto }');
    expect([gone.status, gone.codes]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
    expect(gone.text).toContain('motto');
  });

  it('is still answered for requests that began on the old supergraph', async () => {
    await publish(withMotto);
    const { marketing, orders } = gateway.subgraphs;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    [marketing.hold, orders.hold] = [held, held];
    const [askedMarketing, askedOrders] = [marketing.asked.length, orders.asked.length];
    const waiting = gateway.query('{ motto orders(first: 1) { number customer { email } } }');
    await waitUntil(() => orders.asked.length > askedOrders && marketing.asked.length > askedMarketing);
    await publish(plain);
    release();
    const { data } = await waiting;
    expect(data).toMatchObject({ orders: [{ number: 'N-1', customer: { email: 'c1@example.com' } }] });
    expect(data).toHaveProperty('motto');
  });
});
