// WebSockets at /graphql, by the protocol graphql-transport-ws. The only file that imports ws and graphql-ws: the first
// speaks WebSocket, the second the protocol on it, whose every wrong step closes the socket with a code of its own.
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { buildSchema, GraphQLError, parse, type ExecutionArgs } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { LIMITS } from '../../admit/limits.ts';
import { isFields } from '../../compiledOperation.ts';
import { refuse, type Refusal } from '../../requestState.ts';
import { answerRefusal, bodyBytes } from '../../respond/status.ts';
import { StreamPlaces } from '../streamPlaces.ts';
import type { SocketParts } from './socketParts.ts';
import { SocketSession, type SocketAnswer } from './socketSession.ts';

/** The sockets of this process. */
export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes all: the client opens another, elsewhere. */
  stop(): void;
}

const PATH = '/graphql';
const GOING_AWAY = 1001;
const BAD_REQUEST = 4400;
const SCHEMA = buildSchema('type Query { it: Int } type Subscription { it: Int }');
const QUERY = parse('{ it }');
const SUBSCRIPTION = parse('subscription { it }');

/** What the library hands from one hook to the next. */
interface Answered extends ExecutionArgs {
  readonly answered: SocketAnswer;
}

function isOwnPage(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** What is wrong with a request for a socket: cheap, and before anything is held for it. */
function checkUpgrade(request: IncomingMessage, open: number, parts: SocketParts): Refusal | undefined {
  const { headers } = request;
  const { origin } = headers;
  if (request.url?.split('?')[0] !== PATH) return refuse('NOT_FOUND');
  if (parts.isDraining()) return refuse('DRAINING');
  if (request.rawHeaders.length / 2 > LIMITS.headerCountMax.value) return refuse('HEADERS_TOO_LARGE');
  const isAllowed =
    origin === undefined || isOwnPage(origin, headers.host) || parts.origins.has(origin) || parts.origins.has('*');
  if (!isAllowed) return refuse('CROSS_SITE_REQUEST', 'Pages of this origin may not open a WebSocket here.');
  return open >= LIMITS.streamsMax.value ? refuse('OVERLOADED') : parts.gate.refuseEarly();
}

function answerRefused(refusal: Refusal, socket: Duplex): void {
  const { status, headers, body } = answerRefusal(refusal);
  const all = { ...headers, 'content-length': String(bodyBytes(body)), connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  // Else whoever leaves its side open would hold the connection for ever.
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${'ascii' in body ? body.ascii : String(body)}`,
  );
}

/** What would poison a prototype is no message. */
function refusePoison(key: string, value: unknown): unknown {
  const isPoison =
    key === '__proto__' || (key === 'constructor' && isFields(value) && Object.hasOwn(value, 'prototype'));
  if (isPoison) throw new Error('a forbidden key');
  return value;
}

function sendOn(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) resolve();
    // Resolves when the bytes are out: the next message waits for that. What failed is over with the socket.
    else socket.send(data, () => resolve());
  });
}

function openProtocol() {
  return makeServer<Record<string, unknown>, SocketSession>({
    connectionInitWaitTimeout: LIMITS.socketInitMs.value,
    jsonMessageReviver: refusePoison,
    onConnect: ({ connectionParams, extra }) => extra.identify(connectionParams ?? {}),
    async onSubscribe({ extra }, id, payload) {
      const answered = await extra.run(id, payload);
      if ('errors' in answered) {
        return answered.errors.map(({ message, path, extensions }) => {
          const said = isFields(extensions) ? extensions : {};
          return new GraphQLError(String(message), { extensions: said, path: Array.isArray(path) ? path : null });
        });
      }
      const document = 'stream' in answered ? SUBSCRIPTION : QUERY;
      return { schema: SCHEMA, document, answered } as Answered;
    },
    subscribe: (given) => {
      const { answered } = given as Answered;
      if ('stream' in answered) return answered.stream as never;
      throw new Error('a query is no stream');
    },
    execute: (given) => {
      const { answered } = given as Answered;
      if ('result' in answered) return answered.result as never;
      throw new Error('a stream is no query');
    },
    // It is JSON already, as its answer would be over HTTP.
    onNext: (_context, _id, _payload, _given, result) => result as never,
  });
}

/** Gives what accepts sockets. */
export function acceptSockets(parts: SocketParts): Sockets {
  const { clock, log } = parts;
  const sessions = new Set<SocketSession>();
  const places = new StreamPlaces({ perCallerMax: LIMITS.streamsPerCallerMax.value, max: LIMITS.streamsMax.value });
  const protocol = openProtocol();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.socketMessageBytesMax.value,
    handleProtocols,
  });
  // The library would answer with a page.
  server.on('wsClientError', (_error, socket) =>
    answerRefused(refuse('BAD_REQUEST', 'This is no handshake of a WebSocket (RFC 6455).'), socket),
  );
  const accept = (socket: WebSocket, request: IncomingMessage): void => {
    const session = new SocketSession(socket, request, parts, places);
    sessions.add(session);
    socket.on('error', () => undefined);
    socket.on('pong', () => (session.isAlive = true));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => sendOn(socket, data),
        close: (code, reason) => session.close(code ?? GOING_AWAY, reason ?? ''),
        onMessage(take) {
          socket.on('message', (data: Buffer, isBinary) => {
            const text = data.toString();
            if (isBinary) session.close(BAD_REQUEST, 'Invalid message received');
            else if (session.admits(text)) {
              take(text).catch((error: unknown) => {
                log.warn({ err: error }, 'a WebSocket message could not be taken');
                session.close(BAD_REQUEST, 'Invalid message received');
              });
            }
          });
        },
      },
      session,
    );
    socket.once('close', (code, reason) => {
      sessions.delete(session);
      session.ended();
      void closed(code, reason.toString());
    });
  };
  let stopBeats = (): void => undefined;
  const beat = (): void => {
    for (const session of sessions) {
      if (!session.isAlive) session.socket.terminate();
      session.isAlive = false;
      session.socket.ping();
    }
    stopBeats = clock.after(LIMITS.streamBeatMs.value, beat);
  };
  stopBeats = clock.after(LIMITS.streamBeatMs.value, beat);
  return {
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const refusal = checkUpgrade(request, sessions.size, parts);
      if (refusal === undefined) server.handleUpgrade(request, socket, head, accept);
      else answerRefused(refusal, socket);
    },
    stop() {
      stopBeats();
      for (const session of sessions) session.close(GOING_AWAY, 'DRAINING');
    },
  };
}
