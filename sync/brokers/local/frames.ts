// How texts travel on a connection of the local broker: four bytes of length, then JSON in UTF-8. A length over the
// limit is a fault of the connection, found before anything is kept for it.
import type { Socket } from 'node:net';

const HEADER_BYTES = 4;

/** The largest frame: a full batch of the largest messages, with every character escaped. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;

/** Sends one frame; gives whether the connection wants more now. */
export function sendFrame(socket: Socket, frame: object): boolean {
  if (socket.destroyed || !socket.writable) return false;
  const text = JSON.stringify(frame);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(text));
  bytes.writeUInt32BE(bytes.length - HEADER_BYTES, 0);
  bytes.write(text, HEADER_BYTES);
  return socket.write(bytes);
}

/** Puts frames together from what comes in. */
export class FrameReader {
  readonly #take: (frame: unknown) => void;
  /** The largest frame that is taken now. */
  bytesMax: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted = HEADER_BYTES;

  /** Takes who gets the frames, and how long one may be. */
  constructor(take: (frame: unknown) => void, bytesMax: number) {
    this.#take = take;
    this.bytesMax = bytesMax;
  }

  /** Takes the next bytes. Throws where they are no frames, or where whoever gets them throws. */
  read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#wanted = HEADER_BYTES;
    while (bytes.length - at >= HEADER_BYTES) {
      const length = bytes.readUInt32BE(at);
      if (length > this.bytesMax) throw new Error(`a frame of ${length} bytes is over the limit of ${this.bytesMax}`);
      this.#wanted = HEADER_BYTES + length;
      if (bytes.length - at < this.#wanted) break;
      const text = bytes.toString('utf8', at + HEADER_BYTES, at + this.#wanted);
      at += this.#wanted;
      this.#wanted = HEADER_BYTES;
      this.#take(JSON.parse(text));
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#bytes = bytes.length - at;
  }
}
