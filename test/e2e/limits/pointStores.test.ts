// Limits in memory and in a real Redis give the same answers over any history; Redis' clock going back gives nothing.
import fc from 'fast-check';
import { openMemoryPoints } from '../../../gateway/admit/memoryPoints.ts';
import { UNITS, type Lease, type PointStore, type Verdict } from '../../../gateway/admit/pointStore.ts';
import type { CallerLimits } from '../../../gateway/caller.ts';
import { openRedis, type SharedRedis } from '../../../gateway/shared/openRedis.ts';
import { openRedisPoints } from '../../../gateway/shared/redisPoints.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { openLog } from '../../../platform/log.ts';
import { openHandClock } from '../../harness/handClock.ts';
import { startRedis, type TestRedis } from '../../harness/startRedis.ts';

const NOW_LUA = `tonumber(redis.call('GET', 'test:now'))`;
const LEASE_MS = 5_000;
const RUNS = inheritedEnvironment()['LIMITS_SIZE'] === 'full' ? 5_000 : 500;

let server: TestRedis;
let redis: SharedRedis;

beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url, openLog('test', 'silent'));
});
afterAll(async () => {
  redis.close();
  await server.stop();
});

const limits = fc.record({
  pointsPerSecond: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.double({ min: 0, max: 50, noNaN: true })),
  pointsBurst: fc.integer({ min: 1, max: 200 }),
  requestsPerSecond: fc.integer({ min: 1, max: 6 }),
  concurrentRequestsMax: fc.integer({ min: 1, max: 4 }),
  pointsPerDay: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
});
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      caller: fc.nat(1),
      policy: fc.nat(2),
      units: fc.oneof(
        fc.integer({ min: 0, max: 100 }).map((points) => points * UNITS),
        fc.nat(100 * UNITS),
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      at: fc.nat(50),
      percent: fc.nat(100),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.oneof(fc.nat(3_000), fc.constantFrom(LEASE_MS - 1, LEASE_MS, 3_600_000, 86_400_000)),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What can be seen of a verdict: ids of leases differ by store. */
function visible(verdict: Verdict): unknown {
  return { ...verdict, lease: verdict.lease && { units: verdict.lease.units, day: verdict.lease.day } };
}

async function play(
  store: PointStore,
  history: readonly Step[],
  policies: readonly CallerLimits[],
  setClock: (ms: number) => Promise<void>,
): Promise<unknown[]> {
  const leases: Lease[] = [];
  const seen: unknown[] = [];
  await setClock(0);
  for (const one of history) {
    if (one.do === 'pass') await setClock(one.ms);
    if (one.do === 'settle') {
      const lease = leases[one.at % Math.max(leases.length, 1)];
      if (lease === undefined) continue;
      const refund = Math.floor((lease.units * one.percent) / 100);
      await store.settle(lease, refund);
      if (one.twice) await store.settle(lease, refund);
    }
    if (one.do !== 'reserve') continue;
    const policy = policies[one.policy] ?? policies[0];
    if (policy === undefined) continue;
    const verdict = await store.reserve(`caller ${one.caller}`, policy, one.units);
    if (verdict.lease !== undefined) leases.push(verdict.lease);
    seen.push(visible(verdict));
  }
  return seen;
}

it('answers every history as the memory does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 40 }),
      fc.array(limits, { minLength: 1, maxLength: 3 }),
      async (history, policies) => {
        await redis.send('FLUSHALL');
        const clock = openHandClock();
        const memory = openMemoryPoints(clock, { callersMax: 10, leaseMs: LEASE_MS });
        const inMemory = await play(memory, history, policies, (ms) => {
          clock.pass(ms);
          return Promise.resolve();
        });
        const other = openHandClock();
        const shared = openRedisPoints(redis, { leaseMs: LEASE_MS, gatewayId: 'g', nowLua: NOW_LUA });
        const inRedis = await play(shared, history, policies, async (ms) => {
          other.pass(ms);
          await redis.send('SET', 'test:now', other.steadyMs());
        });
        expect(inRedis).toEqual(inMemory);
      },
    ),
    { numRuns: RUNS },
  );
});

it('gives nothing for a clock that goes back, and forgets only what is as if it had never been', async () => {
  await redis.send('FLUSHALL');
  const policy = { pointsPerSecond: 1, pointsBurst: 100, requestsPerSecond: 100, concurrentRequestsMax: 9 };
  const daily = { ...policy, pointsPerDay: 150 };
  const points = openRedisPoints(redis, { leaseMs: LEASE_MS, gatewayId: 'g', nowLua: NOW_LUA });
  await redis.send('SET', 'test:now', 2 * 86_400_000);
  await points.reserve('a', daily, 100 * UNITS);
  await redis.send('SET', 'test:now', 86_400_000);
  expect(await points.reserve('a', daily, UNITS)).toMatchObject({ refusedBy: 'points', waitMs: 1_000 });
  expect(await points.reserve('a', daily, 51 * UNITS)).toMatchObject({ refusedBy: 'quota' });
  await redis.send('SET', 'test:now', 2 * 86_400_000 + 1_000);
  expect(await points.reserve('a', daily, UNITS)).toMatchObject({ levels: { points: 0, spentToday: 101 * UNITS } });
  expect(Number(await redis.send('PTTL', 'crm:points:{a}'))).toBeGreaterThan(86_000_000);
  await points.reserve('b', { ...policy, pointsPerDay: undefined }, 100 * UNITS);
  expect(Number(await redis.send('PTTL', 'crm:points:{b}'))).toBeGreaterThan(100_000);
});

it('reads the time from Redis itself, and charges again after a restart of Redis forgot its scripts', async () => {
  await redis.send('FLUSHALL');
  const points = openRedisPoints(redis, { leaseMs: LEASE_MS, gatewayId: 'g' });
  const policy = { pointsPerSecond: 1, pointsBurst: 10, requestsPerSecond: 9, concurrentRequestsMax: 9 };
  const { lease } = await points.reserve('a', { ...policy, pointsPerDay: 10 }, 4 * UNITS);
  expect(lease?.day).toBe(Math.floor(Date.now() / 86_400_000));
  await redis.send('SCRIPT', 'FLUSH');
  expect((await points.reserve('a', { ...policy, pointsPerDay: 10 }, 6 * UNITS)).levels.spentToday).toBe(10 * UNITS);
});
