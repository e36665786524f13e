// The id of a message, with which a client goes on behind it: the broker's position, sealed for one operation of one
// caller. It is opaque and never the same twice, as positions next to each other would count what others are sent.
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { drawSecret } from '../../platform/random.ts';
import { BROKER_KEPT_MS } from '../../sync/brokers/broker.ts';

/** Seals and opens the ids of one stream's messages. */
export interface Cursors {
  /** Takes a position; gives the id, of the characters A-Z a-z 0-9 - _. */
  seal(position: string): string;
  /** Takes an id; gives its position, undefined for one that is older than what is kept, foreign or made up. */
  open(id: string): string | undefined;
}

const IV_BYTES = 16;
const HEAD_BYTES = 12;
const PADDED_TO = 32;
/** Kafka's longest position, of every partition of every topic with offsets of eight digits, comes to 5,000. */
const ID_LENGTH_MAX = 8_192;
const CIPHER = 'aes-256-ctr';

/** Names who may go on with what: equal texts, equal streams. */
export function bindingOf(
  callerId: string,
  query: string,
  operationName: string | undefined,
  variables: unknown,
): string {
  const parts = JSON.stringify([callerId, query, operationName ?? null, variables]);
  return createHash('sha256').update(parts).digest('base64');
}

/** Opens what seals: `secret` is shared by the gateways that go on for each other. */
export function openCursors(secret: string, clock: Clock): (binding: string) => Cursors {
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `crm-graph stream ${use}`, 32));
  const [macKey, cipherKey] = [derive('mac'), derive('cipher')];
  // The mac over text and binding is the cipher's start: a change of either makes another one.
  const ivOf = (plain: Buffer, binding: string): Buffer =>
    createHmac('sha256', macKey).update(binding).update(plain).digest().subarray(0, IV_BYTES);
  return (binding) => ({
    seal(position) {
      const text = Buffer.from(position, 'latin1');
      const length = HEAD_BYTES + Math.ceil(text.length / PADDED_TO) * PADDED_TO;
      const plain = Buffer.alloc(length);
      plain.write(drawSecret(4), 'hex');
      plain.writeUIntBE(clock.now().getTime(), 4, 6);
      plain.writeUInt16BE(text.length, 10);
      text.copy(plain, HEAD_BYTES);
      const iv = ivOf(plain, binding);
      return Buffer.concat([iv, createCipheriv(CIPHER, cipherKey, iv).update(plain)]).toString('base64url');
    },
    open(id) {
      if (id.length > ID_LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(id)) return undefined;
      const bytes = Buffer.from(id, 'base64url');
      if (bytes.length < IV_BYTES + HEAD_BYTES) return undefined;
      const iv = bytes.subarray(0, IV_BYTES);
      const plain = createDecipheriv(CIPHER, cipherKey, iv).update(bytes.subarray(IV_BYTES));
      if (!timingSafeEqual(ivOf(plain, binding), iv)) return undefined;
      if (clock.now().getTime() - plain.readUIntBE(4, 6) > BROKER_KEPT_MS) return undefined;
      return plain.toString('latin1', HEAD_BYTES, HEAD_BYTES + plain.readUInt16BE(10));
    },
  });
}
