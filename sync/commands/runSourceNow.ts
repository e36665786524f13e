// Runs a source at once, in the process of whoever asks: under the same lease and with the same history as a schedule's
// run, so that never two of them write at a time.
import type { Clock } from '../../platform/clock.ts';
import { drawId } from '../../platform/random.ts';
import type { RunProgress } from '../connectors/runSource.ts';
import type { HeldLease } from '../lease/lease.ts';
import { executeRun } from '../scheduler/executeRun.ts';
import { SCHEDULE_LEASE_MS } from '../scheduler/mongoSchedules.ts';
import type { RunDocument, ScheduleStore } from '../scheduler/scheduleStore.ts';
import { sourceJob } from '../sourceJobs.ts';
import { sourceNamed, SyncRefusal, type SyncDesk } from './syncDesk.ts';

export type { RunProgress } from '../connectors/runSource.ts';
export type { RunDocument } from '../scheduler/scheduleStore.ts';

/** What somebody may want of a run. */
export interface RunNowOptions {
  readonly stop: AbortSignal;
  readonly isFromStart: boolean;
  readonly clock: Clock;
  readonly onProgress: (progress: RunProgress) => void;
  /** Told that another had it last and may be gone: it takes this long to know. */
  readonly onWaiting: () => void;
}

const ASK_AGAIN_MS = 500;

/** A holder that died is silent: whoever asks has to look on for as long as a lease lasts. */
async function takeLease(
  store: ScheduleStore,
  name: string,
  { clock, stop, onWaiting }: RunNowOptions,
): Promise<HeldLease> {
  const endMs = clock.steadyMs() + SCHEDULE_LEASE_MS + 2 * ASK_AGAIN_MS;
  for (let isFirst = true; ; isFirst = false) {
    const lease = await store.take(name);
    if (lease !== undefined) return lease;
    if (isFirst) onWaiting();
    if (stop.aborted || clock.steadyMs() > endMs) break;
    await new Promise<void>((resolve) => clock.after(ASK_AGAIN_MS, resolve));
  }
  throw new SyncRefusal(`${name} is being run: see crm-graph sync history ${name}`);
}

/** Takes the desk, a source's name and what is wanted; gives the run's row at its end. Throws SyncRefusal. */
export async function runSourceNow(
  desk: SyncDesk,
  name: string,
  options: RunNowOptions,
): Promise<{ row: RunDocument; fault?: unknown }> {
  const { store } = desk;
  const { clock, stop, isFromStart, onProgress } = options;
  const job = sourceJob(sourceNamed(desk, name), desk.openDeps(), { isFromStart, onProgress });
  await store.ensure([name], clock.now());
  const lease = await takeLease(store, name, options);
  try {
    await store.claim(lease);
    const ended = await executeRun(store, clock, { job, lease, due: drawId(), resumed: 0, stop });
    if (ended === undefined) throw new Error('a drawn id was drawn before');
    return ended;
  } finally {
    await lease.release();
  }
}
