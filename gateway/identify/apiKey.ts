// The text of an API key, `crm_<env>_<id>_<secret>_<checksum>`: drawn, read, and cut out of what is shown. A mistyped or
// made-up key is told by its checksum, before any store is asked. Nothing here knows whether a key exists.
import { crc32 } from 'node:zlib';
import { drawBase62 } from '../../platform/random.ts';

/** What a key is for: `live` for real callers, `test` for trying out. */
export type KeyEnvironment = 'live' | 'test';

/** A key, read from its text. */
export interface ApiKey {
  readonly env: KeyEnvironment;
  /** 12 characters of base62: public, names the key in lists and logs. */
  readonly id: string;
  /** 43 characters of base62, 256 bits: never kept, never logged. */
  readonly secret: string;
}

/** The shape of a key, for scanners; published in the guide for operators. The checksum decides on top of it. */
export const API_KEY_PATTERN = /^crm_(live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/;
/** Every place in a text that may be a key, wherever it stands. */
const API_KEYS_WITHIN = /crm_(?:live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}/g;
/** As much of a key as nobody but its owner should see, also where its end was cut off. */
const SECRETS_WITHIN = /(crm_(?:live|test)_[0-9A-Za-z]{12}_)[0-9A-Za-z]+(?:_[0-9A-Za-z]+)?/g;
const API_KEY_LENGTH = 72;

const ID_LENGTH = 12;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const ID_PATTERN = /^[0-9A-Za-z]{12}$/;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 of a text in base62, the highest digit first: 62^6 is over 2^32, so it always fits. */
function checksumOf(text: string): string {
  let left = crc32(text);
  let digits = '';
  while (digits.length < CHECKSUM_LENGTH) {
    digits = DIGITS.charAt(left % DIGITS.length) + digits;
    left = Math.floor(left / DIGITS.length);
  }
  return digits;
}

/** Gives the text of a key. */
export function printApiKey({ env, id, secret }: ApiKey): string {
  const body = `crm_${env}_${id}_${secret}`;
  return `${body}_${checksumOf(body)}`;
}

/** Draws a new key; with an id, a new secret for the key of that id. */
export function drawApiKey(env: KeyEnvironment, id: string = drawBase62(ID_LENGTH)): ApiKey {
  return { env, id, secret: drawBase62(SECRET_LENGTH) };
}

/** Takes what should be a key and nothing else; gives it, or undefined where shape or checksum is wrong. */
export function parseApiKey(text: string): ApiKey | undefined {
  if (text.length !== API_KEY_LENGTH || !API_KEY_PATTERN.test(text)) return undefined;
  const body = text.slice(0, -CHECKSUM_LENGTH - 1);
  if (checksumOf(body) !== text.slice(-CHECKSUM_LENGTH)) return undefined;
  const [, env, id = '', secret = ''] = text.split('_');
  return { env: env === 'live' ? 'live' : 'test', id, secret };
}

/** Says whether a text is an id of a key. */
export function isKeyId(text: string): boolean {
  return ID_PATTERN.test(text);
}

/** A key that was found in a text. */
export interface FoundApiKey {
  readonly key: ApiKey;
  /** Where it begins: characters from the text's start. */
  readonly at: number;
}

/** Gives every key with a right checksum in a text, in their order. */
export function findApiKeys(text: string): FoundApiKey[] {
  return [...text.matchAll(API_KEYS_WITHIN)].flatMap(({ 0: found, index }) => {
    const key = parseApiKey(found);
    return key === undefined ? [] : [{ key, at: index }];
  });
}

/** Gives a text with the secrets of all that looks like a key cut out, right checksum or not. */
export function redactApiKeys(text: string): string {
  return text.replace(SECRETS_WITHIN, '$1[cut]');
}

/** What may be shown of a key after its creation: its beginning and the last four characters of the secret. */
export function showKey(env: KeyEnvironment, id: string, lastFour: string): string {
  return `crm_${env}_${id}_…${lastFour}`;
}
