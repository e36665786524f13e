// The socket side of the gateway: node:http with every time and size set, a state for each request, answers written,
// and a drain that answers whatever was accepted.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorCodeName } from '../contracts/errorCodes.ts';
import type { Clock } from '../platform/clock.ts';
import { Fifo } from '../platform/fifo.ts';
import type { Log } from '../platform/log.ts';
import { LIMITS } from './admit/limits.ts';
import type { Tracer } from './observe/requestTrace.ts';
import { NOBODY } from './identify/keyCaller.ts';
import { ClientPatience } from './patience.ts';
import { ClientRequest } from './receive/clientRequest.ts';
import { passedHeaders } from './receive/passedHeaders.ts';
import { REQUEST_ID_HEADER, requestIdOf } from './receive/requestId.ts';
import { refuse, type Patience, type RequestState } from './requestState.ts';
import { answerRefusal, bodyBytes, COMMON_HEADERS, type HttpAnswer } from './respond/status.ts';
import { EXPLAIN_HEADER } from './server.ts';

/** How the gateway listens. */
export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  /** Whether other processes of ours listen on the same port. */
  readonly portShared: boolean;
  readonly requestTimeoutMs: number;
  readonly explainAllowed: boolean;
  /** Names of the client's headers that some subgraph gets, in lower case. */
  readonly passedNames: readonly string[];
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly log: Log;
  readonly answer: (request: IncomingMessage, state: RequestState, done: (answer: HttpAnswer) => void) => void;
  /** Takes a request for a WebSocket. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** A gateway that listens. */
export interface Listener {
  readonly url: string;
  /** Takes no new connection, ends when every accepted request is answered or the time is over. */
  drain(timeoutMs: number): Promise<void>;
}

/** How much of a body that nobody wants is still read, so that the client sees the answer and not a reset. */
const LINGER_BYTES_MAX = 4_194_304;
const LINGER_MS = 1_000;

function openState(
  request: IncomingMessage,
  patience: Patience,
  startMs: number,
  settings: ListenSettings,
): RequestState {
  const explains = settings.explainAllowed && request.headers[EXPLAIN_HEADER] === '1';
  return {
    requestId: requestIdOf(request.headers[REQUEST_ID_HEADER]),
    patience,
    caller: NOBODY,
    address: request.socket.remoteAddress,
    passed: passedHeaders(settings.passedNames, request.headers),
    startMs,
    elapsedMs: () => settings.clock.steadyMs() - startMs,
    explanation: explains
      ? { plan: undefined, isPlanKnown: undefined, fetches: [], recalled: [], steps: [] }
      : undefined,
    innerFaults: [],
    operation: undefined,
    trace: settings.tracer.begin(request.headers, startMs),
  };
}

/** Reads and drops what still comes, within bounds, then closes: an unread body would turn the answer into a reset. */
function linger(request: IncomingMessage, clock: Clock): void {
  if (request.complete) return;
  let bytes = 0;
  const { socket } = request;
  const cancel = clock.after(LINGER_MS, () => socket.destroy());
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES_MAX) socket.destroy();
  });
  request.once('close', cancel);
  request.resume();
}

const COMMON_HEADER_LIST = Object.entries(COMMON_HEADERS);

interface WriteSettings {
  readonly clock: Clock;
  readonly requestId: string;
  readonly patience: Patience;
}

/** Ends a connection whose client does not take its answer, or takes it too slowly: it holds the answer's memory. */
function boundTaking(response: ServerResponse, patience: Patience, clock: Clock): void {
  if (response.socket?.writableLength === 0) return;
  // Without a listener for it, node:http destroys the socket when no byte was taken for so long; the time starts anew
  // with each that is.
  response.setTimeout(LIMITS.answerStalledMs.value);
  const cancel = clock.after(patience.leftMs() + LIMITS.answerTakenMs.value, () => response.destroy());
  response.once('close', cancel);
}

/** What is the same for all who get an answer, as one flat list: node:http need not look through it again. */
function headOf(answer: HttpAnswer): readonly string[] {
  if (answer.head !== undefined) return answer.head;
  const { headers, body, closing } = answer;
  const head = answer.live === undefined ? ['content-length', String(bodyBytes(body))] : [];
  for (const [name, value] of COMMON_HEADER_LIST) if (!Object.hasOwn(headers, name)) head.push(name, value);
  for (const name in headers) head.push(name, headers[name] ?? '');
  if (closing === true) head.push('connection', 'close');
  answer.head = head;
  return head;
}

