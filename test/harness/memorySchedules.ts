// Schedules and runs in memory, with the promises of `mongoSchedules.ts`, for histories by the thousand. One place that
// several stores share stands for the database; a store stands for what one process knows of it.
import type { Clock } from '../../platform/clock.ts';
import { LeaseLost, type HeldLease } from '../../sync/lease/lease.ts';
import {
  runIdOf,
  type RunChange,
  type RunDocument,
  type ScheduleChange,
  type ScheduleDocument,
  type ScheduleStore,
} from '../../sync/scheduler/scheduleStore.ts';

/** What would stand in the database. */
export interface SchedulePlace {
  readonly schedules: Map<string, ScheduleDocument>;
  readonly runs: Map<string, RunDocument>;
  readonly leases: Map<string, { holder: string | null; fence: number; renewedAtMs: number }>;
}

/** Gives a place without schedules. */
export function openSchedulePlace(): SchedulePlace {
  return { schedules: new Map(), runs: new Map(), leases: new Map() };
}

/** How long a holder may be silent. */
export const MEMORY_LEASE_MS = 10_000;

/** What one process knows of a place. Its steady clock stands for the beats that others see. */
export class MemorySchedules implements ScheduleStore {
  readonly #place: SchedulePlace;
  readonly #holder: string;
  readonly #clock: Clock;
  /** A process that is paused renews nothing. */
  isPaused = false;

  constructor(place: SchedulePlace, holder: string, clock: Clock) {
    this.#place = place;
    this.#holder = holder;
    this.#clock = clock;
  }

  ensure(names: readonly string[], now: Date): Promise<void> {
    for (const _id of names) {
      if (this.#place.schedules.has(_id)) continue;
      const fresh = { _id, decidedAt: now, queue: [], running: null, pausedAt: null, fence: 0 };
      this.#place.schedules.set(_id, fresh);
    }
    return Promise.resolve();
  }

  read(names: readonly string[]): Promise<ScheduleDocument[]> {
    return Promise.resolve(names.flatMap((name) => this.#place.schedules.get(name) ?? []));
  }

  take(name: string): Promise<HeldLease | undefined> {
    const { leases } = this.#place;
    const known = leases.get(name);
    const nowMs = this.#clock.steadyMs();
    if (known !== undefined && known.holder !== null && nowMs - known.renewedAtMs <= MEMORY_LEASE_MS)
      return Promise.resolve(undefined);
    const lease = { holder: this.#holder, fence: (known?.fence ?? 0) + 1, renewedAtMs: nowMs };
    leases.set(name, lease);
    return Promise.resolve(this.#hold(name, lease.fence));
  }

  #hold(name: string, fence: number): HeldLease {
    const { leases } = this.#place;
    const lost = new AbortController();
    const isMine = (): boolean => leases.get(name)?.fence === fence && leases.get(name)?.holder === this.#holder;
    const renew = (): void => {
      if (lost.signal.aborted) return;
      if (!isMine()) {
        lost.abort();
        return;
      }
      const own = leases.get(name);
      if (own !== undefined && !this.isPaused) own.renewedAtMs = this.#clock.steadyMs();
      this.#clock.after(MEMORY_LEASE_MS / 3, renew);
    };
    this.#clock.after(MEMORY_LEASE_MS / 3, renew);
    return {
      ...{ name, fence, lost: lost.signal, isHeld: () => isMine() && !lost.signal.aborted },
      prove: () => (isMine() ? Promise.resolve() : Promise.reject(new LeaseLost(name))),
      release: () => {
        const own = leases.get(name);
        if (isMine() && own !== undefined) own.holder = null;
        return Promise.resolve();
      },
    };
  }

  claim({ name, fence }: HeldLease): Promise<ScheduleDocument> {
    const found = this.#place.schedules.get(name);
    if (found === undefined || found.fence > fence) return Promise.reject(new LeaseLost(name));
    const claimed = { ...found, fence };
    this.#place.schedules.set(name, claimed);
    const kept = claimed.running === null ? undefined : runIdOf(name, claimed.running.dueAt);
    for (const [id, run] of this.#place.runs) {
      const isLost = run.schedule === name && run.outcome === 'running' && run.fence < fence && id !== kept;
      if (isLost) this.#place.runs.set(id, { ...run, outcome: 'lost', fence });
    }
    return Promise.resolve(claimed);
  }

  change({ name, fence }: HeldLease, change: ScheduleChange): Promise<void> {
    const found = this.#place.schedules.get(name);
    if (found?.fence !== fence) return Promise.reject(new LeaseLost(name));
    this.#place.schedules.set(name, { ...found, ...change });
    return Promise.resolve();
  }

  pause(name: string, pausedAt: Date | null): Promise<boolean> {
    const found = this.#place.schedules.get(name);
    if (found === undefined) return Promise.resolve(false);
    this.#place.schedules.set(name, { ...found, pausedAt });
    return Promise.resolve(true);
  }

  beginRun(run: RunDocument): Promise<RunDocument | undefined> {
    const known = this.#place.runs.get(run._id);
    if (known === undefined) {
      this.#place.runs.set(run._id, run);
      return Promise.resolve(run);
    }
    const isOver = ['done', 'limited', 'failed'].includes(known.outcome);
    if (run.resumed === 0 || isOver || known.fence > run.fence) return Promise.resolve(undefined);
    const again: RunDocument = { ...known, outcome: 'running', fence: run.fence, resumed: run.resumed, endedAt: null };
    this.#place.runs.set(run._id, again);
    return Promise.resolve(again);
  }

  changeRun(id: string, fence: number, change: RunChange): Promise<void> {
    const known = this.#place.runs.get(id);
    if (known?.fence === fence) this.#place.runs.set(id, { ...known, ...change });
    return Promise.resolve();
  }

  history(schedule: string | undefined, limit: number): Promise<RunDocument[]> {
    const runs = [...this.#place.runs.values()].filter((run) => schedule === undefined || run.schedule === schedule);
    return Promise.resolve(
      runs.sort((left, right) => right.startedAt.getTime() - left.startedAt.getTime()).slice(0, limit),
    );
  }
}
