// READ FIRST. The steps of a request, in their order: receive → identify → admit → authorize → plan, fetch and respond
// (answerOperation.ts has those from admit on). Cheap checks come first; nothing is planned before it is measured,
// nothing is fetched before it is authorized. A step gives its result or a refusal, which is the answer.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { chargePoints, type Charge } from './admit/chargePoints.ts';
import { LIMITS } from './admit/limits.ts';
import { answerOperation, concludeFault, type AnswerParts } from './answerOperation.ts';
import type { Caller } from './caller.ts';
import { answerOf, concludeRefused, type Conclude, type Concluded } from './conclude.ts';
import type { Authenticate } from './identify/authenticate.ts';
import { checkMethod } from './receive/checkMethod.ts';
import { wantsPage, type IdeFile } from './receive/ide.ts';
import { readBody } from './receive/readBody.ts';
import { readGetRequest, readPostRequest } from './receive/readRequest.ts';
import { isRefusal, refuse, type ReceivedRequest, type Refusal, type RequestState } from './requestState.ts';
import { writeAccessLine } from './respond/accessLog.ts';
import { chooseMediaType, DEFAULT_MEDIA_TYPE, type MediaType } from './respond/mediaType.ts';
import { withHeaders, type HttpAnswer } from './respond/status.ts';
import type { RunningRequest } from './shareAnswers.ts';
import { answerInForm, httpWish, readStreamForm } from './stream/http/httpStream.ts';
import type { StreamForm } from './stream/http/streamForm.ts';

/** What the steps need. */
export interface ServerParts extends AnswerParts {
  readonly identify: Authenticate;
  /** When a caller's key, or the secret of it that was shown, ends; undefined for others. */
  readonly expiresAt: (caller: Caller) => Date | undefined;
  readonly ide: ((path: string) => Promise<IdeFile | undefined>) | undefined;
  readonly health: (path: string) => HttpAnswer | undefined;
  readonly isDraining: () => boolean;
  /** Whether a GET may come that a foreign web page could have sent. */
  readonly crossSiteAllowed: boolean;
}

/** The header by which a request asks for its plan and costs. */
export const EXPLAIN_HEADER = 'crm-explain';

/** How long before its end the holder of a key is told of it. */
const WARNED_BEFORE_MS = 30 * 86_400_000;

const BODY_LIMITS = {
  packedBytesMax: LIMITS.bodyPackedBytesMax.value,
  bytesMax: LIMITS.bodyBytesMax.value,
  timeoutMs: LIMITS.bodyTimeoutMs.value,
};

const GRAPH = { path: '/graphql', search: '' };

/** Where a request goes, and the search part of its address. */
function splitAddress(url: string | undefined): { readonly path: string; readonly search: string } {
  if (url === GRAPH.path) return GRAPH;
  const [path = '/', ...search] = (url ?? '/').split('?');
  return { path, search: search.join('?') };
}

/** What is wrong with a request before its caller is known. */
function checkHead(
  request: IncomingMessage,
  state: RequestState,
  { gate, crossSiteAllowed, isDraining }: ServerParts,
): Refusal | undefined {
  if (isDraining()) return refuse('DRAINING', undefined, { closing: true });
  const busy = gate.refuseEarly();
  if (busy !== undefined) return busy;
  if (request.rawHeaders.length / 2 > LIMITS.headerCountMax.value) {
    return refuse('HEADERS_TOO_LARGE', undefined, { closing: true });
  }
  if (request.headers[EXPLAIN_HEADER] !== undefined && state.explanation === undefined) {
    return refuse('EXPLAIN_FORBIDDEN', undefined, { closing: true });
  }
  return checkMethod(request.method, request.headers, crossSiteAllowed);
}

/** One request on its way through the steps. */
class Steps {
  private readonly request: IncomingMessage;
  private readonly media: MediaType | undefined;
  private readonly form: StreamForm | undefined;
  private readonly state: RequestState;
  private readonly parts: ServerParts;
  private readonly conclude: Conclude;

