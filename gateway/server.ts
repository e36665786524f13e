// READ FIRST. The steps of a request, in their order: receive → admit → plan, fetch and respond. Cheap checks come
// first; nothing is planned before it is measured. A step gives its result or a refusal, which is the answer.
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { LIMITS } from './admit/limits.ts';
import { chooseOperation } from './admit/measureOperation.ts';
import { checkVariables } from './admit/measureVariables.ts';
import type { Gate } from './admit/shedLoad.ts';
import type { Observer } from './observe/observer.ts';
import type { StepClock } from './observe/stepClock.ts';
import { checkMethod } from './receive/checkMethod.ts';
import { wantsPage, type IdeFile } from './receive/ide.ts';
import { readBody } from './receive/readBody.ts';
import { readGetRequest, readPostRequest } from './receive/readRequest.ts';
import { isRefusal, refuse, type GraphqlRequest, type Refusal, type RequestState } from './requestState.ts';
import { writeAccessLine } from './respond/accessLog.ts';
import { chooseMediaType, type MediaType } from './respond/mediaType.ts';
import { answerRefusal, bodyBytes, statusOfExecuted, type HttpAnswer } from './respond/status.ts';
import { runOperation } from './runOperation.ts';
import type { ServedGraph } from './servedGraph.ts';
import type { AnswerSharing, Conclude, Concluded } from './shareAnswers.ts';

