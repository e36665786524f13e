// One of several processes that charge one caller through a shared Redis: `node pointsProcess.ts URL CLIENTS MS`. Says
// that it is ready, begins when it is told to, and sends what it was let spend.
import { chargePoints } from '../../gateway/admit/chargePoints.ts';
import { UNITS } from '../../gateway/admit/pointStore.ts';
import { isRefusal } from '../../gateway/requestState.ts';
import { openRedis } from '../../gateway/shared/openRedis.ts';
import { openSharedPoints } from '../../gateway/shared/sharedPoints.ts';
import { systemClock } from '../../platform/clock.ts';
import { openLog } from '../../platform/log.ts';
import { drawId, seededRandom } from '../../platform/random.ts';
import { SHARED_CALLER } from './pointsReport.ts';

const [url = '', clients = '1', forMs = '1000'] = process.argv.slice(2);
const log = openLog('points', 'silent');
const gatewayId = drawId();
const redis = await openRedis(url, log);
const points = await openSharedPoints(
  { redis, clock: systemClock, log },
  { gatewayId, leaseMs: 60_000, callersMax: 100, share: undefined, pointsAtOnce: 5_000 },
);
const random = seededRandom(process.pid);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const spent = { charged: 0, refunded: 0, refusals: 0, alone: 0 };

async function beClient(endMs: number): Promise<void> {
  while (performance.now() < endMs) {
    const outcome = await chargePoints(points, SHARED_CALLER, 1 + Math.floor(random() * 40));
    if (!points.isShared) spent.alone++;
    if (isRefusal(outcome)) {
      spent.refusals++;
      await pause(5 + random() * 20);
      continue;
    }
    await pause(random() * 5);
    const report = outcome.settle(random() * 40);
    spent.charged += report.requested * UNITS;
    spent.refunded += Math.round((report.requested - (report.actual ?? 0)) * UNITS);
  }
}

process.once('disconnect', () => process.exit(0));
process.once('message', () => {
  const endMs = performance.now() + Number(forMs);
  void Promise.all(Array.from({ length: Number(clients) }, () => beClient(endMs))).then(async () => {
    // Refunds are not waited for by whoever is answered; here they are, by one more command behind them.
    await redis.send('PING');
    process.send?.({ spent });
    points.close();
  });
});
process.send?.({ ready: gatewayId });