  constructor(request: IncomingMessage, state: RequestState, parts: ServerParts, conclude: Conclude) {
    this.request = request;
    this.form = readStreamForm(request.headers);
    this.media = chooseMediaType(request.headers.accept) ?? (this.form && DEFAULT_MEDIA_TYPE);
    this.state = state;
    this.parts = parts;
    this.conclude = conclude;
  }

  /** Receive the head, identify the caller. */
  begin(search: string): void {
    const { request, state, parts } = this;
    const refusal = checkHead(request, state, parts);
    if (refusal !== undefined) {
      this.refuse(refusal);
      return;
    }
    const startMs = parts.steps.end('receive', state.startMs, state);
    const head = { rawHeaders: request.rawHeaders, url: request.url ?? '/', address: state.address };
    const identified = parts.identify(head);
    const go = (caller: Caller | Refusal): void => {
      parts.steps.end('identify', startMs, state);
      this.identified(caller, search);
    };
    if (identified instanceof Promise) identified.then(this.guarded(go), (error: unknown) => this.fail(error));
    else go(identified);
  }

  private identified(caller: Caller | Refusal, search: string): void {
    const { request, state, parts } = this;
    if (isRefusal(caller)) {
      // The body has not been read, and is not worth it.
      this.refuse({ ...caller, closing: true });
      return;
    }
    state.caller = caller;
    if (caller.contract !== undefined && state.explanation !== undefined) {
      // A plan names fields that the contract hides.
      this.refuse(refuse('EXPLAIN_FORBIDDEN', undefined, { closing: true }));
    } else if (request.method === 'GET') this.received(readGetRequest(search), undefined);
    else
      readBody(
        request,
        BODY_LIMITS,
        parts.clock,
        this.guarded((body) => this.readBody(body)),
      );
  }

  /** Equal to a request that is being answered: that one's answer. Else a request of its own. */
  private readBody(body: string | Refusal): void {
    const { media, state, parts } = this;
    if (isRefusal(body)) {
      this.refuse(body);
      return;
    }
    const running = media && parts.sharing.find({ text: body, media }, state);
    if (running?.points === undefined) this.received(readPostRequest(body), body);
    else if (state.caller.limits === undefined) running.join(state, this.conclude);
    else this.joinCharged(running, running.points, body);
  }

  /** Who shares an answer pays for it all the same. */
  private joinCharged(running: RunningRequest, points: number, body: string): void {
    const { state, parts } = this;
    const go = (charge: Charge | Refusal): void => {
      if (isRefusal(charge)) this.refuse(charge);
      else if (running.points === undefined) {
        charge.settle(0);
        this.received(readPostRequest(body), body);
      } else {
        running.join(state, (concluded) => {
          const { came } = concluded;
          const report = charge.settle('text' in came ? came.actualPoints : 1);
          this.conclude(concluded, { report, headers: charge.headers() });
        });
      }
    };
    const charged = chargePoints(parts.points, state.caller, points);
    if (charged instanceof Promise) charged.then(this.guarded(go), (error: unknown) => this.fail(error));
    else go(charged);
  }

  /** Admit, authorize, plan, fetch, respond. */
  private received(received: ReceivedRequest | Refusal, text: string | undefined): void {
    const { request, media, form, state, parts } = this;
    const stream = form && httpWish(form, request.headers, parts.clock);
    if (isRefusal(received)) this.refuse(received);
    else if (media === undefined) this.refuse(refuse('NOT_ACCEPTABLE'));
    else void answerOperation({ received, text, media, stream }, state, parts, this.conclude);
  }

  private refuse(refusal: Refusal): void {
    this.conclude(concludeRefused(refusal, this.media, this.state));
  }

  private fail(error: unknown): void {
    this.conclude(concludeFault(error, this.state, this.parts));
  }

  private guarded<T>(go: (given: T) => void): (given: T) => void {
    return (given) => {
      try {
        go(given);
      } catch (error) {
        this.fail(error);
      }
    };
  }
}