/** What the steps need. */
export interface ServerParts {
  readonly served: ServedGraph;
  readonly gate: Gate;
  readonly sharing: AnswerSharing;
  readonly observer: Observer;
  readonly steps: StepClock;
  readonly ide: ((path: string) => Promise<IdeFile | undefined>) | undefined;
  readonly health: (path: string) => HttpAnswer | undefined;
  readonly isDraining: () => boolean;
  /** Whether a GET may come that a foreign web page could have sent. */
  readonly crossSiteAllowed: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** The header by which a request asks for its plan and costs. */
export const EXPLAIN_HEADER = 'crm-explain';
/** How long after its deadline a request is given up, whatever its fetches do. */
const GRACE_MS = 1_000;

const BODY_LIMITS = {
  packedBytesMax: LIMITS.bodyPackedBytesMax.value,
  bytesMax: LIMITS.bodyBytesMax.value,
  timeoutMs: LIMITS.bodyTimeoutMs.value,
};

/** Where a request goes, and the search part of its address. */
function splitAddress(url: string | undefined): { path: string; search: string } {
  const [path = '/', ...search] = (url ?? '/').split('?');
  return { path, search: search.join('?') };
}

/** What is wrong with a request before its body is read. */
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

/** Admit: is this operation affordable, and may it come this way? */
function admit(asked: GraphqlRequest, state: RequestState): Refusal | undefined {
  const operation = chooseOperation(asked.query, asked.operationName);
  if (isRefusal(operation)) return operation;
  state.operation = operation;
  if (asked.method === 'GET' && operation.kind !== 'query') {
    return refuse('METHOD_NOT_ALLOWED', 'A GET request runs queries alone.', { headers: { allow: 'POST' } });
  }
  if (operation.kind === 'subscription') return refuse('BAD_REQUEST', 'Subscriptions are not served.');
  return checkVariables(asked.variables);
}

/** Gives what comes first: the answer, or undefined once the deadline and its grace have passed. */
async function withinDeadline<T>(answer: Promise<T>, state: RequestState, clock: Clock): Promise<T | undefined> {
  let cancel = (): void => undefined;
  const late = new Promise<undefined>((give) => {
    cancel = clock.after(state.patience.leftMs() + GRACE_MS, () => give(undefined));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}

/** Plan, fetch, respond. */
async function execute(
  asked: GraphqlRequest,
  media: MediaType,
  state: RequestState,
  parts: ServerParts,
): Promise<HttpAnswer | Refusal> {
  // The graph of this moment answers, from validation to the last byte.
  const work = parts.served.withGraph((graph) => runOperation(asked, graph, state, parts));
  const answer = await withinDeadline(work, state, parts.clock);
  if (isRefusal(answer)) return answer;
  if (answer === undefined || (state.patience.leftMs() <= 0 && !answer.hasData && state.operation?.kind === 'query')) {
    return refuse('DEADLINE_EXCEEDED');
  }
  for (const code of answer.codes) state.codes.add(code);
  state.outcome = answer.codes.size === 0 ? 'ok' : answer.hasData ? 'partial' : 'failed';
  const { body } = answer;
  if (bodyBytes(body) > LIMITS.responseBytesMax.value) return refuse('ANSWER_TOO_LARGE');
  const status = statusOfExecuted(answer.hasData, answer.codes);
  return { status, headers: { 'content-type': media.contentType }, body };
}

/** What a request came to that was refused. */
function concludeRefused(refusal: Refusal, media: MediaType | undefined, state: RequestState): Concluded {
  return {
    answer: answerRefusal(refusal, media),
    outcome: 'refused',
    codes: new Set([refusal.refused]),
    operation: state.operation,
  };
}

/** Admit, plan, fetch, respond. */
async function answerOperation(
  asked: GraphqlRequest,
  text: string | undefined,
  media: MediaType,
  state: RequestState,
  parts: ServerParts,
  conclude: Conclude,
): Promise<void> {
  const startMs = parts.steps.begin();
  const refusal = admit(asked, state);
  parts.steps.end('admit', startMs, state);
  const isMutation = state.operation?.kind === 'mutation';
  const isJoinable = refusal === undefined && text !== undefined && !isMutation;
  const lead = isJoinable
    ? parts.sharing.lead({ text, media }, state, conclude)
    : { patience: state.patience, conclude };
  const own = isJoinable ? { ...state, patience: lead.patience } : state;
  if (isMutation) parts.sharing.notePassingMutation();
  try {
    const answer = refusal ?? (await execute(asked, media, own, parts));
    if (isRefusal(answer)) lead.conclude(concludeRefused(answer, media, state));
    else lead.conclude({ answer, outcome: own.outcome, codes: own.codes, operation: state.operation });
  } catch (error) {
    lead.conclude(concludeFault(error, state, parts));
  } finally {
    if (isMutation) parts.sharing.notePassingMutation();
  }
}

/** Something broke here: told in the log, and to the client by its request's id alone. */
function concludeFault(error: unknown, state: RequestState, { log, observer }: ServerParts): Concluded {
  log.error({ err: error, requestId: state.requestId }, 'fault');
  observer.faulted();
  const refusal = refuse('INTERNAL', undefined, { closing: true });
  return { ...concludeRefused(refusal, undefined, state), outcome: 'failed' };
}

/** Receive: bytes → a GraphQL request; one that equals another which is being answered gets that one's answer. */
function answerGraphql(
  request: IncomingMessage,
  search: string,
  state: RequestState,
  parts: ServerParts,
  conclude: Conclude,
): void {
  const media = chooseMediaType(request.headers.accept);
  const refuseWith = (refusal: Refusal): void => conclude(concludeRefused(refusal, media, state));
  const refusal = checkHead(request, state, parts);
  if (refusal !== undefined) {
    refuseWith(refusal);
    return;
  }
  const proceed = (asked: GraphqlRequest | Refusal, text: string | undefined): void => {
    parts.steps.end('receive', state.startMs, state);
    if (isRefusal(asked)) refuseWith(asked);
    else if (media === undefined) refuseWith(refuse('NOT_ACCEPTABLE'));
    else void answerOperation(asked, text, media, state, parts, conclude);
  };
  if (request.method === 'GET') {
    proceed(readGetRequest(search), undefined);
    return;
  }
  readBody(request, BODY_LIMITS, parts.clock, (body) => {
    try {
      if (isRefusal(body)) proceed(body, undefined);
      else if (media === undefined || !parts.sharing.join({ text: body, media }, state, conclude)) {
        proceed(readPostRequest(body), body);
      }
    } catch (error) {
      conclude(concludeFault(error, state, parts));
    }
  });
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
function tell({ answer, outcome, codes, operation }: Concluded, state: RequestState, parts: ServerParts): void {
  const { status } = answer;
  const { observer } = parts;
  observer.requestEnded(outcome, status, state.elapsedMs());
  for (const code of codes) {
    if (outcome === 'refused') observer.refused(code);
    else observer.codeAnswered(code);
  }
  state.trace?.ended({ requestId: state.requestId, status, codes, operation });
  writeAccessLine(parts.log, state, { status, codes, operation });
}

/** Takes a request and its state; gives `done` the answer, once. */
export function answerRequest(
  request: IncomingMessage,
  state: RequestState,
  parts: ServerParts,
  done: (answer: HttpAnswer) => void,
): void {
  const { path, search } = splitAddress(request.url);
  const conclude = (concluded: Concluded): void => {
    tell(concluded, state, parts);
    done(concluded.answer);
  };
  const answerLoudly = (): void => {
    parts.observer.requestBegan();
    try {
      if (path === '/graphql') answerGraphql(request, search, state, parts, conclude);
      else conclude(concludeRefused(refuse('NOT_FOUND', undefined, { closing: true }), undefined, state));
    } catch (error) {
      conclude(concludeFault(error, state, parts));
    }
  };
  if (path === '/graphql') {
    answerLoudly();
    return;
  }
  Promise.resolve(answerQuietly(request, path, parts)).then(
    (quiet) => (quiet === undefined ? answerLoudly() : done(quiet)),
    (error: unknown) => conclude(concludeFault(error, state, parts)),
  );
}
