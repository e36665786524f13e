// How each subgraph is reached: breaker, bounded waiting, proof, call, one retry. Whatever a subgraph does, the outcome
// is the text of an answer or a code.
import type { ErrorCodeName } from '../../contracts/errorCodes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SubgraphSettings } from '../config/subgraphSettings.ts';
import type { FetchObserver, FetchOutcome as ObservedOutcome } from '../observe/observer.ts';
import type { RequestState } from '../requestState.ts';
import { openCaller, type CallAnswer, type CallFailure, type SubgraphCaller } from './callSubgraph.ts';
import { CircuitBreaker, type BreakerState } from './circuitBreaker.ts';
import { UsualWait, type ShortWaits } from './shortWaits.ts';
import { openSigner, type RequestSigner, type Signer } from './signRequest.ts';

/** A request to a subgraph. */
export interface SubgraphFetch {
  readonly subgraph: string;
  readonly isMutation: boolean;
  readonly body: string;
  /** When its entities were looked for in the cache; empty where they were not. Told apart where fetches are shared. */
  readonly asOf: string;
}

/** What came of it. */
export type FetchOutcome = CallAnswer | { readonly code: ErrorCodeName; readonly detail: string };

/** What every link needs beside its subgraph's settings. */
export interface LinkParts {
  readonly signer: Signer;
  readonly clock: Clock;
  readonly observer: FetchObserver;
  readonly waits: ShortWaits;
}

const CODE_OF_FAILURE: Readonly<Record<CallFailure['failed'], ErrorCodeName>> = {
  'no-connection': 'SUBGRAPH_UNAVAILABLE',
  broken: 'SUBGRAPH_UNAVAILABLE',
  timeout: 'SUBGRAPH_TIMEOUT',
  'client-gone': 'SUBGRAPH_TIMEOUT',
  'bad-answer': 'SUBGRAPH_BAD_ANSWER',
  refused: 'SUBGRAPH_BAD_ANSWER',
  pause: 'SUBGRAPH_BUSY',
};

const OBSERVED: Readonly<Record<CallFailure['failed'], ObservedOutcome>> = {
  'no-connection': 'unavailable',
  broken: 'unavailable',
  timeout: 'timeout',
  'client-gone': 'client_gone',
  'bad-answer': 'bad_answer',
  refused: 'bad_answer',
  pause: 'busy',
};

/** The client's headers that a subgraph gets for a request, and the text that tells them from others. */
export interface PassedOn {
  readonly state: RequestState | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string;
}

const NOTHING_PASSED: PassedOn = Object.freeze({ state: undefined, headers: {}, key: '' });

function isFailure(outcome: CallAnswer | CallFailure): outcome is CallFailure {
  return 'failed' in outcome;
}

function report(breaker: CircuitBreaker, outcome: CallAnswer | CallFailure): void {
  if (!isFailure(outcome)) breaker.reportAnswer();
  else if (outcome.failed === 'no-connection') breaker.reportNoConnection();
  else if (outcome.failed === 'pause') breaker.reportPause(outcome.pauseMs ?? 0);
  else if (outcome.failed === 'bad-answer' || outcome.failed === 'refused') breaker.reportAnswer();
  else breaker.reportNothing();
}

/** What tells the way to a subgraph at one address from all others. */
export function linkId(subgraph: string, url: string): string {
  return `${subgraph} ${url}`;
}

/** The way to one subgraph. */
export class SubgraphLink {
  readonly id: string;
  private readonly caller: SubgraphCaller;
  private readonly breaker: CircuitBreaker;
  private readonly signer: RequestSigner;
  private readonly subgraph: string;
  private readonly settings: SubgraphSettings;
  private readonly parts: LinkParts;
  private readonly usualWait = new UsualWait();
  private calls = 0;
  private passedLast = NOTHING_PASSED;

  constructor(subgraph: string, url: string, settings: SubgraphSettings, parts: LinkParts) {
    const breaker = new CircuitBreaker(parts.clock, settings.breaker);
    this.id = linkId(subgraph, url);
    this.breaker = breaker;
    this.caller = openCaller(url, settings, parts.clock, () => breaker.reportConnected());
    this.signer = openSigner(parts.signer, subgraph, parts.clock);
    this.subgraph = subgraph;
    this.settings = settings;
    this.parts = parts;
  }

