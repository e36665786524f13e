// From settings to the running process of schedules: sync.yaml → jobs → database → scheduler. Several may run: each due
// time is taken by one of them. What stops it is given back for `runPart`.
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { StartError } from '../platform/lifecycle.ts';
import { openLog, type Log } from '../platform/log.ts';
import { serveMetrics } from '../platform/metricsServer.ts';
import { drawId } from '../platform/random.ts';
import { connectForSync } from './commands/connectForSync.ts';
import { readSources } from './commands/syncFile.ts';
import { openRunDeps } from './connectors/run/runDeps.ts';
import { driftJob, type DriftReport } from './drift/runDrift.ts';
import type { ScheduledJob } from './scheduler/executeRun.ts';
import { openMongoSchedules } from './scheduler/mongoSchedules.ts';
import { Scheduler, type SchedulerObserver } from './scheduler/scheduler.ts';
import { scheduledSources } from './sourceJobs.ts';
import { SyncCounts } from './syncMetrics.ts';

function observe(log: Log, counts: SyncCounts): SchedulerObserver {
  return {
    onRunBegun(schedule, dueAt, resumed) {
      if (resumed > 0) counts.countResumed(schedule);
      log.info({ schedule, dueAt, resumed }, 'run begun');
    },
    onRunEnded(row, fault) {
      counts.countRun(row);
      const { schedule, dueAt, outcome, durationMs, counts: rows, rejectFile, errorCode, errorMessage } = row;
      const line = { schedule, dueAt, outcome, durationMs, ...rows, rejectFile };
      if (outcome !== 'failed') log.info(line, 'run ended');
      else if (errorCode === 'INTERNAL_ERROR') log.error({ ...line, err: fault }, 'run broke');
      else log.error({ ...line, errorCode, errorMessage }, 'run failed');
    },
    onSkipped(schedule, count) {
      counts.countSkipped(schedule, count);
      log.warn({ schedule, count }, 'due times were passed over');
    },
    onLost: (schedule) => log.warn({ schedule }, 'the lease was lost; another process has the schedule'),
    onFault: (error) => log.warn({ err: error }, 'schedules could not be looked at; tried again'),
  };
}

function tellDrift(log: Log, counts: SyncCounts, { pairs, ...report }: DriftReport): void {
  for (const { pair, differences } of pairs) counts.noteDrift(pair, differences);
  // The keys of copies are for whoever asks for the report, not for a log.
  const byPair = Object.fromEntries(pairs.map(({ pair, differences }) => [pair, differences]));
  log[report.left > 0 ? 'error' : 'info']({ ...report, byPair }, 'copies compared');
}

async function serveCounts(port: number | undefined, counts: SyncCounts, log: Log): Promise<() => Promise<void>> {
  if (port === undefined) return () => Promise.resolve();
  const { openPromRegistry, CONTENT_TYPE: contentType } = await import('../platform/promRegistry.ts');
  const metrics = openPromRegistry(counts.sources());
  const server = await serveMetrics(port, async () => ({ contentType, text: await metrics.text() }));
  log.info({ url: `${server.url}/metrics` }, 'metrics served');
  return async () => {
    await server.stop();
    metrics.stop();
  };
}

/** Takes the settings; gives the process running. Throws StartError. */
export async function startSync(config: Config) {
  const log = openLog('sync', config.CRM_LOG_LEVEL);
  const { MONGODB_URI: uri, CRM_DATABASE_PREFIX: prefix } = config;
  if (uri === undefined) throw new StartError('MONGODB_URI is missing: schedules and states are kept there');
  const sources = readSources(config);
  const counts = new SyncCounts();
  const connection = await connectForSync(uri, prefix);
  const deps = openRunDeps(config, connection);
  const { CRM_DRIFT_CRON: cron, CRM_DRIFT_REPAIRED: isRepaired, CRM_TENANT_ID: tenantId } = config;
  const drift = driftJob({ connection, prefix, tenantId, clock: systemClock }, { cron, isRepaired }, (report) =>
    tellDrift(log, counts, report),
  );
  const jobs: ScheduledJob[] = [...scheduledSources(sources.values(), deps), drift];
  const store = await openMongoSchedules({ connection, holder: `sync-${drawId()}`, clock: systemClock });
  const scheduler = new Scheduler({ store, jobs, clock: systemClock, observer: observe(log, counts) });
  await scheduler.start();
  const stopMetrics = await serveCounts(config.CRM_SYNC_METRICS_PORT, counts, log);
  const stop = async (): Promise<void> => {
    await scheduler.stop();
    await stopMetrics();
    await connection.close();
  };
  const url = `${jobs.length} schedules of ${sources.size} sources`;
  return { url, log, stop, drainTimeoutMs: config.CRM_DRAIN_TIMEOUT_MS };
}
