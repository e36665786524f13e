// One client's connection: cuts the stream into frames, answers them in order. A malformed frame closes this
// connection and no other.
import type { Socket } from 'node:net';
import type { Log } from '../../platform/log.ts';
import type { Doc } from '../values/kinds.ts';
import { MESSAGE_BYTES_MAX, ProtocolFault, type Request, encodeReply, readRequest } from './message.ts';
import type { RawReply } from './rawReply.ts';

/** What serves the commands of a connection. */
interface Handler {
  /** Answers a command; never throws. */
  answer(request: Request): Promise<Doc | RawReply>;
  /** Called once, when the connection is closed and none of its commands runs any more. */
  left(): void;
}

/** A connection's frames that are read but not answered are at most this many: then reading waits. */
const QUEUED_MAX = 64;

/** Serves one socket until it closes. */
export class Connection {
  private readonly socket: Socket;
  private readonly handler: Handler;
  private readonly log: Log;
  private chunks: Buffer[] = [];
  private received = 0;
  private readonly queue: Buffer[] = [];
  private busy = false;
  private closed = false;

  constructor(socket: Socket, handler: Handler, log: Log) {
    this.socket = socket;
    this.handler = handler;
    this.log = log;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.closed = true;
      if (!this.busy) handler.left();
    });
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.received += chunk.length;
    try {
      let frame = this.nextFrame();
      while (frame) {
        this.queue.push(frame);
        frame = this.nextFrame();
      }
    } catch (error) {
      this.refuse(error);
      return;
    }
    if (this.queue.length > QUEUED_MAX) this.socket.pause();
    void this.work();
  }

  private nextFrame(): Buffer | undefined {
    if (this.received < 16) return undefined;
    let head = this.chunks[0] ?? Buffer.alloc(0);
    if (head.length < 4) {
      head = Buffer.concat(this.chunks);
      this.chunks = [head];
    }
    const size = head.readInt32LE(0);
    if (size < 16 || size > MESSAGE_BYTES_MAX) throw new ProtocolFault(`a message of ${size} bytes`);
    if (this.received < size) return undefined;
    const all = this.chunks.length === 1 ? head : Buffer.concat(this.chunks);
    this.chunks = all.length > size ? [all.subarray(size)] : [];
    this.received -= size;
    return all.subarray(0, size);
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      for (let frame = this.queue.shift(); frame && !this.socket.destroyed; frame = this.queue.shift()) {
        const request = readRequest(frame);
        const reply = await this.handler.answer(request);
        if (request.answered && this.socket.writable) this.socket.write(encodeReply(request, reply));
        if (this.queue.length < QUEUED_MAX / 2 && this.socket.isPaused()) this.socket.resume();
      }
    } catch (error) {
      this.refuse(error);
    } finally {
      this.busy = false;
      if (this.closed) this.handler.left();
    }
  }

  private refuse(error: unknown): void {
    this.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'connection closed: not MongoDB');
    this.socket.destroy();
  }
}
