// One WebSocket: who speaks on it, what it may do, and when it is closed. The words of the protocol are the library's
// (acceptSockets.ts); each operation goes the way of every request, through answerOperation.ts.
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { LIMITS } from '../../admit/limits.ts';
import { answerOperation } from '../../answerOperation.ts';
import type { Caller } from '../../caller.ts';
import { bodyHoldsKey } from '../../identify/holdsKey.ts';
import { NOBODY } from '../../identify/keyCaller.ts';
import { ClientPatience } from '../../patience.ts';
import { checkShape } from '../../receive/readRequest.ts';
import { REQUEST_ID_HEADER, requestIdOf } from '../../receive/requestId.ts';
import { isRefusal, refuse, type RequestState } from '../../requestState.ts';
import { DEFAULT_MEDIA_TYPE } from '../../respond/mediaType.ts';
import { answerRefusal, encodeBody, type HttpAnswer } from '../../respond/status.ts';
import { concludeFor } from '../../server.ts';
import type { StreamWish } from '../concludeStream.ts';
import type { AdmittedStream } from '../openStreams.ts';
import type { StreamPlaces } from '../streamPlaces.ts';
import type { SocketParts } from './socketParts.ts';
import { SocketStream, type SocketPayload } from './socketStream.ts';

/** What an operation came to: a stream, an answer with data, or errors alone. */
export type SocketAnswer =
  | { readonly stream: SocketStream }
  | { readonly result: SocketPayload }
  | { readonly errors: readonly SocketPayload[] };

/** Why the server closes a socket, in the words of graphql-transport-ws. */
export const FORBIDDEN = 4403;
const BAD_REQUEST = 4400;
const SUBSCRIBER_EXISTS = 4409;
const POLICY_VIOLATION = 1008;
const OPERATION_ID_LENGTH_MAX = 100;
/** What the socket holds for a client that reads nothing. */
const BUFFERED_BYTES_MAX = 4_194_304;

/** A parameter of connection_init by its name in any case. */
function findParameter(parameters: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.entries(parameters).find(([each]) => each.toLowerCase() === name)?.[1];
}

function isInit(text: string): boolean {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null && 'type' in message && message.type === 'connection_init';
  } catch {
    return false;
  }
}

/** A WebSocket and who speaks on it. */
export class SocketSession {
  readonly socket: WebSocket;
  /** Whether it answered the last ping. */
  isAlive = true;
  private readonly request: IncomingMessage;
  private readonly parts: SocketParts;
  private readonly places: StreamPlaces;
  private caller: Caller | undefined;
  private stopWatching = (): void => undefined;
  /** What a closing socket still says is not heard. */
  private isClosing = false;
  /** The ids of those that are being admitted or run. */
  private readonly operations = new Set<string>();
  private readonly streams = new Set<SocketStream>();
  private second = 0;
  private messages = 0;

  /** `places` are those of all sockets here. */
  constructor(socket: WebSocket, request: IncomingMessage, parts: SocketParts, places: StreamPlaces) {
    this.socket = socket;
    this.request = request;
    this.parts = parts;
    this.places = places;
  }

