// One keep-alive connection of the load: writes a request, reads the answer's bytes, nothing else. Written on a bare
// socket, because the load shares its core with the subgraphs.
import { connect, type Socket } from 'node:net';

/** A whole answer: its status and its body's bytes, which the next answer of the connection overwrites. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** What a connection tells: an answer, or why there will be none. */
export interface Listener {
  onAnswer(answer: Answer): void;
  onFault(reason: string): void;
}

const FIRST_BYTES = 256 * 1_024;
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

interface Head {
  readonly status: number;
  readonly bodyAt: number;
  /** Undefined for an answer in chunks. */
  readonly length: number | undefined;
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const text = bytes.toString('latin1', 0, end).toLowerCase();
  const length = /\r\ncontent-length: *(\d+)/.exec(text)?.[1];
  if (length === undefined && !/\r\ntransfer-encoding: *chunked/.test(text)) throw new Error('an answer of no length');
  return {
    status: Number(text.slice(9, 12)),
    bodyAt: end + HEAD_END.length,
    length: length === undefined ? undefined : Number(length),
  };
}

/** Takes a body in chunks; gives its bytes, or undefined where its end has not come. */
export function joinChunks(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

/** A connection that holds one request at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #listener: Listener;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #filled = 0;
  #head: Head | undefined;
  #closed = false;

  /** Takes where to connect and whom to tell. */
  constructor(host: string, port: number, listener: Listener) {
    this.#listener = listener;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#fail('the connection was closed'));
  }

  /** Sends a request's bytes; the answer to the one before must have come. */
  send(request: Buffer): void {
    this.#filled = 0;
    this.#head = undefined;
    this.#socket.write(request);
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#listener.onFault(reason);
  }

  #take(chunk: Buffer): void {
    if (this.#filled + chunk.length > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes.subarray(0, this.#filled)], (this.#filled + chunk.length) * 2);
    }
    chunk.copy(this.#bytes, this.#filled);
    this.#filled += chunk.length;
    try {
      this.#readAnswer(this.#bytes.subarray(0, this.#filled));
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #readAnswer(bytes: Buffer): void {
    this.#head ??= readHead(bytes);
    if (this.#head === undefined) return;
    const { status, bodyAt, length } = this.#head;
    if (length !== undefined) {
      if (bytes.length >= bodyAt + length) {
        this.#listener.onAnswer({ status, body: bytes.subarray(bodyAt, bodyAt + length) });
      }
      return;
    }
    if (!bytes.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) return;
    const body = joinChunks(bytes.subarray(bodyAt));
    if (body !== undefined) this.#listener.onAnswer({ status, body });
  }
}
