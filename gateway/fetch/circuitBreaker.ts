// Stops calling a subgraph that does not answer the door: after some refused connections in a row (five, over half a second), one try a second
// until one goes through. Callers get their error at once, and the subgraph is back within two seconds of its return.
import type { Clock } from '../../platform/clock.ts';
import type { BreakerSettings } from '../config/subgraphSettings.ts';

/** Refusals have to go on for so long: under load a blink of an eye brings five of them. */
const AWAY_MS_MIN = 500;
/** The longest pause that a subgraph's Retry-After can ask for. */
const PAUSE_MAX_MS = 10_000;

/** Whether a subgraph is being called. */
export type BreakerState = 'closed' | 'open' | 'probing';

/** Says before each call whether to make it, and learns from how it went. */
export class CircuitBreaker {
  private readonly clock: Clock;
  private readonly settings: BreakerSettings;
  private failures = 0;
  private firstFailureMs = 0;
  private isOpen = false;
  private isPause = false;
  private nextCallMs = 0;
  private probing = false;

  constructor(clock: Clock, settings: BreakerSettings) {
    this.clock = clock;
    this.settings = settings;
  }

  /** Gives true when the call may be made; a call that was let through must be reported. */
  letThrough(): boolean {
    if (this.state === 'closed') return true;
    if (this.probing || this.clock.steadyMs() < this.nextCallMs) return false;
    this.probing = true;
    return true;
  }

  /** The subgraph answered, well or badly: it is there. */
  reportAnswer(): void {
    this.probing = false;
    this.failures = 0;
    this.isOpen = false;
    this.isPause = false;
  }

  /**
   * A call has a connection. A subgraph that could not be reached is back with that: were its answer waited for, one
   * slow operation would keep all others away. One that asked for a pause was there all the time.
   */
  reportConnected(): void {
    if (this.probing && !this.isPause) this.reportAnswer();
  }

  /** No connection came about. */
  reportNoConnection(): void {
    this.probing = false;
    const nowMs = this.clock.steadyMs();
    if (this.failures === 0) this.firstFailureMs = nowMs;
    this.failures++;
    const { failuresMax, probeEveryMs } = this.settings;
    if (this.failures < failuresMax || nowMs - this.firstFailureMs < AWAY_MS_MIN) return;
    this.isOpen = true;
    this.isPause = false;
    this.nextCallMs = nowMs + probeEveryMs;
  }

  /** The call ended without telling anything about the connection, as when the client left. */
  reportNothing(): void {
    this.probing = false;
  }

  /** The subgraph asked for a pause, in milliseconds. */
  reportPause(pauseMs: number): void {
    this.probing = false;
    this.isOpen = true;
    this.isPause = true;
    this.nextCallMs = this.clock.steadyMs() + Math.min(pauseMs, PAUSE_MAX_MS);
  }

  get state(): BreakerState {
    if (!this.isOpen) return 'closed';
    return this.probing ? 'probing' : 'open';
  }
}