  close(code: number, reason: string): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.socket.close(code, reason);
    // Who reads nothing does not answer the close either.
    this.parts.clock.after(LIMITS.answerStalledMs.value, () => this.socket.terminate());
  }

  /** The socket is gone. */
  ended(): void {
    this.isClosing = true;
    this.stopWatching();
    // The library ends those that it knows, and not one that is still admitted.
    for (const stream of this.streams) void stream.return();
  }

  /** Says whether a message may be read; closes the socket where not. */
  admits(text: string): boolean {
    if (this.isClosing) return false;
    const second = Math.floor(this.parts.clock.steadyMs() / 1_000);
    if (second !== this.second) this.messages = 0;
    this.second = second;
    if (++this.messages > LIMITS.socketMessagesPerSecond.value) this.close(POLICY_VIOLATION, 'RATE_LIMITED');
    else if (this.socket.bufferedAmount > BUFFERED_BYTES_MAX) this.socket.terminate();
    // The key of connection_init is where it belongs, also that of a second one, which is one too many and nothing else;
    // in any other message it would be logged as text.
    else if (this.caller !== undefined && bodyHoldsKey(text) && !isInit(text))
      this.close(BAD_REQUEST, 'API_KEY_INVALID');
    else return true;
    return false;
  }

  /** Takes the parameters of connection_init; says whether the caller may speak, closes the socket where not. */
  async identify(parameters: Readonly<Record<string, unknown>>): Promise<boolean> {
    const authorization = findParameter(parameters, 'authorization');
    const others = Object.entries(parameters).filter(([name]) => name.toLowerCase() !== 'authorization');
    const isWrong = authorization !== undefined && typeof authorization !== 'string';
    const rawHeaders = [...this.request.rawHeaders];
    if (typeof authorization === 'string') rawHeaders.push('authorization', authorization);
    const head = { rawHeaders, url: this.request.url ?? '/', address: this.request.socket.remoteAddress };
    const misplaced = isWrong || bodyHoldsKey(JSON.stringify(others));
    const caller = misplaced ? refuse('API_KEY_INVALID') : await this.parts.identify(head);
    if (isRefusal(caller)) {
      this.parts.observer.refused(caller.refused);
      this.close(FORBIDDEN, caller.refused);
      return false;
    }
    // It may have left while it was asked who it is: nothing would end what is begun for it now.
    if (this.isClosing) return false;
    const leave = this.places.take(caller.id);
    if (isRefusal(leave)) {
      this.parts.observer.refused(leave.refused);
      this.close(POLICY_VIOLATION, leave.refused);
      return false;
    }
    this.caller = caller;
    const stop = this.parts.onCallerEnded(caller, head.address, ({ refused }) => this.close(FORBIDDEN, refused));
    this.stopWatching = () => {
      stop();
      leave();
    };
    return true;
  }

  /** Takes a subscribe message; gives what its operation came to. */
  async run(id: string, payload: unknown): Promise<SocketAnswer> {
    const { parts, caller: begun = NOBODY } = this;
    if (this.operations.has(id)) {
      // Completed by the client before it was admitted: the library takes the two of one id for one.
      this.close(SUBSCRIBER_EXISTS, 'Subscriber already exists');
      return { errors: [{ message: 'Subscriber already exists' }] };
    }
    // A socket lives for days: what its key may do is asked anew for each operation.
    const caller = parts.currently(begun);
    const state = this.openState(caller ?? begun);
    parts.observer.requestBegan();
    return new Promise((resolve) => {
      let stream: SocketStream | undefined;
      const conclude = concludeFor(this.request.headers, state, parts, (answer) => {
        if (stream === undefined) this.operations.delete(id);
        resolve(stream === undefined ? readAnswer(answer) : { stream });
      });
      this.operations.add(id);
      const received = this.receive(id, payload, caller);
      if (isRefusal(received)) {
        const came = answerRefusal(received);
        conclude({
          came,
          outcome: 'refused',
          codes: new Set([received.refused]),
          operation: undefined,
          used: undefined,
        });
        return;
      }
      const wish: StreamWish = {
        transport: 'websocket',
        lastEventId: undefined,
        carry: (admitted) => {
          stream = this.carry(id, admitted);
          return { status: 200, headers: {}, body: encodeBody('') };
        },
      };
      void answerOperation(
        { received, text: undefined, media: DEFAULT_MEDIA_TYPE, stream: wish },
        state,
        parts,
        conclude,
      );
    });
  }

  private receive(id: string, payload: unknown, caller: Caller | undefined) {
    if (caller === undefined) {
      this.close(FORBIDDEN, 'API_KEY_REVOKED');
      return refuse('API_KEY_REVOKED');
    }
    if (id.length > OPERATION_ID_LENGTH_MAX) return refuse('BAD_REQUEST', 'The id of the operation is too long.');
    if (this.operations.size > LIMITS.socketOperationsMax.value) {
      return refuse('RATE_LIMITED', 'Too many operations at once on this socket.');
    }
    if (this.parts.isDraining()) return refuse('DRAINING');
    return checkShape('POST', payload);
  }

  private carry(id: string, admitted: AdmittedStream): SocketStream {
    const { clock } = this.parts;
    const endStuck = (): void => {
      clock.after(LIMITS.answerStalledMs.value, () => {
        if (this.socket.bufferedAmount > 0) this.socket.terminate();
      });
    };
    const stream = new SocketStream(endStuck, () => {
      this.operations.delete(id);
      this.streams.delete(stream);
    });
    this.streams.add(stream);
    if (this.isClosing) void stream.return();
    admitted.start(stream).then(
      (begun) => {
        if (isRefusal(begun)) stream.end({ refusal: begun, resumeId: undefined });
        else stream.started(begun);
      },
      () => stream.end({ refusal: refuse('STREAMS_UNAVAILABLE'), resumeId: undefined }),
    );
    return stream;
  }

  private openState(caller: Caller): RequestState {
    const { clock, requestTimeoutMs, passedOf } = this.parts;
    const startMs = clock.steadyMs();
    const { request } = this;
    return {
      requestId: requestIdOf(this.operations.size === 0 ? request.headers[REQUEST_ID_HEADER] : undefined),
      patience: new ClientPatience(startMs, requestTimeoutMs, clock),
      caller,
      address: request.socket.remoteAddress,
      passed: passedOf(request.headers),
      startMs,
      elapsedMs: () => clock.steadyMs() - startMs,
      explanation: undefined,
      innerFaults: [],
      operation: undefined,
      trace: undefined,
    };
  }
}

/** An answer as it would be written, read back: what clients get is made in one place. */
function readAnswer({ body }: HttpAnswer): SocketAnswer {
  const json = JSON.parse('ascii' in body ? body.ascii : body.toString()) as SocketPayload;
  if (Object.hasOwn(json, 'data')) return { result: json };
  return { errors: Array.isArray(json['errors']) ? (json['errors'] as SocketPayload[]) : [] };
}
