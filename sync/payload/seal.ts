// How personal fields of an event are sealed: AES-256-GCM with the key of one customer, bound to tenant and customer, so
// that a sealed text can neither be read without the key nor be put under another customer.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { drawBytes } from '../../platform/random.ts';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The length of a customer's key. */
export const KEY_BYTES = 32;

/** Draws new keys, all by one draw. */
export function drawKeys(count: number): Buffer[] {
  const bytes = randomBytes(count * KEY_BYTES);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * KEY_BYTES, (at + 1) * KEY_BYTES));
}

/** Node takes plain bytes for a cipher too, and needs five times as long with them. */
function keyOf(key: Buffer): KeyObject {
  return createSecretKey(key);
}

/** Takes a key, what the text is bound to and a text; gives the sealed text in base64url. Never the same one twice. */
export function sealText(key: Buffer, boundTo: string, text: string): string {
  const iv = drawBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(key), iv).setAAD(Buffer.from(boundTo));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** The reverse; undefined where the text was sealed with another key, for another, or was changed. */
export function unsealText(key: Buffer, boundTo: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, keyOf(key), bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(boundTo)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
