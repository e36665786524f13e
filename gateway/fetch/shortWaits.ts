// Waiting for a subgraph that answers within a fraction of a millisecond. A process that sleeps meanwhile is woken by the
// system, which takes as long as such an answer itself: with one request at a time a fifth of its whole time went there
// (docs/decisions/0034). So the event loop looks again and again instead of sleeping, as long as an answer is due, and
// gives up soon.
import type { Clock } from '../../platform/clock.ts';

/** What a subgraph needs as a rule to count as fast, and how long nobody sleeps for it at most. */
const SHORT_WAIT_MS = 1;
/** With more than so many due, something else is on the way most of the time: it gains nothing, and costs. */
const DUE_MAX = 4;
/** How much the latest answer counts for what is the rule; one that was much later than others counts no more than this. */
const LATEST_SHARE = 0.1;
const LATE_MS = 2 * SHORT_WAIT_MS;

/** How long one subgraph takes as a rule. */
export class UsualWait {
  private usualMs = Number.POSITIVE_INFINITY;

  get isShort(): boolean {
    return this.usualMs < SHORT_WAIT_MS;
  }

  note(ms: number): void {
    const counted = Math.min(ms, LATE_MS);
    const known = Number.isFinite(this.usualMs) ? this.usualMs : counted;
    this.usualMs = known + (counted - known) * LATEST_SHARE;
  }
}

/** Keeps the event loop of this process from sleeping while answers are due. */
export class ShortWaits {
  private readonly clock: Clock;
  private due = 0;
  private untilMs = 0;
  private isAwake = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** An answer is due soon; `nowMs` is on the steady clock. */
  begin(nowMs: number): void {
    this.due++;
    this.untilMs = nowMs + SHORT_WAIT_MS;
    if (this.isAwake || this.due > DUE_MAX) return;
    this.isAwake = true;
    setImmediate(this.look);
  }

  /** It came, or nobody waits for it any more. */
  end(): void {
    this.due--;
  }

  private readonly look = (): void => {
    if (this.due > 0 && this.due <= DUE_MAX && this.clock.steadyMs() < this.untilMs) setImmediate(this.look);
    else this.isAwake = false;
  };
}
