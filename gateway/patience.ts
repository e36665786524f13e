// How long somebody waits for an answer, and whether anybody still does.
import type { Clock } from '../platform/clock.ts';
import type { Patience } from './requestState.ts';

const NOTHING = (): void => undefined;

/** The patience of one client, or of several who wait for one run. Costs nothing until somebody listens. */
export class ClientPatience implements Patience {
  readonly deadlineMs: number;
  private readonly endMs: number;
  private readonly clock: Clock;
  private listeners: Set<() => void> | undefined;
  private isGone = false;

  /** `startMs` is on the steady clock. */
  constructor(startMs: number, timeoutMs: number, clock: Clock) {
    this.clock = clock;
    this.endMs = startMs + timeoutMs;
    this.deadlineMs = clock.now().getTime() + timeoutMs - (clock.steadyMs() - startMs);
  }

  leftMs(): number {
    return Math.max(0, this.endMs - this.clock.steadyMs());
  }

  onGone(listener: () => void): () => void {
    if (this.isGone) {
      listener();
      return NOTHING;
    }
    const listeners = (this.listeners ??= new Set());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Nobody waits any more. */
  leave(): void {
    if (this.isGone) return;
    this.isGone = true;
    for (const listener of [...(this.listeners ?? [])]) listener();
    this.listeners = undefined;
  }
}
