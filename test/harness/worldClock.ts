// The time of a small world of processes, driven by hand: steady time passes for all, the time of day can be set forth and
// back, and a process can be paused or killed, whose tasks then wait or never run.
import type { Clock } from '../../platform/clock.ts';

/** A process's own view of the time. */
export interface ProcessClock extends Clock {
  /** Its tasks wait, as under SIGSTOP. */
  pause(): void;
  goOn(): void;
  /** Its tasks never run, as after SIGKILL. */
  kill(): void;
}

interface Task {
  readonly atMs: number;
  readonly run: () => void;
  readonly mayRun: () => boolean;
}

/** The world's time. */
export class WorldClock {
  #steadyMs = 0;
  #dayMs: number;
  readonly #tasks = new Set<Task>();

  /** Begins at a time of day, in milliseconds since 1970. */
  constructor(dayMs: number) {
    this.#dayMs = dayMs;
  }

  get dayMs(): number {
    return this.#dayMs;
  }

  /** Sets the time of day forth or back; no steady time passes. */
  step(ms: number): void {
    this.#dayMs += ms;
  }

  /** Lets time pass, and everything that it makes due run to where it waits again. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#steadyMs + ms;
    for (;;) {
      const next = [...this.#tasks]
        .filter(({ atMs, mayRun }) => atMs <= endMs && mayRun())
        .sort((left, right) => left.atMs - right.atMs)[0];
      this.#moveTo(Math.max(next?.atMs ?? endMs, this.#steadyMs));
      if (next === undefined) return;
      this.#tasks.delete(next);
      next.run();
      await settle();
    }
  }

  #moveTo(steadyMs: number): void {
    this.#dayMs += steadyMs - this.#steadyMs;
    this.#steadyMs = steadyMs;
  }

  /** Gives a new process's view. */
  open(): ProcessClock {
    let [isPaused, isKilled] = [false, false];
    return {
      now: () => new Date(this.#dayMs),
      steadyMs: () => this.#steadyMs,
      after: (delayMs, run) => {
        const task = { atMs: this.#steadyMs + delayMs, run, mayRun: () => !isPaused && !isKilled };
        this.#tasks.add(task);
        return () => this.#tasks.delete(task);
      },
      pause: () => (isPaused = true),
      goOn: () => (isPaused = false),
      kill: () => (isKilled = true),
    };
  }
}

/** Lets promises that wait for nothing but each other settle. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
