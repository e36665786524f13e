// A bare WebSocket for tests of the protocol: says anything, and keeps what it was told and how it was closed.
import { WebSocket, type ClientOptions } from 'ws';

/** A message of graphql-transport-ws. */
export interface SocketMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket of a test. */
export interface TestSocket {
  readonly socket: WebSocket;
  readonly messages: SocketMessage[];
  /** How it was closed; undefined while it is open. */
  closed(): { readonly code: number; readonly reason: string } | undefined;
  /** The status that the server refused the socket with. */
  refusedWith(): number | undefined;
  say(message: unknown): void;
}

/** Opens a socket; it may be refused or closed already when it is given. */
export async function openSocket(
  url: string,
  protocols: string | string[] = 'graphql-transport-ws',
  options: ClientOptions = {},
): Promise<TestSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, options);
  const messages: SocketMessage[] = [];
  let closed: { code: number; reason: string } | undefined;
  let status: number | undefined;
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as SocketMessage));
  socket.on('error', () => undefined);
  const opened = new Promise<void>((resolve) => {
    socket.on('open', resolve);
    socket.on('close', (code, reason) => {
      closed = { code, reason: reason.toString() };
      resolve();
    });
    socket.on('unexpected-response', (_, response) => {
      status = response.statusCode;
      response.resume();
      resolve();
    });
  });
  await opened;
  return {
    socket,
    messages,
    closed: () => closed,
    refusedWith: () => status,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
  };
}
