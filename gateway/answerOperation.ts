// From a received request and its caller to what it came to: the document that it means, its measure, then plan, fetch
// and respond on the graph of this moment. Other requests that are equal to it may join it meanwhile.
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { chooseOperation } from './admit/measureOperation.ts';
import { checkVariables } from './admit/measureVariables.ts';
import { resolveDocument, type DocumentStores } from './admit/resolveDocument.ts';
import { chargeRefused } from './admitOperation.ts';
import { concludeRefused, type Conclude, type Concluded, type ToldCost } from './conclude.ts';
import type { Observer } from './observe/observer.ts';
import { isRefusal, refuse } from './requestState.ts';
import type { GraphqlRequest, ReceivedRequest, Refusal, RequestState } from './requestState.ts';
import type { MediaType } from './respond/mediaType.ts';
import { statusOfExecuted } from './respond/status.ts';
import { runOperation, type PricedAnswer, type RunParts } from './runOperation.ts';
import type { ServedGraph } from './servedGraph.ts';
import type { AnswerSharing } from './shareAnswers.ts';
import { concludeStream, type StreamWish } from './stream/concludeStream.ts';
import type { OpenStreams } from './stream/openStreams.ts';

/** What answering needs. */
export interface AnswerParts extends RunParts {
  readonly streams: OpenStreams;
  readonly served: ServedGraph;
  readonly sharing: AnswerSharing;
  readonly documents: DocumentStores;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long after its deadline a request is given up, whatever its fetches do. */
const GRACE_MS = 1_000;

/** Something broke here: told in the log, and to the client by its request's id alone. */
export function concludeFault(
  error: unknown,
  state: RequestState,
  { log, observer }: Pick<AnswerParts, 'log' | 'observer'>,
): Concluded {
  log.error({ err: error, requestId: state.requestId }, 'fault');
  observer.faulted();
  const refusal = refuse('INTERNAL', undefined, { closing: true });
  return { ...concludeRefused(refusal, undefined, state), outcome: 'failed' };
}

/** Which document, which operation of it; is it affordable, and may it come this way? */
async function chooseDocument(
  received: ReceivedRequest,
  state: RequestState,
  documents: DocumentStores,
): Promise<GraphqlRequest | Refusal> {
  const resolving = resolveDocument(received, state.caller, documents);
  const document = resolving instanceof Promise ? await resolving : resolving;
  if (isRefusal(document)) return document;
  const operation = chooseOperation(document.query, received.operationName, document.isRegistered);
  if (isRefusal(operation)) return operation;
  state.operation = operation;
  if (received.method === 'GET' && operation.kind === 'mutation') {
    return refuse('METHOD_NOT_ALLOWED', 'A GET request runs no mutations.', { headers: { allow: 'POST' } });
  }
  return checkVariables(received.variables) ?? { ...received, ...document };
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

function concludeExecuted(answer: PricedAnswer, media: MediaType, state: RequestState): Concluded {
  const { hasData, codes, text, extensions, actualPoints, used } = answer;
  return {
    came: {
      status: statusOfExecuted(hasData, codes),
      contentType: media.contentType,
      text,
      extensions,
      actualPoints,
    },
    outcome: codes.size === 0 ? 'ok' : hasData ? 'partial' : 'failed',
    codes,
    operation: state.operation,
    used,
  };
}

/** What the caller is told of what it was charged with. */
function toldCost({ cost, costHeaders }: PricedAnswer, state: RequestState): ToldCost | undefined {
  return state.caller.limits === undefined ? undefined : { report: cost, headers: costHeaders };
}

/** Plan, fetch, respond. */
async function execute(
  asked: GraphqlRequest,
  state: RequestState,
  parts: AnswerParts,
  noteAdmitted: (points: number) => void,
): Promise<PricedAnswer | Refusal> {
  // The graph of this moment answers, from validation to the last byte.
  const work = parts.served.withGraph((graph) => runOperation(asked, graph, state, parts, noteAdmitted));
  const answer = await withinDeadline(work, state, parts.clock);
  if (isRefusal(answer)) return answer;
  if (answer === undefined || (state.patience.leftMs() <= 0 && !answer.hasData && state.operation?.kind === 'query')) {
    return refuse('DEADLINE_EXCEEDED');
  }
  return answer;
}

/** Where a request comes from: the body's text tells it from others, the form is that of its answer. */
export interface Asked {
  readonly received: ReceivedRequest;
  /** Undefined for what came in an address. */
  readonly text: string | undefined;
  readonly media: MediaType;
  /** How a subscription is sent; undefined where the client takes none. */
  readonly stream: StreamWish | undefined;
}

const NOTHING = (): void => undefined;

/** Takes a received request; gives `conclude` what it came to, once. Never rejects. */
export async function answerOperation(
  { received, text, media, stream }: Asked,
  state: RequestState,
  parts: AnswerParts,
  concludeOwn: Conclude,
): Promise<void> {
  const { sharing, steps, documents } = parts;
  let conclude = concludeOwn;
  let isMutation = false;
  try {
    const startMs = steps.begin();
    const asked = await chooseDocument(received, state, documents);
    steps.end('admit', startMs, state);
    if (isRefusal(asked)) {
      // Finding that out is work, too.
      conclude(concludeRefused(await chargeRefused(asked, state.caller, parts), media, state));
      return;
    }
    if (state.operation?.kind === 'subscription') {
      conclude(await concludeStream({ asked, media, wish: stream }, state, parts.streams));
      return;
    }
    isMutation = state.operation?.kind === 'mutation';
    const lead = isMutation || text === undefined ? undefined : sharing.lead({ text, media }, state, concludeOwn);
    if (isMutation) sharing.notePassing();
    if (lead !== undefined) conclude = lead.conclude;
    const own = lead === undefined ? state : { ...state, patience: lead.patience };
    const answer = await execute(asked, own, parts, lead?.noteAdmitted ?? NOTHING);
    if (isRefusal(answer)) conclude(concludeRefused(answer, media, state));
    else {
      conclude(concludeExecuted(answer, media, state), toldCost(answer, state));
      // The promises that it came through may have waited for long: they are old to the garbage collector, which would
      // keep what they hold until its next full run, although nobody needs it (a third of all that it moved).
      answer.text = '';
    }
  } catch (error) {
    conclude(concludeFault(error, state, parts));
  } finally {
    if (isMutation) sharing.notePassing();
  }
}