  /** Notes that a fetch was not sent, as an equal one was on its way. */
  noteShared(): void {
    this.parts.observer.shared();
  }

  /** The headers of the client that this subgraph gets. */
  passedTo(state: RequestState): PassedOn {
    const { headers } = this.settings;
    if (headers.length === 0) return NOTHING_PASSED;
    // One request often sends several fetches one after the other.
    if (this.passedLast.state === state) return this.passedLast;
    const passed: Record<string, string> = {};
    let key = '';
    for (const name of headers) {
      const value = state.passed[name];
      if (value === undefined) continue;
      passed[name] = value;
      // A header's value has no line feed.
      key += `${name}:${value}\n`;
    }
    this.passedLast = { state, headers: passed, key };
    return this.passedLast;
  }

  get fetchTimeoutMs(): number {
    return this.settings.fetchTimeoutMs;
  }

  get state(): BreakerState {
    return this.breaker.state;
  }

  close(): Promise<void> {
    return this.caller.close();
  }

  /** Why nothing is sent now, or undefined. */
  private refusal(state: RequestState): FetchOutcome | undefined {
    const { socketsMax, fetchesWaitingMax } = this.settings;
    if (this.calls >= socketsMax + fetchesWaitingMax) return { code: 'SUBGRAPH_BUSY', detail: 'too many calls' };
    if (state.patience.leftMs() <= 0) return { code: 'SUBGRAPH_TIMEOUT', detail: 'no time left for this fetch' };
    if (!this.breaker.letThrough()) return { code: 'SUBGRAPH_UNAVAILABLE', detail: 'the breaker is open' };
    return undefined;
  }

  /** Sends a fetch; gives what cancels it. */
  send(fetch: SubgraphFetch, state: RequestState, done: (outcome: FetchOutcome) => void): () => void {
    const refusal = this.refusal(state);
    const { observer, clock, waits } = this.parts;
    if (refusal !== undefined) {
      observer.ended('skipped', 0);
      done(refusal);
      return () => undefined;
    }
    this.calls++;
    const startMs = clock.steadyMs();
    const { isShort } = this.usualWait;
    if (isShort) waits.begin(startMs);
    let cancel = (): void => undefined;
    const traced = state.trace?.fetch(this.subgraph);
    const attempt = (retriesLeft: number, isAgain: boolean): void => {
      const call = {
        body: fetch.body,
        headers: {
          ...this.passedTo(state).headers,
          ...traced?.headers,
          ...this.signer.sign(fetch.body, state, state.caller),
        },
        timeoutMs: Math.min(this.settings.fetchTimeoutMs, state.patience.leftMs()),
      };
      cancel = this.caller.call(
        call,
        (outcome) => {
          report(this.breaker, outcome);
          // A connection that the subgraph closed while it idled breaks before the first byte: a query is sent again.
          const again = isFailure(outcome) && outcome.failed === 'broken' && !outcome.answered && !fetch.isMutation;
          if (again && retriesLeft > 0 && state.patience.leftMs() > 0) {
            observer.retried();
            attempt(retriesLeft - 1, true);
            return;
          }
          const observed = isFailure(outcome) ? OBSERVED[outcome.failed] : 'ok';
          const tookMs = clock.steadyMs() - startMs;
          observer.ended(observed, tookMs);
          this.usualWait.note(tookMs);
          if (isShort) waits.end();
          traced?.ended(observed);
          this.conclude(fetch, outcome, done);
        },
        isAgain,
      );
    };
    attempt(this.settings.retries, false);
    return () => cancel();
  }

  private conclude(
    fetch: SubgraphFetch,
    outcome: CallAnswer | CallFailure,
    done: (outcome: FetchOutcome) => void,
  ): void {
    this.calls--;
    if (!isFailure(outcome)) {
      done(outcome);
      return;
    }
    const isUnknown = fetch.isMutation && outcome.sent;
    const code = isUnknown ? 'OUTCOME_UNKNOWN' : CODE_OF_FAILURE[outcome.failed];
    done({ code, detail: `${outcome.failed}: ${outcome.detail}` });
  }
}
