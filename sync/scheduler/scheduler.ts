// Looks every second which schedules are due, and runs them: under the schedule's lease, so that of many processes one
// decides and runs; what was decided is written down before it is done. A run that was broken off is taken up again by
// whoever comes first. Nothing is held while nothing is due.
import type { Clock } from '../../platform/clock.ts';
import { LeaseLost, type HeldLease } from '../lease/lease.ts';
import { decideRuns } from './decideRuns.ts';
import { executeRun, type ScheduledJob } from './executeRun.ts';
import type { RunDocument, ScheduleDocument, ScheduleStore } from './scheduleStore.ts';

/** How often it is looked what is due. */
export const LOOK_EVERY_MS = 1_000;
/** A run that was broken off so often is given up: it may be what ends the processes. */
export const RESUMED_MAX = 20;

/** Is told what the scheduler does. */
export interface SchedulerObserver {
  onRunBegun(schedule: string, dueAt: Date, resumed: number): void;
  /** `fault` is what ended a failed run, as it was thrown. */
  onRunEnded(row: RunDocument, fault: unknown): void;
  /** Due times were passed over by the misfire policy. */
  onSkipped(schedule: string, count: number): void;
  /** This process stood still for longer than its lease lasts: another took the run up, and nothing more is written. */
  onLost(schedule: string): void;
  /** Looking or running was not possible, mostly because the database is away; it is tried again. */
  onFault(error: unknown): void;
}

/** What a scheduler is opened with. */
export interface SchedulerOptions {
  readonly store: ScheduleStore;
  readonly jobs: readonly ScheduledJob[];
  readonly clock: Clock;
  readonly observer: SchedulerObserver;
}

/** Runs schedules in this process, until it is stopped. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  /** The schedules that this process is busy with. */
  readonly #busy = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Begins to look. Throws what the store throws. */
  async start(): Promise<void> {
    const { store, jobs, clock } = this.#options;
    await store.ensure(
      jobs.map(({ name }) => name),
      clock.now(),
    );
    void this.#lookOnAndOn();
  }

  /** Stops every run at its next batch, and resolves when they have. Another process takes them up again. */
  async stop(): Promise<void> {
    this.#cancel();
    this.#stop.abort();
    await Promise.all(this.#busy.values());
  }

  async #lookOnAndOn(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.#options.observer.onFault(error);
    }
    if (this.#stop.signal.aborted) return;
    this.#cancel = this.#options.clock.after(LOOK_EVERY_MS, () => void this.#lookOnAndOn());
  }

  /** Looks once what is due and begins with it; does not wait for the runs. */
  async look(): Promise<void> {
    const { store, jobs } = this.#options;
    const idle = jobs.filter(({ name }) => !this.#busy.has(name));
    const found = await store.read(idle.map(({ name }) => name));
    for (const schedule of found) {
      const job = idle.find(({ name }) => name === schedule._id);
      if (job === undefined || !this.#hasWork(job, schedule) || this.#stop.signal.aborted) continue;
      const work = this.#work(job)
        .catch((error: unknown) => this.#options.observer.onFault(error))
        .finally(() => this.#busy.delete(job.name));
      this.#busy.set(job.name, work);
    }
  }

  /** Resolves when this process is busy with nothing. */
  async idle(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  #hasWork(job: ScheduledJob, { pausedAt, running, queue, decidedAt }: ScheduleDocument): boolean {
    if (pausedAt !== null) return false;
    if (running !== null || queue.length > 0) return true;
    const decided = decidedAt.getTime();
    const decision = decideRuns(job, decided, this.#options.clock.now().getTime());
    return decision.run.length > 0 || decision.decidedMs !== decided;
  }

  async #work(job: ScheduledJob): Promise<void> {
    const lease = await this.#options.store.take(job.name);
    if (lease === undefined) return;
    try {
      let isMore = true;
      while (isMore && !this.#stop.signal.aborted) isMore = await this.#step(job, lease);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      this.#options.observer.onLost(job.name);
    } finally {
      await lease.release();
    }
  }

  /** Decides, and does one run; gives whether there may be more to do. */
  async #step(job: ScheduledJob, lease: HeldLease): Promise<boolean> {
    const { store } = this.#options;
    const schedule = await store.claim(lease);
    if (schedule.pausedAt !== null) return false;
    if (schedule.running !== null) {
      const { dueAt, resumed } = schedule.running;
      return this.#run(job, lease, { dueAt, resumed: resumed + 1 });
    }
    const queue = await this.#decide(job, lease, schedule);
    const [dueAt, ...rest] = queue;
    if (dueAt === undefined) return false;
    await store.change(lease, { queue: rest, running: { dueAt, resumed: 0 } });
    return this.#run(job, lease, { dueAt, resumed: 0 });
  }

  async #decide(job: ScheduledJob, lease: HeldLease, schedule: ScheduleDocument): Promise<readonly Date[]> {
    const { store, clock, observer } = this.#options;
    const decided = schedule.decidedAt.getTime();
    const { run, decidedMs, skipped } = decideRuns(job, decided, clock.now().getTime());
    if (decidedMs === decided) return schedule.queue;
    const queue = [...schedule.queue, ...run.map((due) => new Date(due))];
    await store.change(lease, { decidedAt: new Date(decidedMs), queue });
    if (skipped > 0) observer.onSkipped(job.name, skipped);
    return queue;
  }

  async #run(job: ScheduledJob, lease: HeldLease, running: { dueAt: Date; resumed: number }): Promise<boolean> {
    const { store, clock, observer } = this.#options;
    const { dueAt, resumed } = running;
    if (resumed > 0) await store.change(lease, { running });
    if (resumed <= RESUMED_MAX) {
      observer.onRunBegun(job.name, dueAt, resumed);
      const order = { job, lease, due: dueAt, resumed, stop: this.#stop.signal };
      const ended = await executeRun(store, clock, order);
      if (ended !== undefined) observer.onRunEnded(ended.row, ended.fault);
      // What stopped on request stays as the run to be taken up again.
      if (ended?.row.outcome === 'stopped') return false;
    }
    await store.change(lease, { running: null });
    return true;
  }
}
