// The frames of MongoDB's wire protocol: OP_MSG both ways, and OP_QUERY for the first handshake of older drivers.
import { serialize } from 'bson';
import { decodeCommand } from '../values/bsonCodec.ts';
import type { Doc } from '../values/kinds.ts';
import { RawReply } from './rawReply.ts';

/** No message is larger, in bytes. */
export const MESSAGE_BYTES_MAX = 48_000_000;

const HEADER_BYTES = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;

/** A frame that breaks the protocol: its connection is closed. */
export class ProtocolFault extends Error {
  override readonly name = 'ProtocolFault';
}

/** A command as it came: `sequences` are the documents that came beside the body, still bytes. */
export interface Request {
  readonly requestId: number;
  readonly body: Doc;
  readonly sequences: ReadonlyMap<string, Uint8Array[]>;
  readonly answered: boolean;
  readonly legacy: boolean;
}

function docAt(frame: Buffer, at: number, end: number): Buffer {
  if (at + 5 > end) throw new ProtocolFault('a document is cut off');
  const size = frame.readInt32LE(at);
  if (size < 5 || at + size > end) throw new ProtocolFault('a document does not fit its frame');
  return frame.subarray(at, at + size);
}

function stringEnd(frame: Buffer, at: number, end: number): number {
  const found = frame.indexOf(0, at);
  if (found < 0 || found >= end) throw new ProtocolFault('a name is cut off');
  return found;
}

function readSequence(frame: Buffer, at: number, end: number): { name: string; docs: Uint8Array[]; next: number } {
  if (at + 4 > end) throw new ProtocolFault('a section is cut off');
  const size = frame.readInt32LE(at);
  const next = at + size;
  if (size < 5 || next > end) throw new ProtocolFault('a section does not fit its frame');
  const nameEnd = stringEnd(frame, at + 4, next);
  const name = frame.toString('utf8', at + 4, nameEnd);
  const docs: Uint8Array[] = [];
  for (let from = nameEnd + 1; from < next;) {
    const doc = docAt(frame, from, next);
    docs.push(doc);
    from += doc.length;
  }
  return { name, docs, next };
}

function readMessage(frame: Buffer, requestId: number): Request {
  if (frame.length < HEADER_BYTES + 5) throw new ProtocolFault('the message is too short');
  const flags = frame.readUInt32LE(HEADER_BYTES);
  const end = frame.length - ((flags & CHECKSUM_PRESENT) === 0 ? 0 : 4);
  let body: Doc | undefined;
  const sequences = new Map<string, Uint8Array[]>();
  for (let at = HEADER_BYTES + 4; at < end;) {
    const kind = frame[at];
    at += 1;
    if (kind === 0) {
      const doc = docAt(frame, at, end);
      body = decodeCommand(doc);
      at += doc.length;
    } else if (kind === 1) {
      const sequence = readSequence(frame, at, end);
      sequences.set(sequence.name, sequence.docs);
      at = sequence.next;
    } else {
      throw new ProtocolFault(`unknown section kind ${String(kind)}`);
    }
  }
  if (!body) throw new ProtocolFault('the message has no body');
  return { requestId, body, sequences, answered: (flags & MORE_TO_COME) === 0, legacy: false };
}

function readQuery(frame: Buffer, requestId: number): Request {
  const nameEnd = stringEnd(frame, HEADER_BYTES + 4, frame.length);
  const database = frame.toString('utf8', HEADER_BYTES + 4, nameEnd).split('.')[0] ?? 'admin';
  const body = decodeCommand(docAt(frame, nameEnd + 9, frame.length));
  return { requestId, body: { ...body, $db: database }, sequences: new Map(), answered: true, legacy: true };
}

/** Takes one whole frame; gives the command. Throws ProtocolFault, or bson's error, for a malformed one. */
export function readRequest(frame: Buffer): Request {
  const requestId = frame.readInt32LE(4);
  const code = frame.readInt32LE(12);
  if (code === OP_MSG) return readMessage(frame, requestId);
  if (code === OP_QUERY) return readQuery(frame, requestId);
  throw new ProtocolFault(`unknown operation ${code}`);
}

/** Takes the answer to a request; gives its frame. */
export function encodeReply(request: Request, reply: Doc | RawReply): Buffer {
  const body = reply instanceof RawReply ? reply.bytes : serialize(reply);
  const extra = request.legacy ? 20 : 5;
  const frame = Buffer.alloc(HEADER_BYTES + extra + body.length);
  frame.writeInt32LE(frame.length, 0);
  frame.writeInt32LE(request.requestId, 8);
  frame.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  if (request.legacy) frame.writeInt32LE(1, HEADER_BYTES + 16);
  frame.set(body, HEADER_BYTES + extra);
  return frame;
}
