// Decodes a few top-level fields of a document and skips the rest: what a filter, a sort or a group needs of it.
import { Double, Int32, ObjectId, deserialize } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import { EXACT, PLAIN } from './bsonCodec.ts';
import type { Doc } from './kinds.ts';

/** The names of fields, as text and as bytes. */
export type FieldNames = readonly { readonly name: string; readonly bytes: Buffer }[];

/** Takes names; gives them ready for `pickFields`. */
export function fieldNames(names: Iterable<string>): FieldNames {
  return [...new Set(names)].map((name) => ({ name, bytes: Buffer.from(name) }));
}

const FIXED_SIZES: Readonly<Record<number, number>> = {
  0x01: 8,
  0x06: 0,
  0x07: 12,
  0x08: 1,
  0x09: 8,
  0x0a: 0,
  0x10: 4,
  0x11: 8,
  0x12: 8,
  0x13: 16,
  0xff: 0,
  0x7f: 0,
};

function sizeOf(bytes: Buffer, type: number, at: number): number {
  const fixed = FIXED_SIZES[type];
  if (fixed !== undefined) return fixed;
  switch (type) {
    case 0x03:
    case 0x04:
    case 0x0f:
      return bytes.readInt32LE(at);
    case 0x02:
    case 0x0d:
    case 0x0e:
      return bytes.readInt32LE(at) + 4;
    case 0x05:
      return bytes.readInt32LE(at) + 5;
    case 0x0c:
      return bytes.readInt32LE(at) + 16;
    case 0x0b:
      return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at;
    default:
      throw new MongoFault(8, `a stored document has a field of unknown type ${type}`);
  }
}

function nested(element: Uint8Array, name: string, exact: boolean): unknown {
  const doc = Buffer.allocUnsafe(element.length + 5);
  doc.writeInt32LE(doc.length);
  doc.set(element, 4);
  doc[doc.length - 1] = 0;
  return deserialize(doc, exact ? EXACT : PLAIN)[name];
}

function valueAt(bytes: Buffer, type: number, at: number, exact: boolean): unknown {
  switch (type) {
    case 0x01:
      return exact ? new Double(bytes.readDoubleLE(at)) : bytes.readDoubleLE(at);
    case 0x02:
      return bytes.toString('utf8', at + 4, at + 3 + bytes.readInt32LE(at));
    case 0x07:
      return new ObjectId(Uint8Array.prototype.slice.call(bytes, at, at + 12));
    case 0x08:
      return bytes[at] === 1;
    case 0x09:
      return new Date(Number(bytes.readBigInt64LE(at)));
    case 0x0a:
      return null;
    case 0x10:
      return exact ? new Int32(bytes.readInt32LE(at)) : bytes.readInt32LE(at);
    default:
      return undefined;
  }
}

function nameAt(bytes: Buffer, from: number, to: number, names: FieldNames): string | undefined {
  const found = names.find(
    (one) => one.bytes.length === to - from && bytes.compare(one.bytes, 0, to - from, from, to) === 0,
  );
  return found?.name;
}

/** Takes a document's bytes and names; gives those of its top-level fields, exact (BSON numbers) or plain. */
export function pickFields(doc: Uint8Array, names: FieldNames, exact: boolean): Doc {
  const bytes = Buffer.from(doc.buffer, doc.byteOffset, doc.byteLength);
  const found: Doc = {};
  let left = names.length;
  for (let at = 4; left > 0 && at < bytes.length - 1;) {
    const type = bytes[at] ?? 0;
    const nameEnd = bytes.indexOf(0, at + 1);
    const start = nameEnd + 1;
    const end = start + sizeOf(bytes, type, start);
    const name = nameAt(bytes, at + 1, nameEnd, names);
    if (name !== undefined) {
      const value = valueAt(bytes, type, start, exact);
      found[name] = value === undefined ? nested(bytes.subarray(at, end), name, exact) : value;
      left -= 1;
    }
    at = end;
  }
  return found;
}
