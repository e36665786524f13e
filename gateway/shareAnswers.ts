// Equal requests of callers with equal rights that come while one of them is being answered get its answer: byte for
// byte the same text, told apart by nothing that could change the answer. Mutations are never shared, and part the
// queries before them from those after: whoever has been told that something changed is not given an answer from before.
import type { Clock } from '../platform/clock.ts';
import { ClientPatience } from './patience.ts';
import type { ChosenOperation, Patience, RequestState } from './requestState.ts';
import type { RequestOutcome } from './observe/observer.ts';
import type { MediaType } from './respond/mediaType.ts';
import type { HttpAnswer } from './respond/status.ts';

/** What a request came to: the answer, and what its log line and the metrics tell. */
export interface Concluded {
  readonly answer: HttpAnswer;
  readonly outcome: RequestOutcome;
  readonly codes: ReadonlySet<string>;
  readonly operation: ChosenOperation | undefined;
}

/** Takes what a request came to. */
export type Conclude = (concluded: Concluded) => void;

/** What tells requests apart: the body's text, and the form of the answer. */
export interface EqualRequest {
  readonly text: string;
  readonly media: MediaType;
}

/** A request that others may join. */
export interface Lead {
  /** That of everybody who waits. */
  readonly patience: Patience;
  /** Has to be called, whatever happens: the others get what the first one gets. */
  readonly conclude: Conclude;
}

/** Answers equal requests once. */
export interface AnswerSharing {
  /** Lets a request have the answer of an equal one that is on its way; gives whether there is one. */
  join(what: EqualRequest, state: RequestState, conclude: Conclude): boolean;
  /** Takes a query that others may join from now on; `conclude` is the first one's own. */
  lead(what: EqualRequest, state: RequestState, conclude: Conclude): Lead;
  /** A mutation begins or has ended: nobody joins what began before. */
  notePassingMutation(): void;
}

/** Who comes later than this after the first is answered anew: it would be ended by the first one's deadline. */
const JOIN_MS_MAX = 1_000;
/** How many equal texts of callers with different rights are looked through. */
const ABREAST_MAX = 64;

/** One request that is being answered, and everybody who waits for it. */
class Running {
  readonly what: EqualRequest;
  readonly state: RequestState;
  readonly epoch: number;
  readonly patience: ClientPatience;
  readonly waiting: Conclude[];
  private members = 0;

  constructor(what: EqualRequest, state: RequestState, epoch: number, clock: Clock) {
    this.what = what;
    this.state = state;
    this.epoch = epoch;
    this.patience = new ClientPatience(clock.steadyMs(), state.patience.leftMs(), clock);
    this.waiting = [];
  }

  /** The first one's time holds for all; the work is left when the last one hangs up. */
  add(patience: Patience, conclude: Conclude): void {
    this.members++;
    this.waiting.push(conclude);
    patience.onGone(() => {
      if (--this.members === 0) this.patience.leave();
    });
  }

  takes(media: MediaType, state: RequestState, epoch: number): boolean {
    return (
      this.members > 0 &&
      this.epoch === epoch &&
      this.what.media === media &&
      this.state.rights === state.rights &&
      state.startMs - this.state.startMs < JOIN_MS_MAX &&
      arePassedAlike(this.state.passed, state.passed)
    );
  }
}

function arePassedAlike(left: RequestState['passed'], right: RequestState['passed']): boolean {
  if (left === right) return true;
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
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
    const { text } = running.what;
    const left = byText.get(text)?.filter((each) => each !== running) ?? [];
    if (left.length === 0) byText.delete(text);
    else byText.set(text, left);
  };
  return {
    join({ text, media }, state, conclude) {
      const running = byText.size > 0 && state.explanation === undefined ? byText.get(text) : undefined;
      if (running === undefined) return false;
      const found = running.find((each) => each.takes(media, state, epoch));
      if (found === undefined) return false;
      noteShared();
      found.add(state.patience, conclude);
      return true;
    },
    lead(what, state, conclude) {
      const running = new Running(what, state, epoch, clock);
      running.add(state.patience, conclude);
      const abreast = byText.get(what.text) ?? [];
      if (state.explanation === undefined) byText.set(what.text, [...abreast.slice(1 - ABREAST_MAX), running]);
      return {
        patience: running.patience,
        conclude(concluded) {
          forget(running);
          for (const waiting of running.waiting) {
            try {
              waiting(concluded);
            } catch (error) {
              onFault(error);
            }
          }
        },
      };
    },
    notePassingMutation() {
      epoch++;
    },
  };
}
