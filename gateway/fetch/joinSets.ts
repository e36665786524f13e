// Holds a fetch that is ready until those are that travel with it (plan/scheduleFetches.ts): each of them is ready in
// its own time, one may turn out to have nothing to ask, and none waits long for a subgraph that does not answer.
import type { FetchSchedule, FetchStep } from '../compiledOperation.ts';

/** The longest that a fetch waits for its company, in milliseconds: far above what a step takes, far below a deadline. */
const HOLD_MS_MAX = 100;

interface OpenSet<T> {
  missing: number;
  held: T[];
  cancelTimer: (() => void) | undefined;
}

/** The sets of one run. `T` is what is held. */
export class JoinSets<T> {
  private readonly schedule: FetchSchedule | undefined;
  private readonly after: (delayMs: number, task: () => void) => () => void;
  private readonly release: (held: readonly T[]) => void;
  private readonly open = new Map<number, OpenSet<T>>();

  /** `release` is called with what need not wait any longer. */
  constructor(
    schedule: FetchSchedule | undefined,
    after: (delayMs: number, task: () => void) => () => void,
    release: (held: readonly T[]) => void,
  ) {
    this.schedule = schedule;
    this.after = after;
    this.release = release;
  }

  /** Takes what a fetch has to send, which may be nothing. */
  arrive(step: FetchStep, items: readonly T[]): void {
    const id = this.schedule?.setOf.get(step);
    if (id === undefined) {
      this.release(items);
      return;
    }
    const set = this.open.get(id) ?? { missing: this.schedule?.sizes[id] ?? 1, held: [], cancelTimer: undefined };
    this.open.set(id, set);
    set.missing--;
    set.held.push(...items);
    if (set.missing === 0) this.let(set);
    else if (set.held.length > 0) set.cancelTimer ??= this.after(HOLD_MS_MAX, () => this.let(set));
  }

  private let(set: OpenSet<T>): void {
    set.cancelTimer?.();
    set.cancelTimer = undefined;
    const { held } = set;
    set.held = [];
    if (held.length > 0) this.release(held);
  }
}
