// A request as node:http reads it, but for its head: a client that keeps its connection mostly sends the same head again,
// and what was read of it before is read no more.
import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

interface Head {
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
}

/** What a waiting connection may keep: a longer head is read each time. In characters. */
const KEPT_LENGTH_MAX = 2_048;

const heads = new WeakMap<Socket, Head>();
const plain = Object.getOwnPropertyDescriptor(IncomingMessage.prototype, 'headers');

function areEqual(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

function readHead(request: IncomingMessage): IncomingHttpHeaders {
  const { rawHeaders, socket } = request;
  const before = heads.get(socket);
  if (before !== undefined && areEqual(before.rawHeaders, rawHeaders)) return before.headers;
  const headers = plain?.get?.call(request) as IncomingHttpHeaders;
  if (rawHeaders.reduce((length, text) => length + text.length, 0) <= KEPT_LENGTH_MAX)
    heads.set(socket, { rawHeaders, headers });
  return headers;
}

/** What node:http makes of each request here. Its headers may be those of the request before: nobody may change them. */
export class ClientRequest extends IncomingMessage {
  #read: IncomingHttpHeaders | undefined;

  static {
    // As an accessor, which a class in TypeScript cannot put in the place of a property.
    Object.defineProperty(this.prototype, 'headers', {
      get(this: ClientRequest) {
        return (this.#read ??= readHead(this));
      },
    });
  }
}
