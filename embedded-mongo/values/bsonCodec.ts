// Documents in and out of bytes. `decodeExact` loses nothing (numbers keep their type); `decodePlain` gives JavaScript
// values for expressions and pipelines.
import { calculateObjectSize, deserialize, serialize } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import type { Doc } from './kinds.ts';

/** No stored document is larger, in bytes. */
export const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;

/** How bson decodes without loss. */
export const EXACT = { promoteValues: false, bsonRegExp: true, validation: { utf8: false } } as const;
/** How bson decodes to JavaScript's own numbers. */
export const PLAIN = { bsonRegExp: true, validation: { utf8: false } } as const;

/** Takes a document's bytes; gives it with every BSON type kept. */
export function decodeExact(bytes: Uint8Array): Doc {
  return deserialize(bytes, EXACT);
}

/** Takes a command's bytes; gives it exactly, except that each item of `documents` stays bytes. */
export function decodeCommand(bytes: Uint8Array): Doc {
  return deserialize(bytes, { ...EXACT, fieldsAsRaw: { documents: true } });
}

/** Takes a document's bytes; gives it with JavaScript's own numbers; what does not fit stays Long or Decimal128. */
export function decodePlain(bytes: Uint8Array): Doc {
  return deserialize(bytes, PLAIN);
}

/** Takes an exactly decoded document; gives it with JavaScript's own numbers. */
export function toPlain(doc: Doc): Doc {
  return decodePlain(serialize(doc));
}

/** Takes a document; gives its bytes. Throws 10334 when it is larger than MongoDB allows. */
export function encodeDoc(doc: Doc): Uint8Array {
  const size = calculateObjectSize(doc);
  if (size > DOCUMENT_BYTES_MAX) throw tooLarge(size);
  return serialize(doc);
}

/** The refusal of a document of `size` bytes. */
export function tooLarge(size: number): MongoFault {
  return new MongoFault(10334, `BSONObj size: ${size} is invalid. Size must be between 0 and 16793600(16MB)`);
}

/** Takes a value; gives a copy that shares nothing with it. */
export function cloneValue(value: unknown): unknown {
  return decodeExact(serialize({ value }))['value'];
}
