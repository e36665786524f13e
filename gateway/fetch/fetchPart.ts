// One fetch of a plan, from request to checked answer: breaker, proof, call, one retry, check. Whatever a subgraph does,
// the outcome is data plus errors that name each missing field; nothing is thrown and nothing is silently null.
import { ERROR_CODES, type ErrorCodeName } from '../../contracts/errorCodes.ts';
import type { Clock } from '../../platform/clock.ts';
import type {
  AnswerError,
  DatabaseCommand,
  FetchPart,
  RequestState,
  SubgraphAnswer,
  SubgraphFetch,
} from '../requestState.ts';
import { openCaller, type CallAnswer, type CallFailure, type SubgraphCaller } from './callSubgraph.ts';
import { checkEntities, checkRootData } from './checkAnswer.ts';
import { CircuitBreaker, type BreakerState } from './circuitBreaker.ts';
import { failWhole, locateErrors, readErrors, type ErrorMask } from './partErrors.ts';
import { joinAnswers, representationsOf, splitFetch } from './representations.ts';
import { signRequest, type Signer } from './signRequest.ts';

/** What the fetch step needs to know. */
export interface FetchSettings {
  readonly signer: Signer;
  readonly fetchTimeoutMs: number;
  readonly socketsMax: number;
  readonly waitingMax: number;
  readonly answerBytesMax: number;
  readonly representationsMax: number;
  readonly errorsMax: number;
  readonly mask: ErrorMask;
  readonly clock: Clock;
}

/** The fetch step: sends fetches, knows how each subgraph does, and closes its connections. */
export interface Fetcher {
  readonly fetchPart: FetchPart;
  breakers(): Readonly<Record<string, BreakerState>>;
  close(): Promise<void>;
}

