// How many operations run at once. A few execute, in the order in which they came: fewer at once means less garbage
// alive and a lower latency for all (10 to 40 % of the throughput). One that waits for a subgraph while the loop is idle
// gives its turn to the next, so that a slow subgraph never holds up those who ask others. Some more wait; whoever comes
// after them, or while the event loop is late, is refused at once, which costs next to nothing.
import type { Clock } from '../../platform/clock.ts';
import type { BusyShare } from '../../platform/eventLoop.ts';
import { refuse, type Patience, type Refusal } from '../requestState.ts';
import { Fifo, type Place } from './fifo.ts';

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
  readonly clock: Clock;
  readonly busyShare: BusyShare;
  /** Whether the event loop is late. */
  readonly isTooLate: () => boolean;
}

/** How often those who run are looked at while others wait. */
const LOOK_EVERY_MS = 10;
/**
 * A turn that is longer than this is spent waiting for a subgraph and goes to the next; the busier the loop, the longer
 * it may be, as everything takes longer then and more at once would only slow it down. An idle loop lets others in soon:
 * nobody shall wait while there is nothing to do.
 */
const TURN_MS_MAX = [
  { busyShare: 0.6, ms: 10 },
  { busyShare: 0.9, ms: 50 },
  { busyShare: 1, ms: 500 },
] as const;

const OVERLOADED = refuse('OVERLOADED', undefined, { headers: { 'retry-after': '1' } });

function turnMsMaxAt(busyShare: number): number {
  return (TURN_MS_MAX.find((step) => busyShare <= step.busyShare) ?? TURN_MS_MAX[2]).ms;
}

interface Waiting {
  readonly patience: Patience;
  readonly settle: (outcome: Leave | Refusal) => void;
  readonly stopListening: () => void;
}

class TurnGate implements Gate {
  private readonly settings: GateSettings;
  /** When each turn began, the oldest first. */
  private readonly executing = new Fifo<Turn>();
  private readonly waiting = new Fifo<Waiting>();
  private inFlight = 0;
  private looking = false;

  constructor(settings: GateSettings) {
    this.settings = settings;
  }

  refuseEarly(): Refusal | undefined {
    return this.settings.isTooLate() ? OVERLOADED : undefined;
  }

  enter(patience: Patience): Leave | Refusal | Promise<Leave | Refusal> {
    if (this.settings.isTooLate()) return OVERLOADED;
    if (this.waiting.size === 0 && this.hasTurn()) return this.begin();
    if (this.waiting.size >= this.settings.waitingMax) return OVERLOADED;
    return this.wait(patience);
  }

  counts(): { inFlight: number; waiting: number } {
    return { inFlight: this.inFlight, waiting: this.waiting.size };
  }

  private hasTurn(): boolean {
    return this.executing.size < this.settings.executingMax && this.inFlight < this.settings.inFlightMax;
  }

  private begin(): Leave {
    const turn: Turn = { startMs: this.settings.clock.steadyMs(), place: undefined, left: false };
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
  }

  private wait(patience: Patience): Promise<Leave | Refusal> {
    return new Promise((settle) => {
      const giveUp = (): void => {
        this.waiting.remove(place);
        settle(OVERLOADED);
      };
      const stopListening = patience.onGone(giveUp);
      const place = this.waiting.push({ patience, settle, stopListening });
      this.look();
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

  /** One timer for all, and only while somebody waits. */
  private look(): void {
    if (this.looking) return;
    this.looking = true;
    this.settings.busyShare();
    this.settings.clock.after(LOOK_EVERY_MS, () => {
      this.looking = false;
      this.takeTurnsBack(turnMsMaxAt(this.settings.busyShare()));
      this.passOn();
      if (this.waiting.size > 0) this.look();
    });
  }

  private takeTurnsBack(turnMsMax: number): void {
    const beganBefore = this.settings.clock.steadyMs() - turnMsMax;
    for (let oldest = this.executing.head; oldest !== undefined; oldest = this.executing.head) {
      if (oldest.startMs > beganBefore) return;
      this.executing.shift();
      oldest.place = undefined;
    }
  }
}

interface Turn {
  readonly startMs: number;
  /** Undefined once the turn was given to another. */
  place: Place<Turn> | undefined;
  left: boolean;
}

/** Takes the bounds; gives the gate. */
export function openGate(settings: GateSettings): Gate {
  return new TurnGate(settings);
}
