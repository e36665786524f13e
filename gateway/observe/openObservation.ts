// What is watched of this process, as the settings want it: metrics where a port is set, spans where a receiver is. The
// libraries behind are loaded only then.
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { StartError } from '../../platform/lifecycle.ts';
import type { Log } from '../../platform/log.ts';
import { serveMetrics } from '../../platform/metricsServer.ts';
import { answerPrimary } from '../../platform/workers.ts';
import { openCountingObserver, type GaugeSources } from './countingObserver.ts';
import { SILENT_OBSERVER, type Observer } from './observer.ts';
import { PASSING_TRACER, type Tracer } from './requestTrace.ts';
import { openStepClock, type StepClock } from './stepClock.ts';

/** What watches. */
export interface Observation {
  readonly observer: Observer;
  readonly tracer: Tracer;
  readonly steps: StepClock;
  /** Serves the metrics, where the settings say so, once there is something to read; a worker's primary asks for them. */
  serve(gauges: GaugeSources, isWorker: boolean): Promise<void>;
  /** Sends what is left and closes the port. */
  stop(): Promise<void>;
}

async function openTracer(config: Config, clock: Clock): Promise<Tracer> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return PASSING_TRACER;
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    throw new StartError('OTEL_EXPORTER_OTLP_ENDPOINT must be the address of a receiver, as http://127.0.0.1:4318');
  }
  const { openTelemetry } = await import('./openTelemetry.ts');
  const { OTEL_SERVICE_NAME: serviceName, CRM_TRACES_SAMPLED_PERCENT: sampledPercent } = config;
  return openTelemetry({ endpoint, serviceName, sampledPercent, clock });
}

/** Opens what the settings want. Throws StartError where they cannot be meant. */
export async function openObservation(config: Config, clock: Clock, log: Log): Promise<Observation> {
  const port = config.CRM_METRICS_PORT;
  const counting = port === undefined ? undefined : openCountingObserver();
  const observer = counting ?? SILENT_OBSERVER;
  const tracer = await openTracer(config, clock);
  let stopServing = (): Promise<void> => Promise.resolve();
  return {
    observer,
    tracer,
    steps: openStepClock(observer, clock),
    async serve(gauges, isWorker) {
      if (port === undefined || counting === undefined) return;
      const { openPromRegistry, CONTENT_TYPE: contentType } = await import('../../platform/promRegistry.ts');
      const metrics = openPromRegistry(counting.sources(gauges));
      if (isWorker) {
        answerPrimary(() => metrics.values());
        return;
      }
      const server = await serveMetrics(port, async () => ({ contentType, text: await metrics.text() }));
      log.info({ url: `${server.url}/metrics` }, 'metrics served');
      stopServing = async () => {
        await server.stop();
        metrics.stop();
      };
    },
    async stop() {
      await tracer.stop();
      await stopServing();
    },
  };
}
