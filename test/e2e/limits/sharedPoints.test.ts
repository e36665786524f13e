// Gateways that share limits, and what each does while Redis is away: it goes on with its share, says so, and comes back.
import { UNITS, type Verdict } from '../../../gateway/admit/pointStore.ts';
import type { CallerLimits } from '../../../gateway/caller.ts';
import { openRedis, type SharedRedis } from '../../../gateway/shared/openRedis.ts';
import { openSharedPoints, type SharedPoints } from '../../../gateway/shared/sharedPoints.ts';
import { systemClock } from '../../../platform/clock.ts';
import { openLog } from '../../../platform/log.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { startRedis, type TestRedis } from '../../harness/startRedis.ts';

const LIMITS: CallerLimits = {
  pointsPerSecond: 0,
  pointsBurst: 100,
  requestsPerSecond: 1_000,
  concurrentRequestsMax: 100,
  pointsPerDay: 1_000,
};
const log = openLog('test', 'silent');
let server: TestRedis;
const opened: { redis: SharedRedis; points: SharedPoints }[] = [];

async function openGateway(gatewayId: string): Promise<SharedPoints> {
  const redis = await openRedis(server.url, log);
  const points = await openSharedPoints(
    { redis, clock: systemClock, log },
    { gatewayId, leaseMs: 60_000, callersMax: 100, share: undefined, pointsAtOnce: 10 },
  );
  opened.push({ redis, points });
  return points;
}

beforeEach(async () => {
  server = await startRedis();
});
afterEach(async () => {
  for (const { redis, points } of opened.splice(0)) {
    points.close();
    redis.close();
  }
  await server.stop();
});

it('shares one bucket among gateways, whoever charges', async () => {
  const first = await openGateway('first');
  const second = await openGateway('second');
  await first.reserve('a', LIMITS, 60 * UNITS);
  expect(await second.reserve('a', LIMITS, 50 * UNITS)).toMatchObject({ refusedBy: 'points' });
  const { lease } = await second.reserve('a', LIMITS, 40 * UNITS);
  if (lease !== undefined) await second.settle(lease, 15 * UNITS);
  expect(await first.reserve('a', LIMITS, 0)).toMatchObject({ levels: { points: 15 * UNITS } });
});

it('goes on with its share while Redis is away, and gives refunds back that fell due meanwhile', async () => {
  const first = await openGateway('first');
  const second = await openGateway('second');
  const changes: boolean[] = [];
  first.onChange((isShared) => changes.push(isShared));
  await waitUntil(() => first.share === 0.5 && second.share === 0.5);
  const running = await first.reserve('a', LIMITS, 80 * UNITS);
  server.pause();
  await waitUntil(async () => {
    await first.reserve('probe', LIMITS, 0);
    return !first.isShared;
  });
  const alone = first.reserve('a', LIMITS, 50 * UNITS) as Verdict;
  expect(alone).toMatchObject({ levels: { points: 0 } });
  expect(first.reserve('a', LIMITS, UNITS)).toMatchObject({ refusedBy: 'points' });
  if (running.lease !== undefined) await first.settle(running.lease, 70 * UNITS);
  if (alone.lease !== undefined) await first.settle(alone.lease, 50 * UNITS);
  server.resume();
  await waitUntil(() => first.isShared && second.isShared);
  expect(await second.reserve('a', LIMITS, 0)).toMatchObject({ levels: { points: 90 * UNITS } });
  expect(changes).toEqual([false, true]);
});

it('starts alone where Redis is away from the beginning, and joins when it comes', async () => {
  await server.kill();
  const points = await openGateway('first');
  expect(points.isShared).toBe(false);
  expect(points.reserve('a', LIMITS, 10 * UNITS)).toMatchObject({ levels: { points: 90 * UNITS } });
  await server.restart();
  await waitUntil(() => points.isShared);
});
