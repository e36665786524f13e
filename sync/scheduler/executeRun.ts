// One run of one job under its lease, by the scheduler or by hand: written down before it begins, its counts kept up to
// date while it goes on, its end and its reason written at last. What a paused old holder writes here is refused.
import type { Clock } from '../../platform/clock.ts';
import { LeaseLost, type HeldLease } from '../lease/lease.ts';
import type { DueTimes } from './cron.ts';
import type { MisfirePolicy } from './decideRuns.ts';
import { runIdOf, type RunChange, type RunCounts, type RunDocument, type ScheduleStore } from './scheduleStore.ts';

/** What a job gets for one run. */
export interface RunContext {
  /** The same when a run that was broken off is taken up again. */
  readonly runId: string;
  /** To be proved with each effect: what keeps a job's state writes in one transaction with that. */
  readonly lease: HeldLease;
  /** Fires when it is to stop at the next batch: on request, or because the lease was lost. */
  readonly signal: AbortSignal;
  /** Tells the counts so far of this attempt. */
  onProgress(counts: RunCounts): void;
}

/** How a job's run ended. */
export interface RunResult {
  /** `stopped`: the signal fired before all was done; `limited`: a limit was reached. The next run goes on from there. */
  readonly outcome: 'done' | 'limited' | 'stopped';
  readonly counts: RunCounts;
  /** Where the rejected rows are; null where there are none. */
  readonly rejectFile: string | null;
}

/** An expected fault of a run, with its code for the history and a message without values of the data. */
export class RunFault extends Error {
  override readonly name = 'RunFault';
  readonly code: string;
  /** Where the rows are that were rejected before it. */
  readonly rejectFile: string | null;

  constructor(code: string, message: string, { rejectFile = null }: { rejectFile?: string | null } = {}) {
    super(message);
    this.code = code;
    this.rejectFile = rejectFile;
  }
}

/** What a schedule runs. */
export interface Job {
  readonly name: string;
  /** Throws RunFault, or anything else where something is broken. */
  run(context: RunContext): Promise<RunResult>;
}

/** A job with its due times. */
export interface ScheduledJob extends Job {
  readonly due: DueTimes;
  readonly misfire: MisfirePolicy;
}

/** No rows so far. */
export const NO_ROWS: RunCounts = { read: 0, written: 0, unchanged: 0, rejected: 0 };

/** What one run is started with. */
export interface RunOrder {
  readonly job: Job;
  readonly lease: HeldLease;
  /** What makes it one run: its due time, or a drawn id of one that somebody asked for. */
  readonly due: Date | string;
  readonly resumed: number;
  /** Fires when it is to stop at a batch. */
  readonly stop: AbortSignal;
  /** Told the counts so far, of all attempts. */
  onProgress?(counts: RunCounts): void;
}

const PROGRESS_KEPT_EVERY_MS = 2_000;

function add(left: RunCounts, right: RunCounts): RunCounts {
  return {
    read: left.read + right.read,
    written: left.written + right.written,
    unchanged: left.unchanged + right.unchanged,
    rejected: left.rejected + right.rejected,
  };
}

function changeByFault(error: unknown): RunChange {
  if (error instanceof RunFault) {
    const { code: errorCode, message: errorMessage, rejectFile } = error;
    return { outcome: 'failed', errorCode, errorMessage, ...(rejectFile !== null && { rejectFile }) };
  }
  return {
    ...{ outcome: 'failed', errorCode: 'INTERNAL_ERROR' },
    errorMessage: 'Something broke; the log of the process says what.',
  };
}

function firstRow({ job, lease, due, resumed }: RunOrder, startedAt: Date): RunDocument {
  return {
    _id: runIdOf(job.name, due),
    schedule: job.name,
    dueAt: typeof due === 'string' ? null : due,
    startedAt,
    endedAt: null,
    durationMs: 0,
    outcome: 'running',
    resumed,
    counts: NO_ROWS,
    rejectFile: null,
    errorCode: null,
    errorMessage: null,
    fence: lease.fence,
  };
}

/** An attempt at a run, which may be the first one. */
class Attempt {
  readonly #store: ScheduleStore;
  readonly #clock: Clock;
  readonly #order: RunOrder;
  readonly #row: RunDocument;
  readonly #startMs: number;
  #counts = NO_ROWS;
  #keptAtMs: number;

  constructor(store: ScheduleStore, clock: Clock, order: RunOrder, row: RunDocument) {
    this.#store = store;
    this.#clock = clock;
    this.#order = order;
    this.#row = row;
    this.#startMs = this.#keptAtMs = clock.steadyMs();
  }

  async run(): Promise<{ row: RunDocument; fault?: unknown }> {
    const { job, lease, stop } = this.#order;
    const signal = AbortSignal.any([stop, lease.lost]);
    let result: RunResult;
    try {
      result = await job.run({
        ...{ runId: this.#row._id, lease, signal },
        onProgress: (now) => this.#progress(now),
      });
    } catch (error) {
      return { row: await this.#end(changeByFault(error)), fault: error };
    }
    const { outcome, counts, rejectFile } = result;
    this.#counts = counts;
    return { row: await this.#end({ outcome, rejectFile: rejectFile ?? this.#row.rejectFile }) };
  }

  #progress(counts: RunCounts): void {
    this.#counts = counts;
    this.#order.onProgress?.(add(this.#row.counts, counts));
    const nowMs = this.#clock.steadyMs();
    if (nowMs - this.#keptAtMs < PROGRESS_KEPT_EVERY_MS) return;
    this.#keptAtMs = nowMs;
    // Only for who looks on: a row that is not kept now is kept with the next one.
    this.#store.changeRun(this.#row._id, this.#order.lease.fence, this.#soFar()).catch(() => undefined);
  }

  #soFar(): RunChange {
    const durationMs = this.#row.durationMs + Math.round(this.#clock.steadyMs() - this.#startMs);
    return { counts: add(this.#row.counts, this.#counts), durationMs };
  }

  /** Throws LeaseLost where another may go on with the run already: its end is that one's to write. */
  async #end(change: RunChange): Promise<RunDocument> {
    const { lease } = this.#order;
    if (!lease.isHeld()) throw new LeaseLost(`the lease ${lease.name} was lost during a run`);
    const whole: RunChange = { ...this.#soFar(), ...change, endedAt: this.#clock.now() };
    await this.#store.changeRun(this.#row._id, lease.fence, whole);
    return { ...this.#row, ...whole };
  }
}

/**
 * Takes the store, the clock and what is to be run; gives the run's row at its end, with the fault that ended it;
 * undefined where this due time has had its run before. Throws LeaseLost and what the store throws, never what the job
 * throws.
 */
export async function executeRun(
  store: ScheduleStore,
  clock: Clock,
  order: RunOrder,
): Promise<{ row: RunDocument; fault?: unknown } | undefined> {
  const row = await store.beginRun(firstRow(order, clock.now()));
  if (row === undefined) return undefined;
  return new Attempt(store, clock, order, row).run();
}
