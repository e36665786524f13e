// A gateway that follows a store of published schemas, of each kind: what is published is served within two seconds, what
// is damaged never, and a store that is away keeps nobody from being answered.
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIXTURE_SCHEMAS } from '../../harness/fixtureSchemas.ts';
import { runProcess, startProcess, waitUntil } from '../../harness/startProcess.ts';
import { composeFixture, startTestGateway, type TestGateway } from '../../harness/testGateway.ts';
import { openTestFolder, openTestMongo, openTestWebStore, type TestStore } from '../../harness/testStore.ts';

const WITH_MOTTO = FIXTURE_SCHEMAS.marketing.replace('type Query {', 'type Query { motto: String');
const SECRET = 'a secret that publishers and gateways share';
const LONG_TEST_MS = 120_000;

interface ShownSupergraph {
  readonly hash: string;
  readonly release: { readonly number: number; readonly publishedAt: string } | null;
  readonly signature: string;
  readonly fromCopyOnDisk: boolean;
  readonly source: { readonly kind: string; readonly reachable: boolean };
}

let folder: string;
let plain: string;
let withMotto: string;
let count = 0;
/** A supergraph that no other is equal to, and that serves the same. */
const another = (sdl: string): string => `${sdl}\n# ${String(count++)}\n`;
const shown = async (
  url: string,
): Promise<{ supergraph: ShownSupergraph; refused: { hash: string; reason: string } | null }> => {
  const body = (await (await fetch(`${url}/health/ready`)).json()) as Record<string, unknown>;
  return { supergraph: body['supergraph'] as ShownSupergraph, refused: body['refusedSupergraph'] as never };
};
const envOf = (store: TestStore, more: Record<string, string> = {}): Record<string, string> => ({
  SUPERGRAPH_SOURCE: store.place,
  CRM_SUPERGRAPH_COPY_PATH: join(folder, 'copies'),
  ...store.env,
  ...more,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-follow-'));
  plain = await composeFixture(folder, {});
  withMotto = await composeFixture(folder, { marketing: WITH_MOTTO });
});
afterAll(() => rm(folder, { recursive: true }));

describe.each([
  ['a folder', 'file', openTestFolder],
  ['MongoDB', 'mongodb', openTestMongo],
  ['a web server', 'https', openTestWebStore],
])('a gateway that follows %s', (name, kind, openTest) => {
  let store: TestStore;
  let gateway: TestGateway;
  const served = async (): Promise<string> => (await shown(gateway.url)).supergraph.hash;
  const isServed = (hash: string): Promise<boolean> => waitUntil(async () => (await served()) === hash);

  beforeAll(async () => {
    store = await openTest();
    await store.publish(plain);
    gateway = await startTestGateway({ env: envOf(store) });
  }, LONG_TEST_MS);
  afterAll(async () => {
    await gateway.stop();
    await store.stop();
  });

  it('serves what is published, and tells which release it is and where it is from', async () => {
    const hash = await store.publish(another(plain));
    await isServed(hash);
    const { supergraph } = await shown(gateway.url);
    const current = await store.current();
    expect(supergraph).toMatchObject({
      release: { number: current?.release.number, publishedAt: current?.release.publishedAt },
      signature: 'not asked for',
      fromCopyOnDisk: false,
      source: { kind, reachable: true },
    });
  });

  it('takes each publish without being asked', async () => {
    const tookMs: number[] = [];
    for (let round = 0; round < 6; round++) {
      const hash = await store.publish(another(round % 2 === 0 ? withMotto : plain));
      const startMs = performance.now();
      await isServed(hash);
      tookMs.push(Math.round(performance.now() - startMs));
      expect((await gateway.query('{ motto }')).status).toBe(round % 2 === 0 ? 200 : 400);
    }
    console.info(`${name}: from publish to served in ${tookMs.join(', ')} ms`);
  });

  it.each([
    ['cut off', (sdl: string) => sdl.slice(0, sdl.length / 2), /is damaged/],
    ['empty', () => '', /is empty/],
    ['another one', () => withMotto, /is damaged/],
  ])('never serves a supergraph that is %s, and goes on with the old one', async (_, damage, said) => {
    const good = another(plain);
    await isServed(await store.publish(good));
    const bad = another(plain);
    const hash = await store.publishDamaged(bad, damage(bad));
    const refused = await waitUntil(async () => {
      const found = (await shown(gateway.url)).refused;
      return found?.hash === hash ? found : undefined;
    });
    expect(refused.reason).toMatch(said);
    expect(await served()).not.toBe(hash);
    expect((await gateway.query('{ orders(first: 1) { number } }')).errors).toEqual([]);
    await isServed(await store.publish(another(plain)));
    expect((await shown(gateway.url)).refused).toBeNull();
  });

  it('never serves a supergraph that cannot be composed into a graph', async () => {
    const before = await served();
    const hash = await store.publish('type Query { a: Int }');
    await waitUntil(async () => (await shown(gateway.url)).refused?.hash === hash);
    expect(await served()).toBe(before);
    expect((await gateway.query('{ orders(first: 1) { number } }')).errors).toEqual([]);
    await isServed(await store.publish(another(plain)));
  });

  it('goes on while the store is away, says so, and takes what is published once it is back', async () => {
    const hash = await store.publish(another(plain));
    await isServed(hash);
    const bringBack = await store.takeAway();
    await waitUntil(async () => !(await shown(gateway.url)).supergraph.source.reachable);
    expect((await gateway.query('{ orders(first: 1) { number } }')).errors).toEqual([]);
    expect((await gateway.health()).status).toBe(200);
    await bringBack();
    await isServed(await store.publish(another(plain)));
    expect((await shown(gateway.url)).supergraph.source.reachable).toBe(true);
  });

  it(
    'starts with the copy on disk while the store is away, with a warning, and goes on with the store once it is back',
    async () => {
      const hash = await store.publish(another(plain));
      await isServed(hash);
      const bringBack = await store.takeAway();
      const words = ['gateway/main.ts', '--access', 'open', '--port', '0'];
      const again = await startProcess(words, envOf(store));
      expect((await shown(again.ready)).supergraph).toMatchObject({
        ...{ hash, fromCopyOnDisk: true },
        source: { reachable: false },
      });
      expect(again.output()).toContain('starting from the copy on disk');
      await bringBack();
      await waitUntil(async () => !(await shown(again.ready)).supergraph.fromCopyOnDisk);
      const newer = await store.publish(another(plain));
      await waitUntil(async () => (await shown(again.ready)).supergraph.hash === newer);
      expect(await again.stop()).toBe(0);
    },
    LONG_TEST_MS,
  );

  it(
    'takes with a secret signed releases alone, and none that is older than what it served',
    async () => {
      const signing = { secret: SECRET, previous: undefined };
      const signed = another(plain);
      const hash = await store.publish(signed, signing);
      const words = ['gateway/main.ts', '--access', 'open', '--port', '0'];
      const own = { CRM_REGISTRY_SECRET: SECRET, CRM_SUPERGRAPH_COPY_PATH: join(folder, 'signed') };
      const strict = await startProcess(words, envOf(store, own));
      expect((await shown(strict.ready)).supergraph).toMatchObject({ hash, signature: 'verified' });
      await store.publish(another(withMotto));
      const refused = await waitUntil(async () => (await shown(strict.ready)).refused);
      expect(refused.reason).toContain('is not signed');
      await store.publish(another(withMotto), { secret: `not ${SECRET}`, previous: undefined });
      await waitUntil(async () => (await shown(strict.ready)).refused?.reason.includes('another secret') === true);
      expect((await shown(strict.ready)).supergraph.hash).toBe(hash);
      const newer = await store.publish(another(plain), signing);
      await waitUntil(async () => (await shown(strict.ready)).supergraph.hash === newer);
      const newest = another(withMotto);
      const last = await store.publish(newest, signing);
      await waitUntil(async () => (await shown(strict.ready)).supergraph.hash === last);
      await store.dropNewest();
      await waitUntil(
        async () => (await shown(strict.ready)).refused?.reason.includes('went back to release') === true,
      );
      expect((await shown(strict.ready)).supergraph.hash).toBe(last);
      expect(await strict.stop()).toBe(0);
      const again = await startProcess(words, envOf(store, own));
      expect((await shown(again.ready)).supergraph).toMatchObject({ hash: last, fromCopyOnDisk: true });
      expect(again.output()).toContain('went back to release');
      expect(await again.stop()).toBe(0);
    },
    LONG_TEST_MS,
  );
});

