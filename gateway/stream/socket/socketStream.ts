// One subscription on a WebSocket: what the stream sends is what the protocol's loop takes next, so a message is sent
// when the one before is out, and never more than one waits here.
import type { StreamEnd, StreamMessage, StreamSink } from '../liveStream.ts';
import { errorOf, withEventId } from '../http/streamForm.ts';

/** A message's payload, as the protocol's `next` carries it. */
export type SocketPayload = Record<string, unknown>;
type Taken = IteratorResult<SocketPayload, undefined>;

/** Why a stream ended, as the library makes a GraphQL error of it. */
class StreamEnded extends Error {
  readonly extensions: object;

  constructor(end: StreamEnd) {
    const { message, extensions } = errorOf(end);
    super(message);
    this.extensions = extensions;
  }
}

const OVER: Taken = { done: true, value: undefined };

/** Carries a stream to the protocol's loop. */
export class SocketStream implements StreamSink, AsyncIterableIterator<SocketPayload, undefined> {
  private waiting: PromiseWithResolvers<Taken> | undefined;
  private ready: SocketPayload | undefined;
  private taken: (() => void) | undefined;
  private ended: StreamEnded | undefined;
  private isOver = false;
  private leave: (() => void) | undefined;
  /** Called when the stream ended behind a message that the reader has not taken. */
  private readonly onStuck: () => void;
  /** Called once when it is over for the reader. */
  private readonly onOver: () => void;

  constructor(onStuck: () => void, onOver: () => void) {
    this.onStuck = onStuck;
    this.onOver = onOver;
  }

  /** Takes what ends the stream; it is called at once where the client has left already. */
  started(leave: () => void): void {
    if (this.isOver) leave();
    else this.leave = leave;
  }

  send(message: StreamMessage): Promise<void> {
    if (this.isOver) return Promise.resolve();
    const payload = JSON.parse(withEventId(message)) as SocketPayload;
    if (this.waiting === undefined) this.ready = payload;
    else {
      this.waiting.resolve({ done: false, value: payload });
      this.waiting = undefined;
    }
    return new Promise((resolve) => (this.taken = resolve));
  }

  /** The socket has signs of life of its own. */
  beat(): void {
    return;
  }

  end(end: StreamEnd): void {
    if (this.isOver) return;
    this.ended = new StreamEnded(end);
    this.leave = undefined;
    this.taken?.();
    if (this.waiting === undefined) this.onStuck();
    else void this.close().catch(() => undefined);
  }

  next(): Promise<Taken> {
    // The message before is out.
    this.taken?.();
    this.taken = undefined;
    if (this.ready !== undefined) {
      const value = this.ready;
      this.ready = undefined;
      return Promise.resolve({ done: false, value });
    }
    if (this.ended !== undefined) return this.close();
    if (this.isOver) return Promise.resolve(OVER);
    this.waiting = Promise.withResolvers<Taken>();
    return this.waiting.promise;
  }

  return(): Promise<Taken> {
    this.finish();
    this.leave?.();
    this.leave = undefined;
    this.taken?.();
    this.waiting?.resolve(OVER);
    this.waiting = undefined;
    return Promise.resolve(OVER);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.onOver();
  }

  private close(): Promise<Taken> {
    this.finish();
    const { ended, waiting } = this;
    this.waiting = undefined;
    this.ended = undefined;
    if (waiting !== undefined) {
      waiting.reject(ended);
      return waiting.promise;
    }
    return Promise.reject(ended ?? new Error('the stream is over'));
  }
}
