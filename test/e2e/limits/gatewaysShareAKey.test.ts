// 100 clients on one key over three real gateways and one Redis: what all of them are admitted together, what each is told
// of its cost, and what Redis holds in the end. LIMITS_SIZE=full runs 30 s.
import { UNITS } from '../../../gateway/admit/pointStore.ts';
import { parseApiKey } from '../../../gateway/identify/apiKey.ts';
import { openRedis } from '../../../gateway/shared/openRedis.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { seededRandom } from '../../../platform/random.ts';
import { CUSTOMERS, KEY_GRAPH_SCOPES, startKeyGraph, type KeyGraph } from '../../harness/keyGraph.ts';
import { NO_LOG } from '../../harness/identifyParts.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { startRedis, type TestRedis } from '../../harness/startRedis.ts';

const FOR_MS = inheritedEnvironment()['LIMITS_SIZE'] === 'full' ? 30_000 : 5_000;
const CLIENTS = 100;
const GATEWAYS = 3;
const LIMITS = {
  ...{ pointsPerSecond: 400, pointsBurst: 1_000, requestsPerSecond: 10_000, concurrentRequestsMax: 1_000 },
  pointsPerDay: 10_000_000,
};

/** As much of `extensions.cost` as is summed up. */
interface Cost {
  readonly requested: number;
  readonly actual: number;
}

/** What all clients together were told, in points. */
interface Sums {
  admitted: number;
  requested: number;
  actual: number;
  refused: number;
}

let redis: TestRedis;
let graph: KeyGraph;

beforeAll(async () => {
  redis = await startRedis();
  graph = await startKeyGraph({ gateways: GATEWAYS, redisUrl: redis.url });
});
afterAll(async () => {
  await graph.stop();
  await redis.stop();
});

/** Asks for more or less than there is, over the gateways in turn, until the time is over. */
async function beClient(key: string, number: number, endMs: number, sums: Sums): Promise<void> {
  const random = seededRandom(number);
  for (let turn = number; performance.now() < endMs; turn++) {
    const query = `{ customers(first: ${1 + Math.floor(random() * 4 * CUSTOMERS)}) { id name } }`;
    const { status, codes, extensions, headers } = await graph.ask(query, `Bearer ${key}`, turn % GATEWAYS);
    if (status === 429) {
      expect([codes, Number(headers.get('retry-after'))]).toEqual([['RATE_LIMITED'], expect.any(Number)]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      sums.refused++;
      await new Promise((next) => setTimeout(next, 20 + random() * 200));
      continue;
    }
    if (status === 503) {
      // A machine that stands still has requests wait for too long.
      expect(codes).toEqual(['OVERLOADED']);
      await new Promise((next) => setTimeout(next, 50));
      continue;
    }
    expect(status).toBe(200);
    const cost = extensions?.['cost'] as Cost;
    sums.admitted++;
    sums.requested += cost.requested;
    sums.actual += cost.actual;
  }
}

it('admits over three gateways at most burst + 1.01 × rate × time, and what answers tell adds up exactly', async () => {
  const key = await graph.keys.create({ scopes: KEY_GRAPH_SCOPES, limits: LIMITS });
  const callerId = `key:${parseApiKey(key)?.id ?? ''}`;
  const store = await openRedis(redis.url, NO_LOG);
  const sums: Sums = { admitted: 0, requested: 0, actual: 0, refused: 0 };
  try {
    const startMs = performance.now();
    const clients = Array.from({ length: CLIENTS }, (_, at) => beClient(key, at, startMs + FOR_MS, sums));
    await Promise.all(clients);
    const seconds = (performance.now() - startMs) / 1_000;
    const allowed = LIMITS.pointsBurst + 1.01 * LIMITS.pointsPerSecond * seconds;
    process.stdout.write(
      `${seconds.toFixed(1)} s: ${sums.admitted} admitted, ${sums.refused} refused; ${sums.requested} points reserved, ` +
        `${sums.requested - sums.actual} given back, ${sums.actual} spent of ${allowed.toFixed(0)} allowed\n`,
    );
    expect(sums.actual).toBeLessThanOrEqual(allowed);
    // The limit was met, and what came back was spent: nobody was refused for nothing.
    expect(sums.refused).toBeGreaterThan(0);
    expect(sums.requested).toBeGreaterThan(sums.actual);
    expect(sums.actual).toBeGreaterThan(LIMITS.pointsBurst);
    // Refunds are not waited for by whoever is answered.
    await waitUntil(async () => Number(await store.send('ZCARD', `crm:leases:{${callerId}}`)) === 0);
    expect(await store.send('HGET', `crm:points:{${callerId}}`, 'spent')).toBe(String(sums.actual * UNITS));
  } finally {
    store.close();
  }
});
