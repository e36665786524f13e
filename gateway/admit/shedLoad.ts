// How many requests run at once. Some more wait their turn; whoever comes after them is refused at once, which costs
// next to nothing and tells the client when to come back.
import { refuse, type Patience, type Refusal } from '../requestState.ts';
import { LIMITS } from './limits.ts';

/** Lets a bounded number of requests run. */
export interface Gate {
  /** Gives what ends the turn once it is the request's turn, or the refusal of one too many. */
  enter(patience: Patience): Promise<(() => void) | Refusal>;
}

const OVERLOADED = refuse('OVERLOADED', undefined, { headers: { 'retry-after': '1' } });

/** Takes how many may run and wait; gives the gate. */
export function openGate(
  runningMax: number = LIMITS.requestsInFlightMax.value,
  waitingMax: number = LIMITS.requestsWaitingMax.value,
): Gate {
  let running = 0;
  const waiting = new Set<() => void>();
  const leave = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      running--;
      return;
    }
    // The turn passes on: the number that runs stays the same.
    waiting.delete(next);
    next();
  };
  const once = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
    };
  };
  const wait = (patience: Patience): Promise<(() => void) | Refusal> =>
    new Promise((settle) => {
      const turn = (): void => {
        patience.clientGone.removeEventListener('abort', giveUp);
        if (patience.leftMs() > 0) {
          settle(once());
          return;
        }
        leave();
        settle(OVERLOADED);
      };
      const giveUp = (): void => {
        waiting.delete(turn);
        settle(OVERLOADED);
      };
      patience.clientGone.addEventListener('abort', giveUp, { once: true });
      waiting.add(turn);
    });
  return {
    async enter(patience) {
      if (running < runningMax) {
        running++;
        return once();
      }
      return waiting.size >= waitingMax ? OVERLOADED : wait(patience);
    },
  };
}
