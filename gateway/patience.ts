// How long somebody waits for an answer, and whether anybody still does.
import type { Clock } from '../platform/clock.ts';
import type { Patience } from './requestState.ts';

const NOTHING = (): void => undefined;

/** The patience of one client, or of several who wait for one run. Costs next to nothing until somebody listens. */
export class ClientPatience implements Patience {
  private readonly endMs: number;
  private readonly clock: Clock;
  /** Most have one listener: a set is made for a second. */
  private first: (() => void) | undefined;
  private more: Set<() => void> | undefined;
  private isGone = false;

  /** `startMs` is on the steady clock. */
  constructor(startMs: number, timeoutMs: number, clock: Clock) {
    this.clock = clock;
    this.endMs = startMs + timeoutMs;
  }

  get deadlineMs(): number {
    return this.clock.now().getTime() + this.endMs - this.clock.steadyMs();
  }

  leftMs(): number {
    return Math.max(0, this.endMs - this.clock.steadyMs());
  }

  onGone(listener: () => void): () => void {
    if (this.isGone) {
      listener();
      return NOTHING;
    }
    if (this.first === undefined) {
      this.first = listener;
      return () => {
        if (this.first === listener) this.first = undefined;
      };
    }
    const more = (this.more ??= new Set());
    more.add(listener);
    return () => more.delete(listener);
  }

  /** Nobody waits any more. */
  leave(): void {
    if (this.isGone) return;
    this.isGone = true;
    const { first } = this;
    this.first = undefined;
    first?.();
    for (const listener of [...(this.more ?? [])]) listener();
    this.more = undefined;
  }
}
