// What the process of schedules counts, and what the table of docs/metrics.md says of it.
import { CellFamily, CounterCell, HistogramCell, type Metric, type MetricSources } from '../platform/metrics.ts';
import type { RunDocument } from './scheduler/scheduleStore.ts';

const SECOND_MS = 1_000;
const RUN_BUCKETS_S = [1, 5, 15, 60, 300, 900, 3_600, 14_400];

/** The metrics of schedules. */
export const SYNC_METRICS = {
  crm_sync_runs_total: {
    kind: 'counter',
    help: 'runs that ended: done, limited, stopped (they go on) or failed',
    labels: ['schedule', 'outcome'],
  },
  crm_sync_rows_total: {
    kind: 'counter',
    help: 'rows of ended runs: written, unchanged or rejected',
    labels: ['schedule', 'result'],
  },
  crm_sync_run_duration_seconds: {
    kind: 'histogram',
    help: 'how long ended runs took, all attempts together',
    labels: ['schedule'],
    buckets: RUN_BUCKETS_S,
  },
  crm_sync_due_times_skipped_total: {
    kind: 'counter',
    help: 'due times that the misfire policy passed over',
    labels: ['schedule'],
  },
  crm_sync_runs_resumed_total: {
    kind: 'counter',
    help: 'runs that were taken up again after they were broken off',
    labels: ['schedule'],
  },
  crm_sync_last_done_timestamp_seconds: {
    kind: 'gauge',
    help: 'when a run of the schedule was last done, in seconds since 1970',
    labels: ['schedule'],
    joined: 'max',
  },
  crm_sync_drift_differences: {
    kind: 'gauge',
    help: 'copies that differed from their owner for longer than 10 s at the last comparison',
    labels: ['pair'],
    joined: 'max',
  },
} as const satisfies Record<string, Metric>;

/** The numbers of one process. */
export class SyncCounts {
  readonly #runs = new CellFamily(() => new CounterCell());
  readonly #rows = new CellFamily(() => new CounterCell());
  readonly #skipped = new CellFamily(() => new CounterCell());
  readonly #resumed = new CellFamily(() => new CounterCell());
  readonly #durations = new CellFamily(() => new HistogramCell(RUN_BUCKETS_S));
  readonly #lastDoneS = new Map<string, number>();
  readonly #drift = new Map<string, number>();

  /** Counts a run at its end. */
  countRun({ schedule, outcome, counts, durationMs, endedAt }: RunDocument): void {
    this.#runs.cell(schedule, outcome).add();
    for (const result of ['written', 'unchanged', 'rejected'] as const)
      this.#rows.cell(schedule, result).add(counts[result]);
    this.#durations.cell(schedule).observe(durationMs / SECOND_MS);
    if (outcome === 'done') this.#lastDoneS.set(schedule, (endedAt?.getTime() ?? 0) / SECOND_MS);
  }

  /** Counts that a run was taken up again. */
  countResumed(schedule: string): void {
    this.#resumed.cell(schedule).add();
  }

  /** Counts due times that were passed over. */
  countSkipped(schedule: string, count: number): void {
    this.#skipped.cell(schedule).add(count);
  }

  /** Notes how many copies of a pair differed. */
  noteDrift(pair: string, differences: number): void {
    this.#drift.set(pair, differences);
  }

  /** Gives the metrics' sources. */
  sources(): MetricSources {
    const table = SYNC_METRICS;
    const valuesOf = (values: ReadonlyMap<string, number>) => () =>
      [...values].map(([label, value]) => ({ labels: [label], value }));
    return {
      crm_sync_runs_total: { metric: table.crm_sync_runs_total, counters: this.#runs },
      crm_sync_rows_total: { metric: table.crm_sync_rows_total, counters: this.#rows },
      crm_sync_run_duration_seconds: { metric: table.crm_sync_run_duration_seconds, histograms: this.#durations },
      crm_sync_due_times_skipped_total: { metric: table.crm_sync_due_times_skipped_total, counters: this.#skipped },
      crm_sync_runs_resumed_total: { metric: table.crm_sync_runs_resumed_total, counters: this.#resumed },
      crm_sync_last_done_timestamp_seconds: {
        metric: table.crm_sync_last_done_timestamp_seconds,
        read: valuesOf(this.#lastDoneS),
      },
      crm_sync_drift_differences: { metric: table.crm_sync_drift_differences, read: valuesOf(this.#drift) },
    };
  }
}
