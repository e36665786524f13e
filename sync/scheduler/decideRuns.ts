// Which due times are to be run now: a pure function of the schedule, what was decided before, and the time. The words
// are Quartz's. A due time is misfired when it is looked at more than MISFIRE_MS late, for whatever reason: no process
// ran, the run before it took longer, the schedule was paused, the clock was set forward.
import type { DueTimes } from './cron.ts';

/** How late a due time may be before its misfire policy holds. */
export const MISFIRE_MS = 60_000;
/** How many due times `fireAll` makes up for; older ones are skipped. */
export const FIRE_ALL_MAX = 100;
/** How many due times are looked at at once; those before are neither run nor counted. */
const LOOKED_AT_MAX = 1_000;
/** What was decided for a time further ahead than this was decided by a clock that was wrong. */
const AHEAD_MS_MAX = 24 * 60 * 60 * 1_000;

/** What becomes of misfired due times, in Quartz's words. */
export const MISFIRE_POLICIES = ['fireOnceNow', 'doNothing', 'fireAll'] as const;
/** `fireOnceNow`: all of them become one run now; `doNothing`: none is run; `fireAll`: each is run, at most 100. */
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];

/** What is to be done now. */
export interface Decision {
  /** The due times to run, one after the other, the oldest first. */
  readonly run: readonly number[];
  /** Due times up to here are decided, and are never decided again. */
  readonly decidedMs: number;
  /** How many due times are passed over with this decision. */
  readonly skipped: number;
}

function choose(dues: readonly number[], misfire: MisfirePolicy, nowMs: number): readonly number[] {
  if (misfire === 'fireAll') return dues.slice(-FIRE_ALL_MAX);
  if (misfire === 'fireOnceNow') return dues.slice(-1);
  return dues.filter((due) => nowMs - due <= MISFIRE_MS).slice(-1);
}

/**
 * Takes due times with their policy, up to where they are decided, and the time of day; gives what to run. After the
 * clock was set back nothing runs until it has passed what was decided; by more than a day, it is decided afresh.
 */
export function decideRuns(
  { due, misfire }: { readonly due: DueTimes; readonly misfire: MisfirePolicy },
  decidedMs: number,
  nowMs: number,
): Decision {
  if (decidedMs - nowMs > AHEAD_MS_MAX) return { run: [], decidedMs: nowMs, skipped: 0 };
  const dues = decidedMs < nowMs ? due.between(decidedMs, nowMs, LOOKED_AT_MAX) : [];
  const run = choose(dues, misfire, nowMs);
  const newest = run.at(-1);
  // What `doNothing` passes over stays undecided until a later one runs: set back, the clock may bring it on time.
  if (newest === undefined) return { run, decidedMs, skipped: 0 };
  return { run, decidedMs: newest, skipped: dues.length - run.length };
}