async function answerPage(request: IncomingMessage, path: string, parts: ServerParts): Promise<HttpAnswer | undefined> {
  if (parts.ide === undefined || request.method !== 'GET') return undefined;
  if (!path.startsWith('/ide/') && !(path === '/' && wantsPage(request.headers))) return undefined;
  const file = await parts.ide(path);
  return file && { status: 200, ...file };
}

/** The answer of an address beside the graph: health, the page's files; undefined where there is nothing. */
function answerQuietly(
  request: IncomingMessage,
  path: string,
  parts: ServerParts,
): HttpAnswer | undefined | Promise<HttpAnswer | undefined> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return (isRead ? parts.health(path) : undefined) ?? answerPage(request, path, parts);
}

/** Tells what came of a request: one log line, the metrics, its trace. */
function tell({ outcome, codes, operation }: Concluded, status: number, state: RequestState, parts: ServerParts): void {
  const { observer } = parts;
  observer.requestEnded(outcome, status, state.elapsedMs());
  for (const code of codes) {
    if (outcome === 'refused') observer.refused(code);
    else observer.codeAnswered(code);
  }
  state.trace?.ended({ requestId: state.requestId, status, codes, operation });
  writeAccessLine(parts.log, state, { status, codes, operation });
}

/** Who uses a key or a secret that ends soon is told with every answer. */
function warnOfEnd(answer: HttpAnswer, caller: Caller, { expiresAt, clock }: ServerParts): HttpAnswer {
  const endsAt = caller.kind === 'key' ? expiresAt(caller) : undefined;
  if (endsAt === undefined || endsAt.getTime() - clock.now().getTime() > WARNED_BEFORE_MS) return answer;
  return withHeaders(answer, { 'crm-key-expires': endsAt.toISOString() });
}

/** Who takes nothing but streams gets a whole answer in their form; refusals are JSON with their status for all. */
function inAcceptedForm(answer: HttpAnswer, headers: IncomingHttpHeaders): HttpAnswer {
  if (answer.live !== undefined || answer.status !== 200 || headers.accept === undefined) return answer;
  if (chooseMediaType(headers.accept) !== undefined) return answer;
  const form = readStreamForm(headers);
  return form === undefined ? answer : answerInForm(form, answer);
}

/** Gives what ends a request: its answer goes to `done`, its line into the log, its use is counted. */
export function concludeFor(
  headers: IncomingHttpHeaders,
  state: RequestState,
  parts: ServerParts,
  done: (answer: HttpAnswer) => void,
): Conclude {
  return (concluded, cost) => {
    const answer = warnOfEnd(answerOf(concluded, cost), state.caller, parts);
    tell(concluded, answer.status, state, parts);
    if (concluded.used !== undefined) parts.usage.note(concluded.used, state.caller, headers);
    done(inAcceptedForm(answer, headers));
  };
}

/** Takes a request and its state; gives `done` the answer, once. */
export function answerRequest(
  request: IncomingMessage,
  state: RequestState,
  parts: ServerParts,
  done: (answer: HttpAnswer) => void,
): void {
  const { path, search } = splitAddress(request.url);
  const conclude = concludeFor(request.headers, state, parts, done);
  const answerLoudly = (): void => {
    parts.observer.requestBegan();
    try {
      if (path === GRAPH.path) new Steps(request, state, parts, conclude).begin(search);
      else conclude(concludeRefused(refuse('NOT_FOUND', undefined, { closing: true }), undefined, state));
    } catch (error) {
      conclude(concludeFault(error, state, parts));
    }
  };
  if (path === GRAPH.path) {
    answerLoudly();
    return;
  }
  Promise.resolve(answerQuietly(request, path, parts)).then(
    (quiet) => (quiet === undefined ? answerLoudly() : done(quiet)),
    (error: unknown) => conclude(concludeFault(error, state, parts)),
  );
}
