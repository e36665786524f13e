// Equal requests of callers with equal rights that come while one of them is being answered get its answer: byte for
// byte the same text, told apart by nothing that could change the answer. Mutations are never shared, and part the
// queries before them from those after: whoever has been told that something changed is not given an answer from before.
import type { Clock } from '../platform/clock.ts';
import type { Conclude } from './conclude.ts';
import { ClientPatience } from './patience.ts';
import type { Patience, RequestState } from './requestState.ts';
import type { MediaType } from './respond/mediaType.ts';

/** What tells requests apart: the body's text, and the form of the answer. */
export interface EqualRequest {
  readonly text: string;
  readonly media: MediaType;
}

/** A request that is being answered, which others may join. */
export interface RunningRequest {
  /** What each who joins is charged with; undefined while that is not known, or the request is answered. */
  readonly points: number | undefined;
  join(state: RequestState, conclude: Conclude): void;
}

/** A request that others may join. */
export interface Lead {
  /** That of everybody who waits. */
  readonly patience: Patience;
  /** From then on others may join. */
  readonly noteAdmitted: (points: number) => void;
  /** Has to be called, whatever happens: the others get what the first one gets. */
  readonly conclude: Conclude;
}

/** Answers equal requests once. */
export interface AnswerSharing {
  /** Gives an equal request that is on its way. */
  find(what: EqualRequest, state: RequestState): RunningRequest | undefined;
  /** Takes a query that others may join; `conclude` is the first one's own. */
  lead(what: EqualRequest, state: RequestState, conclude: Conclude): Lead;
  /** A mutation begins or has ended, or the graph was replaced: nobody joins what began before. */
  notePassing(): void;
}

/** Who comes later than this after the first is answered anew: it would be ended by the first one's deadline. */
const JOIN_MS_MAX = 1_000;
/** How many equal texts of callers with different rights are looked through. */
const ABREAST_MAX = 64;

function arePassedAlike(left: RequestState['passed'], right: RequestState['passed']): boolean {
  if (left === right) return true;
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}

/** One request that is being answered, and everybody who waits for it. */
class Running implements RunningRequest {
  points: number | undefined;
  readonly what: EqualRequest;
  readonly epoch: number;
  readonly patience: ClientPatience;
  /** Emptied with the answer: a map that grew may keep its old entries for long (platform/fifo.ts). */
  waiting: Conclude[] = [];
  private readonly rights: string;
  private readonly passed: RequestState['passed'];
  private readonly startMs: number;
  private members = 0;
  private readonly noteShared: () => void;

  constructor(what: EqualRequest, state: RequestState, epoch: number, clock: Clock, noteShared: () => void) {
    this.what = what;
    this.rights = state.caller.rights;
    this.passed = state.passed;
    this.startMs = state.startMs;
    this.epoch = epoch;
    this.patience = new ClientPatience(clock.steadyMs(), state.patience.leftMs(), clock);
    this.noteShared = noteShared;
  }

  /** The first one's time holds for all; the work is left when the last one hangs up. */
  add(patience: Patience, conclude: Conclude): void {
    this.members++;
    this.waiting.push(conclude);
    patience.onGone(() => {
      if (--this.members > 0) return;
      // Who was about to join it would get what is left of it.
      this.points = undefined;
      this.patience.leave();
    });
  }

  join({ patience }: RequestState, conclude: Conclude): void {
    this.noteShared();
    this.add(patience, conclude);
  }

  takes(media: MediaType, state: RequestState, epoch: number): boolean {
    return (
      this.points !== undefined &&
      this.members > 0 &&
      this.epoch === epoch &&
      this.what.media === media &&
      this.rights === state.caller.rights &&
      state.startMs - this.startMs < JOIN_MS_MAX &&
      arePassedAlike(this.passed, state.passed)
    );
  }
}

/**
 * Opens the sharing of answers. `noteShared` is called for each request that is answered with another's work, `onFault`
 * for what one of those who waited threw: the others get their answer all the same.
 */
export function openAnswerSharing(
  clock: Clock,
  noteShared: () => void,
  onFault: (error: unknown) => void,
): AnswerSharing {
  const byText = new Map<string, Running[]>();
  let epoch = 0;
  const forget = (running: Running): void => {
    running.points = undefined;
    const { text } = running.what;
    const left = byText.get(text)?.filter((each) => each !== running) ?? [];
    if (left.length === 0) byText.delete(text);
    else byText.set(text, left);
  };
  return {
    find({ text, media }, state) {
      const running = byText.size > 0 && state.explanation === undefined ? byText.get(text) : undefined;
      return running?.find((each) => each.takes(media, state, epoch));
    },
    lead(what, state, conclude) {
      const running = new Running(what, state, epoch, clock, noteShared);
      running.add(state.patience, conclude);
      const abreast = byText.get(what.text) ?? [];
      if (state.explanation === undefined) byText.set(what.text, [...abreast.slice(1 - ABREAST_MAX), running]);
      return {
        patience: running.patience,
        noteAdmitted(points) {
          running.points = points;
        },
        conclude(concluded, cost) {
          forget(running);
          const { waiting } = running;
          running.waiting = [];
          waiting.forEach((each, at) => {
            try {
              // What the first one is told of its cost is its own.
              each(concluded, at === 0 ? cost : undefined);
            } catch (error) {
              onFault(error);
            }
          });
        },
      };
    },
    notePassing() {
      epoch++;
    },
  };
}
