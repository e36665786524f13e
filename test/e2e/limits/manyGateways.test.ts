// 100 clients on one key over three processes and one Redis: never more than the burst and what came back, and the sums
// add up to the last millionth. LIMITS_SIZE=full runs 30 s.
import { once } from 'node:events';
import { UNITS } from '../../../gateway/admit/pointStore.ts';
import { openRedis } from '../../../gateway/shared/openRedis.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { openLog } from '../../../platform/log.ts';
import { SHARED_CALLER, type SpentReport } from '../../harness/pointsReport.ts';
import { startProcess } from '../../harness/startProcess.ts';
import { startRedis } from '../../harness/startRedis.ts';

const FOR_MS = inheritedEnvironment()['LIMITS_SIZE'] === 'full' ? 30_000 : 4_000;
const CLIENTS = [34, 33, 33];

it('admits over three processes at most burst + 1.01 × rate × time, and refunds add up exactly', async () => {
  const server = await startRedis();
  const processes = await Promise.all(
    CLIENTS.map((clients) =>
      startProcess(['test/harness/pointsProcess.ts', server.url, String(clients), String(FOR_MS)]),
    ),
  );
  const redis = await openRedis(server.url, openLog('test', 'silent'));
  try {
    const reports = processes.map(({ child }) => once(child, 'message') as Promise<[{ readonly spent: SpentReport }]>);
    const beganMs = performance.now();
    for (const { child } of processes) child.send('begin');
    const spent = (await Promise.all(reports)).map(([report]) => report.spent);
    const seconds = (performance.now() - beganMs) / 1_000;
    const sum = (of: (report: SpentReport) => number): number => spent.reduce((total, one) => total + of(one), 0);
    const consumed = sum((one) => one.charged) - sum((one) => one.refunded);
    const { pointsBurst, pointsPerSecond } = SHARED_CALLER.limits;
    expect(sum((one) => one.alone)).toBe(0);
    expect(consumed / UNITS).toBeLessThanOrEqual(pointsBurst + 1.01 * pointsPerSecond * seconds);
    // Nobody is refused for nothing either: refusals came, and yet what came back was spent.
    expect(sum((one) => one.refusals)).toBeGreaterThan(0);
    expect(consumed / UNITS).toBeGreaterThan(pointsBurst + 0.5 * pointsPerSecond * (FOR_MS / 1_000));
    expect(Number(await redis.send('HGET', `crm:points:{${SHARED_CALLER.id}}`, 'spent'))).toBe(consumed);
    expect(await redis.send('ZCARD', `crm:leases:{${SHARED_CALLER.id}}`)).toBe(0);
  } finally {
    redis.close();
    await Promise.all(processes.map((one) => one.stop('SIGKILL')));
    await server.stop();
  }
});
