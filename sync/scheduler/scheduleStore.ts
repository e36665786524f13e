// The port to where schedules and the history of their runs are kept, and the words of both. `mongoSchedules.ts` keeps
// them in MongoDB; the simulation keeps them in memory.
import type { HeldLease } from '../lease/lease.ts';

/** The run of a schedule that is going on, or was broken off. */
export interface RunningDocument {
  readonly dueAt: Date;
  /** How often it was taken up again after it was broken off. */
  readonly resumed: number;
}

/** What is remembered of a schedule. */
export interface ScheduleDocument {
  /** The schedule's name. */
  readonly _id: string;
  /** Due times up to here are decided (decideRuns.ts). */
  readonly decidedAt: Date;
  /** Due times that are decided to be run and have not begun, the oldest first. */
  readonly queue: readonly Date[];
  readonly running: RunningDocument | null;
  /** While it is paused no due time is decided; afterwards the misfire policy says what becomes of them. */
  readonly pausedAt: Date | null;
  /** The highest fencing token that wrote here. */
  readonly fence: number;
}

/** The part of a schedule that its lease's holder changes. */
export type ScheduleChange = Partial<Pick<ScheduleDocument, 'decidedAt' | 'queue' | 'running'>>;

/** How many rows a run read and what became of them. */
export interface RunCounts {
  readonly read: number;
  readonly written: number;
  readonly unchanged: number;
  readonly rejected: number;
}

/**
 * How a run ended. `limited`: a limit was reached, the next run goes on; `stopped`: on request, at a batch; `lost`: its
 * process is gone and nobody took it up again.
 */
export type RunOutcome = 'running' | 'done' | 'limited' | 'stopped' | 'failed' | 'lost';

/** A run as the history keeps it, for HISTORY_DAYS days. */
export interface RunDocument {
  /** `<schedule>@<due time>`, or `<schedule>@<a drawn id>` of a run that somebody asked for: a due time has one run. */
  readonly _id: string;
  readonly schedule: string;
  /** Null: somebody asked for it. */
  readonly dueAt: Date | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly durationMs: number;
  readonly outcome: RunOutcome;
  readonly resumed: number;
  readonly counts: RunCounts;
  readonly rejectFile: string | null;
  /** Why it failed: a code, and a sentence without values of the data. */
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly fence: number;
}

/** What changes of a run while it goes on and when it ends. */
export type RunChange = Partial<
  Pick<
    RunDocument,
    'endedAt' | 'durationMs' | 'outcome' | 'resumed' | 'counts' | 'rejectFile' | 'errorCode' | 'errorMessage'
  >
>;

/** How long the history keeps a run, and how many of a schedule. */
export const HISTORY_DAYS = 90;
export const HISTORY_RUNS_MAX = 1_000;

/** Schedules and runs, kept. What takes a lease writes only while no higher fencing token has written. */
export interface ScheduleStore {
  /** Makes what is not yet known; its due times begin at `now`. */
  ensure(names: readonly string[], now: Date): Promise<void>;
  read(names: readonly string[]): Promise<ScheduleDocument[]>;
  /** Takes the right to decide and to run a schedule; undefined while another has it. */
  take(name: string): Promise<HeldLease | undefined>;
  /**
   * Shuts out every earlier holder, marks the runs of theirs that nobody will end as lost (but the one that is to be
   * taken up again), and gives the schedule as it stands. Throws LeaseLost.
   */
  claim(lease: HeldLease): Promise<ScheduleDocument>;
  /** Throws LeaseLost where a later holder has claimed the schedule. */
  change(lease: HeldLease, change: ScheduleChange): Promise<void>;
  /** Pauses a schedule or lets it go on; gives false where it is not known. */
  pause(name: string, pausedAt: Date | null): Promise<boolean>;
  /**
   * Writes a run down before it begins; gives it as it stands, with the counts of earlier attempts where it is taken up
   * again (`resumed` above 0). Undefined where this due time has had its run.
   */
  beginRun(run: RunDocument): Promise<RunDocument | undefined>;
  /** Changes a run of this holder's; a run that a later holder has taken up stays as it is. */
  changeRun(id: string, fence: number, change: RunChange): Promise<void>;
  /** The newest runs of a schedule, or of all, the newest first. */
  history(schedule: string | undefined, limit: number): Promise<RunDocument[]>;
}

/** Takes the name of a schedule and what makes one of its runs unique; gives the run's id. */
export function runIdOf(schedule: string, due: Date | string): string {
  return `${schedule}@${typeof due === 'string' ? due : due.toISOString()}`;
}
