// Puts stored documents into a reply as the bytes they are: a read by index never decodes what it gives.
import { Long, serialize } from 'bson';
import type { Doc } from '../values/kinds.ts';

/** A reply that is already BSON. */
export class RawReply {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

const DOCUMENT = 0x03;
const ARRAY = 0x04;

function indexNames(count: number): number {
  let size = 0;
  for (let power = 1, digits = 1; power - (power === 1 ? 1 : 0) < count; power *= 10, digits += 1) {
    const from = power === 1 ? 0 : power;
    size += (Math.min(count, power * 10) - from) * digits;
  }
  return size;
}

function arrayOf(docs: readonly Uint8Array[]): Buffer {
  const content = docs.reduce((sum, doc) => sum + doc.length, 0);
  const size = 4 + content + docs.length * 2 + indexNames(docs.length) + 1;
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeInt32LE(size, 0);
  docs.forEach((doc, place) => {
    bytes[at] = DOCUMENT;
    at += 1;
    at += bytes.write(String(place), at, 'latin1');
    bytes[at] = 0;
    at += 1;
    bytes.set(doc, at);
    at += doc.length;
  });
  bytes[at] = 0;
  return bytes;
}

function element(kind: number, name: string, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(kind), Buffer.from(`${name}\0`), value]);
}

function document(...elements: readonly Uint8Array[]): Buffer {
  const size = elements.reduce((sum, part) => sum + part.length, 5);
  const head = Buffer.allocUnsafe(4);
  head.writeInt32LE(size);
  return Buffer.concat([head, ...elements, Buffer.of(0)], size);
}

function fields(doc: Doc): Uint8Array {
  return serialize(doc).subarray(4, -1);
}

/** The reply of find, aggregate and getMore: one batch of documents and the cursor's id, 0 when all is read. */
export function cursorReply(
  batchName: 'firstBatch' | 'nextBatch',
  docs: readonly Uint8Array[],
  id: bigint,
  namespace: string,
): RawReply {
  const batch = element(ARRAY, batchName, arrayOf(docs));
  const cursor = document(batch, fields({ id: Long.fromBigInt(id), ns: namespace }));
  return new RawReply(document(element(DOCUMENT, 'cursor', cursor), fields({ ok: 1 })));
}

/** The reply of findAndModify: one document or null. */
export function valueReply(value: Uint8Array | undefined, lastErrorObject: Doc): RawReply {
  const found = value ? element(DOCUMENT, 'value', value) : fields({ value: null });
  return new RawReply(document(fields({ lastErrorObject }), found, fields({ ok: 1 })));
}
