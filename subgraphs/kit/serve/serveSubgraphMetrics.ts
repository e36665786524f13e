// The metrics of a subgraph's events, on a loopback port of their own where a setting names one. The library behind is
// loaded only then.
import type { Log } from '../../../platform/log.ts';
import type { MetricSources } from '../../../platform/metrics.ts';
import { serveMetrics } from '../../../platform/metricsServer.ts';

/** Takes the port (undefined: none is served), the sources and the log; gives what closes it. */
export async function serveSubgraphMetrics(
  port: number | undefined,
  sources: MetricSources,
  log: Log,
): Promise<() => Promise<void>> {
  if (port === undefined) return () => Promise.resolve();
  const { openPromRegistry, CONTENT_TYPE: contentType } = await import('../../../platform/promRegistry.ts');
  const metrics = openPromRegistry(sources);
  const server = await serveMetrics(port, async () => ({ contentType, text: await metrics.text() }));
  log.info({ url: `${server.url}/metrics` }, 'metrics served');
  return async () => {
    await server.stop();
    metrics.stop();
  };
}
