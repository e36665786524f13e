// The gateway in several processes on one port: the primary, which serves nothing itself but the metrics of all.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Config } from '../platform/config.ts';
import { StartError } from '../platform/lifecycle.ts';
import { openLog } from '../platform/log.ts';
import { serveMetrics, type MetricsServer } from '../platform/metricsServer.ts';
import { startWorkers, type Workers } from '../platform/workers.ts';
import type { RunningGateway } from './startGateway.ts';

/** A free port that all workers can be told: each would take one of its own otherwise. */
async function findPort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready, fail) => {
    server.once('error', fail);
    server.listen(0, host, () => ready());
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

async function startAll(config: Config, words: readonly string[], log: RunningGateway['log']): Promise<Workers> {
  try {
    return await startWorkers({ count: config.GATEWAY_WORKERS, words, log });
  } catch {
    throw new StartError('the workers did not start; the reason stands above');
  }
}

async function serveMetricsOfAll(workers: Workers, port: number | undefined): Promise<MetricsServer | undefined> {
  if (port === undefined) return undefined;
  const { joinMetrics, CONTENT_TYPE: contentType } = await import('../platform/promRegistry.ts');
  return serveMetrics(port, async () => ({ contentType, text: await joinMetrics(await workers.collect()) }));
}

/** Takes the words that this process was started with, and where to listen; starts the workers and looks after them. */
export async function startGatewayWorkers(
  words: readonly string[],
  { host, port }: { readonly host: string; readonly port: number },
  config: Config,
): Promise<RunningGateway> {
  const log = openLog('gateway', config.CRM_LOG_LEVEL);
  const chosen = port === 0 ? await findPort(host) : port;
  const workers = await startAll(config, [...words, '--port', String(chosen)], log);
  const metrics = await serveMetricsOfAll(workers, config.CRM_METRICS_PORT);
  if (metrics !== undefined) log.info({ url: `${metrics.url}/metrics` }, 'metrics served');
  return {
    url: workers.url,
    log,
    // The workers have theirs first.
    drainTimeoutMs: config.CRM_DRAIN_TIMEOUT_MS + 2_000,
    async stop() {
      await workers.stop();
      await metrics?.stop();
    },
  };
}
