// Sources of sync.yaml as jobs: what the scheduler and the command line run. Translates between the words of runs and
// those of connectors, and knows nothing else of either.
import type { SourceDefinition } from './connectors/readSyncConfig.ts';
import type { RunDeps } from './connectors/run/runDeps.ts';
import { runSource, type RunProgress, type RunReport } from './connectors/runSource.ts';
import { LeaseLost } from './lease/lease.ts';
import { readCron } from './scheduler/cron.ts';
import { RunFault, type Job, type RunContext, type RunResult, type ScheduledJob } from './scheduler/executeRun.ts';
import type { RunCounts } from './scheduler/scheduleStore.ts';

/** What a run by hand may want beside what a schedule does. */
export interface SourceJobOptions {
  /** Reads from the beginning, whatever was read before. */
  readonly isFromStart?: boolean;
  /** Told all that the connector tells. */
  readonly onProgress?: (progress: RunProgress) => void;
}

function countsOf({ rowsRead, created, updated, unchanged, rejected }: RunProgress): RunCounts {
  return { read: rowsRead, written: created + updated, unchanged, rejected };
}

function resultOf(name: string, report: RunReport): RunResult {
  const { outcome, reason, rejectPath: rejectFile } = report;
  if (outcome === 'fenced') throw new LeaseLost(`the lease ${name} was lost during a run`);
  if (outcome === 'failed') throw new RunFault('SYNC_RUN_FAILED', reason ?? 'it failed', { rejectFile });
  return { outcome: outcome === 'completed' ? 'done' : outcome, counts: countsOf(report), rejectFile };
}

/** Takes a source and what its runs need; gives the job. */
export function sourceJob(definition: SourceDefinition, deps: RunDeps, options: SourceJobOptions = {}): Job {
  const { name } = definition;
  const run = async (context: RunContext): Promise<RunResult> => {
    const report = await runSource(definition, deps, {
      ...{ signal: context.signal, fence: context.lease, isFromStart: options.isFromStart ?? false },
      onProgress(progress) {
        context.onProgress(countsOf(progress));
        options.onProgress?.(progress);
      },
    });
    return resultOf(name, report);
  };
  return { name, run };
}

/** Takes the sources and what their runs need; gives those that have a schedule. Throws CronFault. */
export function scheduledSources(sources: Iterable<SourceDefinition>, deps: RunDeps): ScheduledJob[] {
  return [...sources].flatMap((definition) => {
    const { schedule } = definition;
    if (schedule === undefined) return [];
    const due = readCron(schedule.cron, schedule.timeZone);
    return [{ ...sourceJob(definition, deps), due, misfire: schedule.misfire }];
  });
}
