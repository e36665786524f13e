// Promise: several gateways that keep entities in one Redis never give out what one of them has dropped, whichever kept
// it, however late, and whatever Redis forgets.
import type { CacheStore, Found, KeptEntity } from '../../../gateway/cache/cacheStore.ts';
import { openRedisStore } from '../../../gateway/cache/redisStore.ts';
import { openRedis, type SharedRedis } from '../../../gateway/shared/openRedis.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { systemClock } from '../../../platform/clock.ts';
import { seededRandom } from '../../../platform/random.ts';
import { NO_LOG } from '../../harness/identifyParts.ts';
import { startRedis, type TestRedis } from '../../harness/startRedis.ts';

const SEED = Number(inheritedEnvironment()['SEED'] ?? '1');
const STEPS = 1_500;

let redis: TestRedis;
const opened: { store: CacheStore; connection: SharedRedis }[] = [];

/** One gateway's store. */
async function openStore(): Promise<CacheStore> {
  const connection = await openRedis(redis.url, NO_LOG);
  const store = openRedisStore({ redis: connection, tenantId: 'main', clock: systemClock, log: NO_LOG });
  opened.push({ store, connection });
  await until(async () => (await find(store, 'nothing')).ticket !== undefined);
  return store;
}

function find(store: CacheStore, key: string): Promise<Found> {
  return new Promise((done) => store.find('customers', [key], done));
}

function drop(store: CacheStore, tag: string, id?: string, source = 'customers'): Promise<void> {
  return new Promise((done) => store.drop({ tags: [tag], source, id }, done));
}

function entity(tag: string, text = '{"a":1}'): KeptEntity {
  return { text, tags: [tag, 'Segment:*'], subgraph: 'customers', maxAgeMs: 60_000 };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 400) throw new Error('it does not come to pass');
    await new Promise((next) => setTimeout(next, 25));
  }
}

/** Looks up and keeps, as a fetch in between would. */
async function keep(store: CacheStore, key: string, kept: KeptEntity): Promise<void> {
  const { ticket } = await find(store, key);
  if (ticket === undefined) throw new Error('nothing may be kept');
  store.keep(key, kept, ticket);
  // Redis does one after the other.
  await find(store, key);
}

const textOf = async (store: CacheStore, key: string): Promise<string | undefined> => (await find(store, key)).texts[0];

describe('gateways that keep entities in one Redis', () => {
  let one: CacheStore;
  let other: CacheStore;
  beforeAll(async () => {
    redis = await startRedis();
    one = await openStore();
    other = await openStore();
  }, 60_000);
  afterAll(async () => {
    for (const { store } of opened) store.close();
    await redis.stop();
  });

  it('find what another kept, until one of them drops it', async () => {
    await keep(one, 'found', entity('cus_1'));
    expect(await textOf(other, 'found')).toBe('{"a":1}');
    await drop(other, 'cus_1');
    expect([await textOf(one, 'found'), await textOf(other, 'found')]).toEqual([undefined, undefined]);
  });

  it('take nothing from one that was away while another dropped it', async () => {
    const { ticket = -1 } = await find(other, 'late');
    await drop(one, 'cus_2');
    other.keep('late', entity('cus_2'), ticket);
    expect([await textOf(one, 'late'), await textOf(other, 'late')]).toEqual([undefined, undefined]);
  });

  it('drop by one event once, so that what was fetched since then stays', async () => {
    await drop(one, 'cus_3', 'crm/customers 1');
    await keep(one, 'fresh', entity('cus_3'));
    await drop(other, 'cus_3', 'crm/customers 1');
    expect(await textOf(other, 'fresh')).toBe('{"a":1}');
  });

  it('do not keep what may hold an old copy of what changed in another subgraph', async () => {
    await drop(one, 'ord_1', undefined, 'orders');
    await keep(other, 'copy', entity('ord_1'));
    expect(await textOf(one, 'copy')).toBeUndefined();
  });

  it('wait for copies of what changed elsewhere though its own subgraph drops it meanwhile', async () => {
    await drop(one, 'ord_2', undefined, 'orders');
    for (const source of ['customers', 'customers']) await drop(other, 'ord_2', undefined, source);
    await keep(other, 'copied', entity('ord_2'));
    expect(await textOf(one, 'copied')).toBeUndefined();
  });

  it('give out nothing that was kept before they came, or before they forgot it', async () => {
    await keep(one, 'before', entity('cus_4'));
    const later = await openStore();
    expect([await textOf(later, 'before'), await textOf(one, 'before')]).toEqual([undefined, '{"a":1}']);
    other.forget('customers');
    await until(async () => (await find(other, 'nothing')).ticket !== undefined);
    expect(await textOf(other, 'before')).toBeUndefined();
  });

  it(`never give out an older value, in ${STEPS} random steps of both`, async () => {
    const random = seededRandom(SEED);
    const pick = (count: number): number => Math.floor(random() * count);
    const stored = [0, 0, 0];
    const acknowledged = [0, 0, 0];
    const waiting: { which: number; ticket: number; version: number; store: CacheStore }[] = [];
    let hits = 0;
    for (let step = 0; step < STEPS; step++) {
      const which = pick(3);
      const store = random() < 0.5 ? one : other;
      const key = `random ${which}`;
      const drawn = random();
      if (drawn < 0.1) {
        stored[which] = (stored[which] ?? 0) + 1;
      } else if (drawn < 0.2) {
        await drop(store, `rnd_${which}`, `random ${which} ${stored[which] ?? 0}`);
        acknowledged[which] = stored[which] ?? 0;
      } else if (drawn < 0.5 && waiting.length > 0) {
        const [read] = waiting.splice(pick(waiting.length), 1);
        if (read === undefined) continue;
        read.store.keep(`random ${read.which}`, entity(`rnd_${read.which}`, String(read.version)), read.ticket);
      } else {
        const { texts, ticket } = await find(store, key);
        const [text] = texts;
        if (text === undefined) {
          if (ticket !== undefined) waiting.push({ which, ticket, version: stored[which] ?? 0, store });
          continue;
        }
        hits++;
        expect(Number(text)).toBeGreaterThanOrEqual(acknowledged[which] ?? 0);
      }
    }
    expect(hits).toBeGreaterThan(STEPS / 20);
  }, 60_000);

  it('give out nothing while Redis is away, and nothing from before when it comes again', async () => {
    await keep(one, 'lost', entity('cus_5'));
    await redis.kill();
    expect(await find(one, 'lost')).toEqual({ texts: [], ticket: undefined });
    await drop(one, 'cus_5');
    await redis.restart();
    await until(async () => (await find(one, 'nothing')).ticket !== undefined);
    await keep(one, 'lost', entity('cus_5', '{"a":2}'));
    expect(await textOf(one, 'lost')).toBe('{"a":2}');
  }, 60_000);

  it('keep nothing in a Redis that throws away what it likes', async () => {
    const connection = await openRedis(redis.url, NO_LOG);
    await connection.send('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const store = openRedisStore({ redis: connection, tenantId: 'main', clock: systemClock, log: NO_LOG });
    opened.push({ store, connection });
    // The next answer of Redis comes after that to what the store asked first.
    await connection.send('PING');
    await new Promise((next) => setImmediate(next));
    expect((await find(store, 'nothing')).ticket).toBeUndefined();
    await connection.send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await until(async () => (await find(store, 'nothing')).ticket !== undefined);
  }, 60_000);
});
