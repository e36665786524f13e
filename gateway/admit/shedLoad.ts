// How many operations run at once. A few execute, in the order in which they came: fewer at once means less garbage
// alive and a lower latency for all (10 to 40 % of the throughput). Whenever the loop has nothing to do, all of them wait
// for subgraphs: one more is let in then, so that a slow subgraph never holds up those who ask others, and the loop is
// busy while anybody waits. Some wait; whoever comes when too many do, or for too long already, is refused at once,
// before the body is read, which costs next to nothing. Who was let in or waits is not refused later.
import type { Clock } from '../../platform/clock.ts';
import type { WhenIdle } from '../../platform/eventLoop.ts';
import { refuse, type Patience, type Refusal } from '../requestState.ts';
import { Fifo, type Place } from '../../platform/fifo.ts';

/** Ends a request's turn; a second call does nothing. */
export type Leave = () => void;

/** Lets a bounded number of requests run. */
export interface Gate {
  /** Gives the refusal of a gateway that is too busy for anything new; before a body is read, and at no cost. */
  refuseEarly(): Refusal | undefined;
  /**
   * Gives what ends the turn, at once where there is a turn to give, else when it is the request's turn; or the refusal
   * of one too many.
   */
  enter(patience: Patience): Leave | Refusal | Promise<Leave | Refusal>;
  /** How many run (with a turn or without) and how many wait. */
  counts(): { readonly inFlight: number; readonly waiting: number };
}

/** The bounds of a gate and what it looks at. */
export interface GateSettings {
  /** With a turn. */
  readonly executingMax: number;
  /** With a turn, or past it and not done. */
  readonly inFlightMax: number;
  readonly waitingMax: number;
  /** Nobody new waits once the first in line has waited for so long. */
  readonly waitMsMax: number;
  /** Whether those who were let in leave room for more: who would be refused later is better not let in. */
  readonly hasRoom: () => boolean;
  readonly clock: Clock;
  readonly whenIdle: WhenIdle;
  /** Whether the event loop is late: few wait then. */
  readonly isTooLate: () => boolean;
}

/** How many of those who may wait do while the loop is late: enough to keep it busy. */
const LATE_SHARE = 0.25;

const OVERLOADED = refuse('OVERLOADED', undefined, { headers: { 'retry-after': '1' } });

interface Waiting {
  readonly sinceMs: number;
  readonly patience: Patience;
  readonly settle: (outcome: Leave | Refusal) => void;
  readonly stopListening: () => void;
}

class TurnGate implements Gate {
  private readonly settings: GateSettings;
  /** Those with a turn, the oldest first. */
  private readonly executing = new Fifo<Turn>();
  private readonly waiting = new Fifo<Waiting>();
  private inFlight = 0;
  private watching = false;

  constructor(settings: GateSettings) {
    this.settings = settings;
  }

  refuseEarly(): Refusal | undefined {
    return this.canBegin() || this.mayWait() ? undefined : OVERLOADED;
  }

  enter(patience: Patience): Leave | Refusal | Promise<Leave | Refusal> {
    if (this.canBegin()) return this.begin();
    return this.mayWait() ? this.wait(patience) : OVERLOADED;
  }

  counts(): { inFlight: number; waiting: number } {
    return { inFlight: this.inFlight, waiting: this.waiting.size };
  }

  private canBegin(): boolean {
    return this.waiting.size === 0 && this.hasTurn();
  }

  private mayWait(): boolean {
    const { waitingMax, waitMsMax, clock, isTooLate } = this.settings;
    const first = this.waiting.head;
    if (this.waiting.size >= (isTooLate() ? waitingMax * LATE_SHARE : waitingMax)) return false;
    return first === undefined || clock.steadyMs() - first.sinceMs <= waitMsMax;
  }

  private hasTurn(): boolean {
    return this.executing.size < this.settings.executingMax && this.inFlight < this.settings.inFlightMax;
  }

  private begin(): Leave {
    const turn: Turn = { place: undefined, left: false };
    turn.place = this.executing.push(turn);
    this.inFlight++;
    return () => this.leave(turn);
  }

  private leave(turn: Turn): void {
    if (turn.left) return;
    turn.left = true;
    this.inFlight--;
    if (turn.place !== undefined) this.executing.remove(turn.place);
    this.passOn();
    this.watchForIdle();
  }

  private wait(patience: Patience): Promise<Leave | Refusal> {
    return new Promise((settle) => {
      const sinceMs = this.settings.clock.steadyMs();
      const waiting = { sinceMs, patience, settle, stopListening: (): void => undefined };
      const place = this.waiting.push(waiting);
      // Called at once where the client has left already.
      waiting.stopListening = patience.onGone(() => {
        this.waiting.remove(place);
        settle(OVERLOADED);
      });
      this.watchForIdle();
    });
  }

  /** Lets those who wait in, as far as there are turns; who has no time left is refused instead. */
  private passOn(): void {
    while (this.waiting.size > 0) {
      const isLate = this.waiting.head?.patience.leftMs() === 0;
      if (!isLate && !this.hasTurn()) return;
      const next = this.waiting.shift();
      if (next === undefined) return;
      next.stopListening();
      next.settle(isLate ? OVERLOADED : this.begin());
    }
  }

  /** Only while somebody waits who could be let in. */
  private watchForIdle(): void {
    const { inFlightMax, hasRoom } = this.settings;
    // Whoever leaves looks again.
    if (this.watching || this.waiting.size === 0 || this.inFlight >= inFlightMax || !hasRoom()) return;
    this.watching = true;
    this.settings.whenIdle(() => {
      this.watching = false;
      this.letOneIn();
      this.watchForIdle();
    });
  }

  /** Takes the oldest turn back, as it is spent waiting for a subgraph, and gives it to the next. */
  private letOneIn(): void {
    if (this.waiting.size === 0) return;
    const oldest = this.executing.shift();
    if (oldest !== undefined) oldest.place = undefined;
    this.passOn();
  }
}

interface Turn {
  /** Undefined once the turn was given to another. */
  place: Place<Turn> | undefined;
  left: boolean;
}

/** Takes the bounds; gives the gate. */
export function openGate(settings: GateSettings): Gate {
  return new TurnGate(settings);
}
