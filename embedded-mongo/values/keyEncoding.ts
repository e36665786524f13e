// Values as bytes whose order under memcmp is the order of `compare.ts`: the keys of every index. No value's bytes are
// the beginning of another's, and none starts with 0x00 or 0xff, so that compound keys and bounds can be put together.
import type { Decimal128 } from 'bson';
import { type Code, type ObjectId, type Timestamp } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import { binaryParts, regexParts } from './compare.ts';
import { KIND, type Doc, kindOf, numeric } from './kinds.ts';
import { splitNumber } from './numberKey.ts';

/** Stands for an empty array in an index. */
export const EMPTY_ARRAY: unique symbol = Symbol('empty array');

/** Writes keys into one buffer that grows; `take` gives a copy of what was written. */
export class KeyWriter {
  private bytes = Buffer.allocUnsafe(512);
  private length = 0;

  /** Starts a new key. */
  reset(): void {
    this.length = 0;
  }

  /** Gives a copy of the key. */
  take(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.length));
  }

  /** Appends one field of an index: the value's bytes, turned over for a descending field. */
  component(value: unknown, descending: boolean): void {
    const start = this.length;
    this.value(value);
    if (!descending) return;
    for (let at = start; at < this.length; at += 1) this.bytes[at] = ~(this.bytes[at] ?? 0) & 0xff;
  }

  /** Appends bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Appends one byte. */
  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  private value(value: unknown): void {
    if (value === EMPTY_ARRAY) {
      this.byte(KIND.emptyArray);
      return;
    }
    const kind = kindOf(value);
    this.byte(kind);
    switch (kind) {
      case KIND.number: {
        this.number(value);
        return;
      }
      case KIND.string: {
        this.text(String(value));
        return;
      }
      case KIND.object: {
        this.doc(value as Doc);
        return;
      }
      case KIND.array:
        for (const item of value as unknown[]) this.value(item);
        {
          this.byte(0);
          return;
        }
      case KIND.binary: {
        this.binary(value);
        return;
      }
      case KIND.objectId: {
        this.raw((value as ObjectId).id);
        return;
      }
      case KIND.boolean: {
        this.byte(value === true ? 2 : 1);
        return;
      }
      case KIND.date: {
        this.whole(BigInt((value as Date).getTime()) ^ (1n << 63n));
        return;
      }
      case KIND.timestamp: {
        this.whole((value as Timestamp).toBigInt());
        return;
      }
      case KIND.regex:
        this.text(regexParts(value).pattern);
        {
          this.text(regexParts(value).options);
          return;
        }
      case KIND.code: {
        this.text((value as Code).code);
        return;
      }
      default:
        return undefined;
    }
  }

  private whole(value: bigint): void {
    this.reserve(8);
    this.bytes.writeBigUInt64BE(BigInt.asUintN(64, value), this.length);
    this.length += 8;
  }

  private double(value: number): void {
    this.reserve(8);
    const { bytes, length } = this;
    if (Number.isNaN(value)) {
      bytes.fill(0, length, length + 8);
    } else {
      bytes.writeDoubleBE(value === 0 ? 0 : value, length);
      const first = bytes[length] ?? 0;
      if (first < 0x80) bytes[length] = first | 0x80;
      else for (let at = length; at < length + 8; at += 1) bytes[at] = ~(bytes[at] ?? 0) & 0xff;
    }
    this.length += 8;
  }

  private number(value: unknown): void {
    const exact = numeric(value) ?? 0;
    if (typeof exact === 'number') {
      this.double(exact);
      this.byte(0);
      return;
    }
    const { base, rest } = this.split(exact);
    this.double(base);
    this.byte(rest === 0n ? 0 : 1);
    if (rest === 0n) return;
    this.whole(rest >> 32n);
    this.reserve(4);
    this.bytes.writeUInt32BE(Number(rest & 0xffffffffn), this.length);
    this.length += 4;
  }

  private split(value: bigint | Decimal128): { base: number; rest: bigint } {
    try {
      return splitNumber(value);
    } catch (error) {
      throw new MongoFault(238, `an index key must fit: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private text(value: string): void {
    const size = Buffer.byteLength(value);
    this.reserve(size + 2);
    const start = this.length;
    this.bytes.write(value, start, 'utf8');
    this.length += size;
    const nul = this.bytes.indexOf(0, start);
    if (nul >= start && nul < this.length) this.escape(Buffer.from(this.bytes.subarray(nul, this.length)), nul);
    // Two bytes, so that the end is not the beginning of an escaped 0x00: the order holds turned over, too.
    this.byte(0);
    this.byte(1);
  }

  private escape(tail: Buffer, start: number): void {
    this.length = start;
    for (const byte of tail) {
      this.byte(byte);
      if (byte === 0) this.byte(0xff);
    }
  }

  private doc(doc: Doc): void {
    for (const name of Object.keys(doc)) {
      this.byte(kindOf(doc[name]));
      this.text(name);
      this.value(doc[name]);
    }
    this.byte(0);
  }

  private binary(value: unknown): void {
    const { subtype, bytes } = binaryParts(value);
    this.reserve(5);
    this.bytes.writeUInt32BE(bytes.length, this.length);
    this.length += 4;
    this.byte(subtype);
    this.raw(bytes);
  }
}

const writer = new KeyWriter();

/** Takes one value; gives its key bytes. */
export function encodeKey(value: unknown, descending = false): Buffer {
  writer.reset();
  writer.component(value, descending);
  return writer.take();
}