function write(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer, settings: WriteSettings): void {
  if (response.destroyed) {
    // The client left while it was admitted: a stream gives its place back.
    answer.live?.(response);
    return;
  }
  const { clock, patience, requestId } = settings;
  const { body } = answer;
  response.writeHead(answer.status, [REQUEST_ID_HEADER, requestId, ...headOf(answer)]);
  if (answer.closing === true) linger(request, clock);
  if (answer.live !== undefined) {
    answer.live(response);
    return;
  }
  if (request.method === 'HEAD') response.end();
  else if ('ascii' in body) response.end(body.ascii, 'latin1');
  else response.end(body);
  boundTaking(response, patience, clock);
}

/** A response that is still to come, with the id of its request. */
interface OpenResponse {
  readonly response: ServerResponse;
  readonly requestId: string;
}

const CODE_OF_BROKEN: Readonly<Record<string, ErrorCodeName>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

/** Bytes that are no request, or end one in its middle: the answer to them, with a log line of its own, and the end. */
function answerBroken(
  error: Error & { code?: string },
  socket: Socket,
  open: Fifo<OpenResponse>,
  settings: Pick<ListenSettings, 'log'>,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const waiting = open.places().flatMap(({ value }) => (value.response.req.socket === socket ? [value] : []));
  if (waiting.some(({ response }) => response.req.complete)) {
    // What is broken came behind a whole request: its answer comes first, and must not be taken for this one's.
    for (const { response } of waiting) if (!response.headersSent) response.setHeader('connection', 'close');
    return;
  }
  const code = CODE_OF_BROKEN[error.code ?? ''] ?? 'BAD_REQUEST';
  const { status, headers, body } = answerRefusal(refuse(code));
  const [begun] = waiting;
  const requestId = begun?.requestId ?? requestIdOf(undefined);
  // A request whose body broke off has its line already, or will.
  if (begun === undefined) settings.log.info({ requestId, status, codes: [code] }, 'request');
  const head = {
    ...COMMON_HEADERS,
    ...headers,
    [REQUEST_ID_HEADER]: requestId,
    'content-length': bodyBytes(body),
    connection: 'close',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  socket.write(`HTTP/1.1 ${status} Refused\r\n${lines.join('\r\n')}\r\n\r\n`);
  socket.end('ascii' in body ? body.ascii : body);
}

function drainServer(server: Server, open: Fifo<OpenResponse>, timeoutMs: number, clock: Clock): Promise<void> {
  return new Promise((done) => {
    const cancel = clock.after(timeoutMs, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      done();
    });
    // Answers that are still to come close their connection; those that wait for nothing are closed now.
    for (const { value } of open.places()) {
      if (!value.response.headersSent) value.response.setHeader('connection', 'close');
    }
    server.closeIdleConnections();
  });
}

/** Starts to listen; gives the address and what drains it. Rejects where the port is taken. */
export async function listen(settings: ListenSettings): Promise<Listener> {
  const { clock, host } = settings;
  const open = new Fifo<OpenResponse>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const startMs = clock.steadyMs();
    const patience = new ClientPatience(startMs, settings.requestTimeoutMs, clock);
    const state = openState(request, patience, startMs, settings);
    const { requestId } = state;
    const place = open.push({ response, requestId });
    response.on('close', () => {
      open.remove(place);
      if (!response.writableFinished) patience.leave();
    });
    settings.answer(request, state, (answer) => {
      try {
        write(request, response, answer, { clock, requestId, patience });
      } catch (error) {
        settings.log.error({ err: error, requestId }, 'fault');
        response.destroy();
        answer.live?.(response);
      }
    });
  };
  const server = createServer(
    {
      IncomingMessage: ClientRequest,
      maxHeaderSize: LIMITS.headerBytesMax.value,
      headersTimeout: LIMITS.headersTimeoutMs.value,
      requestTimeout: LIMITS.headersTimeoutMs.value + LIMITS.bodyTimeoutMs.value,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 65_000,
      requireHostHeader: false,
      // Whoever offers another protocol, as curl does HTTP/2, is answered in this one.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    onRequest,
  );
  // Node would answer these itself, without a code and a line in the log.
  server.on('checkExpectation', onRequest);
  server.on('upgrade', (request, socket, head) => settings.upgrade(request, socket, head));
  server.maxHeadersCount = LIMITS.headerCountMax.value + 1;
  server.on('clientError', (error, socket) => answerBroken(error, socket as Socket, open, settings));
  await new Promise<void>((ready, fail) => {
    server.once('error', fail);
    server.listen({ port: settings.port, host, reusePort: settings.portShared }, () => ready());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    drain: (timeoutMs) => drainServer(server, open, timeoutMs, clock),
  };
}
