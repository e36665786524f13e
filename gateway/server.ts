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
import { answerRefusal, statusOfExecuted, type HttpAnswer } from './respond/status.ts';
import { runOperation } from './runOperation.ts';
import type { ServedGraph } from './servedGraph.ts';
import type { RunSharing } from './shareRun.ts';

/** What the steps need. */
export interface ServerParts {
  readonly served: ServedGraph;
  readonly gate: Gate;
  readonly runs: RunSharing;
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

/** Receive: bytes → a GraphQL request. */
async function receive(
  request: IncomingMessage,
  search: string,
  state: RequestState,
  { clock, crossSiteAllowed }: ServerParts,
): Promise<GraphqlRequest | Refusal> {
  if (request.rawHeaders.length / 2 > LIMITS.headerCountMax.value) {
    return refuse('HEADERS_TOO_LARGE', undefined, { closing: true });
  }
  if (request.headers[EXPLAIN_HEADER] !== undefined && state.explanation === undefined) {
    return refuse('EXPLAIN_FORBIDDEN', undefined, { closing: true });
  }
  const refusal = checkMethod(request.method, request.headers, crossSiteAllowed);
  if (refusal !== undefined) return refusal;
  if (request.method === 'GET') return readGetRequest(search);
  const body = await readBody(request, BODY_LIMITS, clock);
  return isRefusal(body) ? body : readPostRequest(body);
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
  if (body.length > LIMITS.responseBytesMax.value) return refuse('ANSWER_TOO_LARGE');
  const status = statusOfExecuted(answer.hasData, answer.codes);
  return { status, headers: { 'content-type': media.contentType }, body };
}

async function runSteps(
  request: IncomingMessage,
  search: string,
  media: MediaType | undefined,
  state: RequestState,
  parts: ServerParts,
): Promise<HttpAnswer | Refusal> {
  if (parts.isDraining()) return refuse('DRAINING', undefined, { closing: true });
  const busy = parts.gate.refuseEarly();
  if (busy !== undefined) return busy;
  const asked = await receive(request, search, state, parts);
  const startMs = parts.steps.end('receive', state.startMs, state);
  if (isRefusal(asked)) return asked;
  if (media === undefined) return refuse('NOT_ACCEPTABLE');
  const refusal = admit(asked, state);
  parts.steps.end('admit', startMs, state);
  return refusal ?? execute(asked, media, state, parts);
}

async function answerGraphql(
  request: IncomingMessage,
  search: string,
  state: RequestState,
  parts: ServerParts,
): Promise<HttpAnswer> {
  const media = chooseMediaType(request.headers.accept);
  const outcome = await runSteps(request, search, media, state, parts);
  if (!isRefusal(outcome)) return outcome;
  state.outcome = 'refused';
  state.codes.clear();
  state.codes.add(outcome.refused);
  return answerRefusal(outcome, media);
}

async function answerPage(request: IncomingMessage, path: string, parts: ServerParts): Promise<HttpAnswer | undefined> {
  if (parts.ide === undefined || request.method !== 'GET') return undefined;
  if (!path.startsWith('/ide/') && !(path === '/' && wantsPage(request.headers))) return undefined;
  const file = await parts.ide(path);
  return file && { status: 200, ...file };
}

/** Takes a request and its state; gives the answer. Writes one log line, except for health and the page's files. */
export async function answerRequest(
  request: IncomingMessage,
  state: RequestState,
  parts: ServerParts,
): Promise<HttpAnswer> {
  const { path, search } = splitAddress(request.url);
  const quiet = parts.health(path) ?? (await answerPage(request, path, parts));
  if (quiet !== undefined) return quiet;
  parts.observer.requestBegan();
  const answer = await answerLoudly(request, { path, search }, state, parts);
  observeAnswer(state, answer.status, parts.observer);
  writeAccessLine(parts.log, state, answer.status);
  return answer;
}

/** Tells what came of a request. */
function observeAnswer(state: RequestState, status: number, observer: Observer): void {
  observer.requestEnded(state.outcome, status, state.elapsedMs());
  for (const code of state.codes) {
    if (state.outcome === 'refused') observer.refused(code);
    else observer.codeAnswered(code);
  }
  state.trace?.ended({ ...state, status });
}

async function answerLoudly(
  request: IncomingMessage,
  { path, search }: { path: string; search: string },
  state: RequestState,
  parts: ServerParts,
): Promise<HttpAnswer> {
  try {
    if (path === '/graphql') return await answerGraphql(request, search, state, parts);
    state.codes.add('NOT_FOUND');
    return answerRefusal(refuse('NOT_FOUND', undefined, { closing: true }));
  } catch (error) {
    parts.log.error({ err: error, requestId: state.requestId }, 'fault');
    parts.observer.faulted();
    state.outcome = 'failed';
    state.codes.add('INTERNAL');
    return answerRefusal(refuse('INTERNAL', undefined, { closing: true }));
  }
}
