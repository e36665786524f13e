// The bytes of a POST become a text: counted while they stream, packed and unpacked, within a time. Nothing is held
// beyond the limits, whatever the headers claim (a 44 KB gzip body can unpack to 45 MB; reliability.md, F8).
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Clock } from '../../platform/clock.ts';
import { refuse, type Refusal } from '../requestState.ts';
import { sameText } from './sameText.ts';

/** How much and how long. */
export interface BodyLimits {
  readonly packedBytesMax: number;
  readonly bytesMax: number;
  readonly timeoutMs: number;
}

const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
};

const TOO_LARGE = refuse('BODY_TOO_LARGE', undefined, { closing: true });

function decode(chunks: readonly Buffer[], socket: Socket): string | Refusal {
  const [first] = chunks;
  const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
  return isUtf8(body) ? sameText(body.toString('utf8'), socket) : refuse('MALFORMED_JSON', 'The body is not UTF-8.');
}

/** One encoding or none: an encoding inside another is refused, and so is one we do not know. */
function findUnpacker(header: string | undefined): (() => Transform) | undefined | Refusal {
  const encoding = header?.trim().toLowerCase() ?? 'identity';
  if (encoding === '' || encoding === 'identity') return undefined;
  const unpacker = Object.hasOwn(UNPACKERS, encoding) ? UNPACKERS[encoding] : undefined;
  return (
    unpacker ??
    refuse('UNSUPPORTED_MEDIA_TYPE', 'The body is packed by none or one of gzip, deflate, br.', { closing: true })
  );
}

/** Takes what was read: the body's text, or the refusal. */
export type BodyRead = (outcome: string | Refusal) => void;

/** One body as it comes. */
class BodyReading {
  private readonly chunks: Buffer[] = [];
  private packedBytes = 0;
  private bytes = 0;
  private isOver = false;
  private readonly request: IncomingMessage;
  private readonly limits: BodyLimits;
  private readonly unpacker: Transform | undefined;
  private readonly done: BodyRead;
  private readonly cancel: () => void;

  constructor(
    request: IncomingMessage,
    limits: BodyLimits,
    clock: Clock,
    unpacker: Transform | undefined,
    done: BodyRead,
  ) {
    this.request = request;
    this.limits = limits;
    this.unpacker = unpacker;
    this.done = done;
    this.cancel = clock.after(limits.timeoutMs, () =>
      this.settle(refuse('REQUEST_TIMEOUT', undefined, { closing: true })),
    );
    if (unpacker !== undefined) this.listenTo(unpacker);
    // Whatever breaks a request closes it, and an error that nobody listens for is none.
    request.on('data', this.onPacked).on('end', this.onEnd).on('close', this.onClose);
  }

  private listenTo(unpacker: Transform): void {
    unpacker.on('data', (chunk: Buffer) => this.take(chunk));
    unpacker.on('end', () => this.settle(decode(this.chunks, this.request.socket)));
    unpacker.on('error', () => this.settle(refuse('BAD_REQUEST', 'The body cannot be unpacked.', { closing: true })));
  }

  private settle(outcome: string | Refusal): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancel();
    if (!this.request.complete) {
      this.request.off('data', this.onPacked).off('end', this.onEnd).off('close', this.onClose);
    }
    this.unpacker?.destroy();
    this.done(outcome);
  }

  private take(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.limits.bytesMax) this.settle(TOO_LARGE);
    else this.chunks.push(chunk);
  }

  private readonly onPacked = (chunk: Buffer): void => {
    const { request, unpacker } = this;
    if (this.isOver) return;
    this.packedBytes += chunk.length;
    if (this.packedBytes > this.limits.packedBytesMax) this.settle(TOO_LARGE);
    else if (unpacker === undefined) this.take(chunk);
    else if (!unpacker.write(chunk)) {
      request.pause();
      unpacker.once('drain', () => request.resume());
    }
  };

  private readonly onEnd = (): void => {
    if (this.unpacker === undefined) this.settle(decode(this.chunks, this.request.socket));
    else this.unpacker.end();
  };

  private readonly onClose = (): void => {
    // A request that came whole closes before its body is unpacked: that is no breaking off.
    if (!this.request.complete) this.settle(refuse('BAD_REQUEST', 'The body broke off.', { closing: true }));
  };
}

/** Takes a request whose body nobody has read; gives `done` the body's text, or the refusal. */
export function readBody(request: IncomingMessage, limits: BodyLimits, clock: Clock, done: BodyRead): void {
  const makeUnpacker = findUnpacker(request.headers['content-encoding']);
  if (typeof makeUnpacker === 'object') done(makeUnpacker);
  else if (Number(request.headers['content-length'] ?? 0) > limits.packedBytesMax) done(TOO_LARGE);
  else new BodyReading(request, limits, clock, makeUnpacker?.(), done);
}