describe('a gateway whose source has nothing', () => {
  const words = ['gateway/main.ts', '--access', 'open', '--port', '0'];
  const start = (env: Record<string, string>) =>
    runProcess(words, { CRM_SUPERGRAPH_COPY_PATH: join(folder, 'none'), ...env });

  it.each([
    ['a folder that is empty', () => `file:${folder}`, {}, 1, /nothing was published into the store yet/],
    ['a server that does not answer', () => 'http://127.0.0.1:1/store/', {}, 1, /does not answer/],
    ['a database that does not answer', () => 'mongodb://127.0.0.1:1/nothing', {}, 1, /does not answer/],
    ['plain http from elsewhere', () => 'http://example.com/store/', {}, 1, /must be https/],
    ['a place that is none', () => 'ftp://example.com/', {}, 1, /must begin with file:, mongodb: or https:/],
    [
      'a supergraph alone where signatures are asked for',
      () => 'file:x.graphql',
      { CRM_REGISTRY_SECRET: SECRET },
      1,
      /no signature/,
    ],
  ])(
    'does not start with %s and no copy, and says why',
    async (_, placeOf, env: Record<string, string>, expected, said) => {
      const { code, output } = await start({ SUPERGRAPH_SOURCE: placeOf(), ...env });
      expect([code, output]).toEqual([expected, expect.stringMatching(said)]);
      expect(output.trim().split('\n')).toHaveLength(1);
    },
  );

  it('does not start from a copy that was cut off', async () => {
    const store = await openTestFolder();
    const copies = join(folder, 'cut');
    await store.publish(another(plain));
    const env = envOf(store, { CRM_SUPERGRAPH_COPY_PATH: copies });
    const first = await startProcess(words, env);
    const [copy = ''] = await waitUntil(async () => {
      const names = await readdir(copies).catch((): string[] => []);
      return names.some((name) => name.endsWith('.json')) ? names : undefined;
    });
    await first.stop();
    await truncate(join(copies, copy), 200);
    const bringBack = await store.takeAway();
    const { code, output } = await runProcess(words, env);
    expect([code, output]).toEqual([1, expect.stringContaining('the copy on disk is damaged')]);
    await bringBack();
    await store.stop();
  });
});