interface Link {
  readonly caller: SubgraphCaller;
  readonly breaker: CircuitBreaker;
  calls: number;
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

function isFailure(outcome: CallAnswer | CallFailure): outcome is CallFailure {
  return 'failed' in outcome;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMutation(fetch: SubgraphFetch): boolean {
  return fetch.document.startsWith('mutation');
}

function report(breaker: CircuitBreaker, outcome: CallAnswer | CallFailure): void {
  if (!isFailure(outcome)) breaker.reportAnswer();
  else if (outcome.failed === 'no-connection') breaker.reportNoConnection();
  else if (outcome.failed === 'pause') breaker.reportPause(outcome.pauseMs ?? 0);
  else if (outcome.failed === 'bad-answer' || outcome.failed === 'refused') breaker.reportAnswer();
  else breaker.reportNothing();
}

function readCommands(json: Record<string, unknown>): DatabaseCommand[] {
  const extensions = json['extensions'];
  const commands = isRecord(extensions) ? extensions['databaseCommands'] : undefined;
  if (!Array.isArray(commands)) return [];
  return commands.filter(isRecord).map((given) => ({
    command: String(given['command']).slice(0, 40),
    collection: String(given['collection']).slice(0, 100),
    ms: Number(given['ms']) || 0,
  }));
}

class Fetching implements Fetcher {
  private readonly settings: FetchSettings;
  private readonly links = new Map<string, Link>();
  private readonly names = new Map<string, string>();

  constructor(settings: FetchSettings) {
    this.settings = settings;
  }

  readonly fetchPart: FetchPart = async (fetch, state) => {
    const { representationsMax } = this.settings;
    const parts = splitFetch(fetch, representationsMax);
    const answers = await Promise.all(parts.map((part) => this.fetchOne(part, state)));
    return joinAnswers(answers, representationsMax);
  };

  breakers(): Record<string, BreakerState> {
    const states = [...this.names].map(([name, url]) => [name, this.linkTo(url).breaker.state] as const);
    return Object.fromEntries(states);
  }

  async close(): Promise<void> {
    await Promise.all([...this.links.values()].map((link) => link.caller.close()));
  }

  private linkTo(url: string): Link {
    const known = this.links.get(url);
    if (known !== undefined) return known;
    const caller = openCaller(url, this.settings, this.settings.clock);
    const link = { caller, breaker: new CircuitBreaker(this.settings.clock), calls: 0 };
    this.links.set(url, link);
    return link;
  }

  private async fetchOne(fetch: SubgraphFetch, state: RequestState): Promise<SubgraphAnswer> {
    this.names.set(fetch.subgraph, fetch.url);
    const link = this.linkTo(fetch.url);
    const fail = (code: ErrorCodeName, detail: string): SubgraphAnswer => {
      state.innerFaults.push({ subgraph: fetch.subgraph, code, detail: detail.slice(0, 300) });
      return failWhole(fetch, code, this.settings);
    };
    if (link.calls >= this.settings.socketsMax + this.settings.waitingMax)
      return fail('SUBGRAPH_BUSY', 'too many calls');
    if (state.patience.leftMs() <= 0) return fail('SUBGRAPH_TIMEOUT', 'no time left for this fetch');
    if (!link.breaker.letThrough()) return fail('SUBGRAPH_UNAVAILABLE', 'the breaker is open');
    link.calls++;
    try {
      const startMs = state.elapsedMs();
      const outcome = await this.callWithRetry(link, fetch, state);
      const ms = state.elapsedMs() - startMs;
      if (!isFailure(outcome)) return this.readAnswer(fetch, state, outcome, { startMs, ms });
      this.explain(fetch, state, undefined, { startMs, ms });
      const unknown = isMutation(fetch) && outcome.sent;
      return fail(
        unknown ? 'OUTCOME_UNKNOWN' : CODE_OF_FAILURE[outcome.failed],
        `${outcome.failed}: ${outcome.detail}`,
      );
    } finally {
      link.calls--;
    }
  }

  private async callWithRetry(
    link: Link,
    fetch: SubgraphFetch,
    state: RequestState,
  ): Promise<CallAnswer | CallFailure> {
    const { document: query, variables, operationName } = fetch;
    const body = JSON.stringify({ query, variables, ...(operationName !== undefined && { operationName }) });
    const call = async (): Promise<CallAnswer | CallFailure> => {
      const outcome = await link.caller.call({
        body,
        headers: signRequest(this.settings.signer, fetch.subgraph, body, state),
        timeoutMs: Math.min(this.settings.fetchTimeoutMs, state.patience.leftMs()),
        signal: isMutation(fetch) ? undefined : state.patience.clientGone,
      });
      report(link.breaker, outcome);
      return outcome;
    };
    const first = await call();
    // A connection that the subgraph closed while it idled breaks before the first byte: a query is simply sent again.
    const again = isFailure(first) && first.failed === 'broken' && !first.answered && !isMutation(fetch);
    return again && state.patience.leftMs() > 0 ? call() : first;
  }

  private readAnswer(fetch: SubgraphFetch, state: RequestState, answer: CallAnswer, time: Time): SubgraphAnswer {
    this.explain(fetch, state, answer, time);
    const { json } = answer;
    const given = isRecord(json) ? json : {};
    const errors = readErrors(given['errors'], fetch, this.settings, state);
    const data = given['data'];
    const representations = representationsOf(fetch);
    const entities = isRecord(data) ? data['_entities'] : undefined;
    const isWhole =
      representations.length === 0
        ? isRecord(data)
        : Array.isArray(entities) && entities.length === representations.length;
    if (!isWhole) return this.missing(fetch, state, errors);
    const paths = errors.map((error) => error.path ?? []);
    const shape = fetch.shapes(fetch.document);
    const types = representations.map((representation) => representation['__typename']);
    const entityShape = shape.find((field) => field.key === '_entities')?.value.fields ?? [];
    const checked =
      Array.isArray(entities) && representations.length > 0
        ? checkEntities(entities, types, entityShape, paths)
        : checkRootData(data as Record<string, unknown>, shape, paths);
    for (const fault of checked.faults.slice(0, 5)) {
      const detail = `${fault.path.join('.')}: ${fault.reason}`;
      state.innerFaults.push({ subgraph: fetch.subgraph, code: 'SUBGRAPH_BAD_ANSWER', detail });
    }
    const wrong = checked.faults.slice(0, this.settings.errorsMax).map((fault): AnswerError => {
      const message = `${String(fault.path.at(-1))}: ${ERROR_CODES.SUBGRAPH_BAD_ANSWER.meaning}`;
      return { message, path: fault.path, extensions: { code: 'SUBGRAPH_BAD_ANSWER' } };
    });
    const located = representations.length === 0 ? locateErrors(errors, checked.data ?? {}) : errors;
    return { data: checked.data, errors: [...located, ...wrong] };
  }

  /** Data that is not there at all: the subgraph's own errors where it gave some, and each field that is missing. */
  private missing(fetch: SubgraphFetch, state: RequestState, errors: readonly AnswerError[]): SubgraphAnswer {
    const detail = 'the answer has no data of the asked shape';
    if (errors.length === 0) state.innerFaults.push({ subgraph: fetch.subgraph, code: 'SUBGRAPH_BAD_ANSWER', detail });
    const code = errors[0]?.extensions.code ?? (isMutation(fetch) ? 'OUTCOME_UNKNOWN' : 'SUBGRAPH_BAD_ANSWER');
    const located = errors.filter((error) => error.path !== undefined && error.path.length > 0);
    const whole = failWhole(fetch, code, this.settings, errors[0]?.message);
    return located.length > 0 && representationsOf(fetch).length === 0
      ? {
          data: null,
          errors: [
            ...located,
            ...whole.errors.filter((error) => !located.some((own) => own.path?.[0] === error.path?.[0])),
          ],
        }
      : whole;
  }

  private explain(fetch: SubgraphFetch, state: RequestState, answer: CallAnswer | undefined, time: Time): void {
    state.explanation?.fetches.push({
      subgraph: fetch.subgraph,
      path: fetch.path,
      startMs: time.startMs,
      ms: time.ms,
      representations: representationsOf(fetch).length,
      bytes: answer?.bytes ?? 0,
      databaseCommands: isRecord(answer?.json) ? readCommands(answer.json) : [],
    });
  }
}

interface Time {
  readonly startMs: number;
  readonly ms: number;
}

/** Opens the fetch step; one for the life of the process, whatever supergraph is served. */
export function openFetcher(settings: FetchSettings): Fetcher {
  return new Fetching(settings);
}
