// How many streams, or sockets, one caller may have here and how many all may have: what is counted when one begins, and
// given back when it ends. One caller cannot take the places of all others.
import { refuse, type Refusal } from '../requestState.ts';

const RETRY = { headers: { 'retry-after': '1' } };

/** The places of this process. */
export class StreamPlaces {
  private readonly perCallerMax: number;
  private readonly max: number;
  private readonly byCaller = new Map<string, number>();
  private count = 0;

  constructor(limits: { readonly perCallerMax: number; readonly max: number }) {
    this.perCallerMax = limits.perCallerMax;
    this.max = limits.max;
  }

  /** How many are taken. */
  get size(): number {
    return this.count;
  }

  /** Takes a place for a caller, by its id; gives what gives it back, once, or RATE_LIMITED or OVERLOADED. */
  take(id: string): (() => void) | Refusal {
    const its = this.byCaller.get(id) ?? 0;
    if (its >= this.perCallerMax) return refuse('RATE_LIMITED', 'Too many streams of this caller.', RETRY);
    if (this.count >= this.max) return refuse('OVERLOADED', undefined, RETRY);
    this.byCaller.set(id, its + 1);
    this.count++;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.count--;
      const left = (this.byCaller.get(id) ?? 1) - 1;
      if (left > 0) this.byCaller.set(id, left);
      else this.byCaller.delete(id);
    };
  }
}
