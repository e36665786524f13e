// The bytes of a POST become a text: counted while they stream, packed and unpacked, within a time. Nothing is held
// beyond the limits, whatever the headers claim (a 44 KB gzip body can unpack to 45 MB; reliability.md, F8).
import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Clock } from '../../platform/clock.ts';
import { refuse, type Refusal } from '../requestState.ts';

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

function decode(chunks: readonly Buffer[]): string | Refusal {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return refuse('MALFORMED_JSON', 'The body is not UTF-8.');
  }
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

/** Takes a request whose body nobody has read; gives the body's text, or the refusal. */
export async function readBody(request: IncomingMessage, limits: BodyLimits, clock: Clock): Promise<string | Refusal> {
  const makeUnpacker = findUnpacker(request.headers['content-encoding']);
  if (typeof makeUnpacker === 'object') return makeUnpacker;
  if (Number(request.headers['content-length'] ?? 0) > limits.packedBytesMax) return TOO_LARGE;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const unpacker = makeUnpacker?.();
    let packedBytes = 0;
    let bytes = 0;
    const settle = (outcome: string | Refusal): void => {
      cancel();
      request.off('data', onPacked).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      unpacker?.destroy();
      resolve(outcome);
    };
    const onBytes = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limits.bytesMax) {
        settle(TOO_LARGE);
        return;
      }
      chunks.push(chunk);
    };
    const onPacked = (chunk: Buffer): void => {
      packedBytes += chunk.length;
      if (packedBytes > limits.packedBytesMax) {
        settle(TOO_LARGE);
        return;
      }
      if (unpacker === undefined) onBytes(chunk);
      else if (!unpacker.write(chunk)) {
        request.pause();
        unpacker.once('drain', () => request.resume());
      }
    };
    const onEnd = (): void => {
      // A request that came whole closes before its body is unpacked: that is no breaking off.
      request.off('close', onBroken);
      if (unpacker === undefined) settle(decode(chunks));
      else unpacker.end();
    };
    const onBroken = (): void => settle(refuse('BAD_REQUEST', 'The body broke off.', { closing: true }));
    const cancel = clock.after(limits.timeoutMs, () => settle(refuse('REQUEST_TIMEOUT', undefined, { closing: true })));
    unpacker?.on('data', onBytes);
    unpacker?.on('end', () => settle(decode(chunks)));
    unpacker?.on('error', () => settle(refuse('BAD_REQUEST', 'The body cannot be unpacked.', { closing: true })));
    request.on('data', onPacked).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}
