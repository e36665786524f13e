// Releases that are published into a store, one after the other, while a gateway that follows it is under load: no answer
// fails, none is wrong, and memory stays flat. Two publishers are at it all the while.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import { publish } from '../../registry/publish.ts';
import { openFolderStore } from '../../registry/stores/folderStore.ts';
import { shortHash } from '../../store/release.ts';
import { PublishedSchemas } from '../../store/storeReader.ts';
import { IS_FULL_SIZE } from '../harness/faultyGateway.ts';
import { FIXTURE_SCHEMAS } from '../harness/fixtureSchemas.ts';
import { heldMegabytes, PROBED } from '../harness/heapProbe.ts';
import { loadRequest, startLoadClient, type LoadClient, type LoadResult } from '../harness/loadClient.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { composeFixture, startTestGateway, type TestGateway } from '../harness/testGateway.ts';

const WITH_MOTTO = FIXTURE_SCHEMAS.marketing.replace('type Query {', 'type Query { motto: String');
const PUBLISHES = IS_FULL_SIZE ? 500 : 25;
const WARM_PUBLISHES = 10;
const KEPT_MEGABYTES_MAX = 8;
const LONG_TEST_MS = 900_000;
const SIGNING = { secret: undefined, previous: undefined };

const QUERY = '{ customers(first: 3) { displayName orders(first: 1) { number } } campaigns { name } }';
const ANSWER = {
  data: {
    customers: ['c1', 'c2', 'c3'].map((id) => ({ displayName: `Name of ${id}`, orders: [{ number: 'N-1' }] })),
    campaigns: [{ name: 'Spring' }],
  },
};

let folder: string;
let gateway: TestGateway;
let client: LoadClient;
let supergraphs: readonly [string, string];
let published = 0;

const served = async (): Promise<{ hash: string; release: { number: number } }> =>
  (await gateway.health()).body['supergraph'] as { hash: string; release: { number: number } };

/** Two publishers at once, on top of the same release: one wins, the other is told which release won. */
async function publishTwice(): Promise<string> {
  const storePath = join(folder, 'store');
  const base = await new PublishedSchemas(openFolderStore(storePath).reader, SIGNING).current();
  const supergraph = supergraphs[published++ % 2] ?? '';
  const outcomes = await Promise.all(
    ['ann', 'bob'].map((author) =>
      publish({ store: openFolderStore(storePath), signing: SIGNING, clock: systemClock }, base, {
        ...{ supergraph: `${supergraph}\n# ${author} ${published}\n`, contracts: new Map(), report: undefined },
        ...{ author, commit: undefined, message: `number ${published}` },
      }),
    ),
  );
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['overtaken', 'published']);
  const releases = outcomes.map((outcome) => (outcome.kind === 'overtaken' ? outcome.by : outcome.signed));
  expect(releases[0]?.hash).toBe(releases[1]?.hash);
  return shortHash(releases[0]?.release.supergraph ?? '');
}

/** Publishes and waits until that is served, again and again under load; gives how long each took to be served. */
async function publishUnderLoad(times: number, results: LoadResult[]): Promise<number[]> {
  const tookMs: number[] = [];
  const requests = [loadRequest('all', QUERY, ANSWER)];
  let isOver = false;
  const load = (async () => {
    while (!isOver) results.push(await client.run({ url: gateway.url, requests, perSecond: 60, durationMs: 500 }));
  })();
  for (let count = 0; count < times; count++) {
    const hash = await publishTwice();
    const startMs = performance.now();
    await waitUntil(async () => (await served()).hash === hash);
    tookMs.push(performance.now() - startMs);
  }
  isOver = true;
  await load;
  return tookMs;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-publishes-'));
  supergraphs = [await composeFixture(folder, {}), await composeFixture(folder, { marketing: WITH_MOTTO })];
  const storePath = join(folder, 'store');
  await publish({ store: openFolderStore(storePath), signing: SIGNING, clock: systemClock }, undefined, {
    ...{ supergraph: supergraphs[0], contracts: new Map(), report: undefined },
    ...{ author: 'ann', commit: undefined, message: 'the first' },
  });
  const env = { SUPERGRAPH_SOURCE: `file:${storePath}`, CRM_SUPERGRAPH_COPY_PATH: join(folder, 'copies') };
  gateway = await startTestGateway({ env: { ...PROBED, ...env } });
  client = await startLoadClient();
});
afterAll(async () => {
  await client.stop();
  await gateway.stop();
  await rm(folder, { recursive: true });
});

describe('R1, R5: schemas that two publishers publish at once', () => {
  it(
    `${PUBLISHES} times under load are all served, without a failed or wrong answer, and memory stays flat`,
    async () => {
      const results: LoadResult[] = [];
      // Memory first grows with what is compiled and cached once.
      await publishUnderLoad(WARM_PUBLISHES, results);
      const before = await heldMegabytes(gateway.process);
      const tookMs = (await publishUnderLoad(PUBLISHES, results)).sort((left, right) => left - right);
      const kept = (await heldMegabytes(gateway.process)) - before;
      const samples = results.flatMap((result) => result.samples);
      const at = (share: number): string => (tookMs[Math.floor((tookMs.length - 1) * share)] ?? 0).toFixed(0);
      console.info(
        `${PUBLISHES} publishes, ${samples.length} answers; served after ${at(0.5)} ms (median), ${at(0.99)} ms (p99), ${at(1)} ms (most); ${kept.toFixed(1)} MB more held than ${before.toFixed(1)} MB`,
      );
      expect(results.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(samples.filter(({ isRight }) => !isRight)).toEqual([]);
      expect(samples.length).toBeGreaterThan(PUBLISHES);
      expect((await served()).release.number).toBe(WARM_PUBLISHES + PUBLISHES + 1);
      // A graph that is not freed keeps some megabytes each.
      expect(kept).toBeLessThan(KEPT_MEGABYTES_MAX);
    },
    LONG_TEST_MS,
  );
});
