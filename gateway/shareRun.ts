// Equal queries of callers with equal rights that run at the same time are run once, and the answer's text is given to
// all of them. Mutations are never shared, and part the queries before them from those after: whoever has been told
// that something changed is not given an answer from before.
import type { Clock } from '../platform/clock.ts';
import type { CompiledOperation, Fields } from './compiledOperation.ts';
import type { GraphAnswer } from './openGraph.ts';
import { ClientPatience } from './patience.ts';
import type { Patience, RequestState } from './requestState.ts';

/** What is run. */
export interface SharedRun {
  readonly operation: CompiledOperation;
  /** As received; undefined where the operation has none. */
  readonly variables: Fields | undefined;
}

/** Runs operations, equal ones once. */
export interface RunSharing {
  /** Gives the answer of an equal run that is on its way; undefined where there is none to join. */
  join(what: SharedRun, state: RequestState): Promise<GraphAnswer> | undefined;
  /** Joins an equal run, or runs. */
  share(what: SharedRun, state: RequestState, run: (state: RequestState) => Promise<GraphAnswer>): Promise<GraphAnswer>;
}

/** Who comes later than this after the first runs on its own: it would be ended by the first one's deadline. */
const JOIN_MS_MAX = 1_000;

interface Running {
  readonly answer: Promise<GraphAnswer>;
  readonly crowd: Crowd;
  readonly startMs: number;
}

/** Everybody who waits for one run: the run has the first one's time, and is left when the last one leaves. */
class Crowd {
  readonly patience: ClientPatience;
  private members = 0;

  constructor(patience: ClientPatience) {
    this.patience = patience;
  }

  get isEmpty(): boolean {
    return this.members === 0;
  }

  join(patience: Patience): void {
    this.members++;
    patience.onGone(() => {
      if (--this.members === 0) this.patience.leave();
    });
  }
}

/** Opens the sharing of runs; `noteShared` is called for each request that was answered with another's work. */
export function openRunSharing(clock: Clock, noteShared: () => void): RunSharing {
  // An operation is compiled for one graph, so it names the graph too.
  const byOperation = new WeakMap<CompiledOperation, Map<string, Running>>();
  let epoch = 0;
  const isShareable = ({ operation }: SharedRun, state: RequestState): boolean =>
    operation.kind === 'query' && state.explanation === undefined;
  const keyOf = ({ variables }: SharedRun, { rights, passed }: RequestState): string =>
    `${epoch} ${rights} ${JSON.stringify([variables ?? 0, passed])}`;
  const joinAt = (key: string, operation: CompiledOperation, state: RequestState) => {
    const running = byOperation.get(operation)?.get(key);
    if (running === undefined || running.crowd.isEmpty) return undefined;
    if (state.startMs - running.startMs >= JOIN_MS_MAX) return undefined;
    noteShared();
    running.crowd.join(state.patience);
    return running.answer;
  };
  return {
    join(what, state) {
      // Most of the time nothing runs: then no key is made.
      const running = byOperation.get(what.operation);
      if (running === undefined || running.size === 0 || !isShareable(what, state)) return undefined;
      return joinAt(keyOf(what, state), what.operation, state);
    },
    share(what, state, run) {
      const { operation } = what;
      if (operation.kind === 'mutation') {
        epoch++;
        return run(state).finally(() => epoch++);
      }
      if (!isShareable(what, state)) return run(state);
      const key = keyOf(what, state);
      const joined = joinAt(key, operation, state);
      if (joined !== undefined) return joined;
      const known = byOperation.get(operation) ?? new Map<string, Running>();
      byOperation.set(operation, known);
      const crowd = new Crowd(new ClientPatience(clock.steadyMs(), state.patience.leftMs(), clock));
      crowd.join(state.patience);
      const answer = run({ ...state, patience: crowd.patience });
      const mine = { answer, crowd, startMs: state.startMs };
      known.set(key, mine);
      const forget = (): void => {
        if (known.get(key) === mine) known.delete(key);
      };
      answer.then(forget, forget);
      return answer;
    },
  };
}
