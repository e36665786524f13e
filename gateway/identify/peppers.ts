// The peppers: secrets of the gateway, outside its database, without which the stored hashes of keys say nothing. Each
// has a number; the newest hashes new secrets, older ones go on proving those that were hashed with them.
import { hash, timingSafeEqual } from 'node:crypto';
import type { StoredSecret } from './keyStore.ts';

const PEPPER_BYTES_MIN = 32;
/** SHA-256 works on blocks of this size. */
const BLOCK_BYTES = 64;
const HEX = /^(?:[0-9a-f]{2})+$/i;
const NUMBER = /^[1-9][0-9]{0,8}$/;

/** The peppers cannot be used: the message says what to mend and shows none of them. */
export class PeppersError extends Error {
  override readonly name = 'PeppersError';
}

/** What hashes and proves secrets. */
export interface Peppers {
  /** Hashes a new secret, with the newest pepper. */
  hash(secret: string): Pick<StoredSecret, 'hash' | 'pepper'>;
  /**
   * Says whether a secret is the stored one, in constant time. The work is the same where nothing is stored or its
   * pepper is gone: then it is never so.
   */
  matches(secret: string, stored: Pick<StoredSecret, 'hash' | 'pepper'> | undefined): boolean;
}

function readLines(text: string): [string, unknown][] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, Math.max(at, 0)).trim(), line.slice(at + 1).trim()];
    });
}

function readJson(text: string): [string, unknown][] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own words would show a piece of the text.
    throw new PeppersError('the peppers begin like JSON and are none');
  }
  if (typeof value !== 'object' || value === null) throw new PeppersError('the peppers are no JSON object');
  return Object.entries(value);
}

/** Takes the text of the file: lines `number=hex`, or JSON as {"number": "hex"}. Throws PeppersError. */
export function readPeppers(text: string): ReadonlyMap<number, Buffer> {
  const peppers = new Map<number, Buffer>();
  for (const [name, value] of text.trimStart().startsWith('{') ? readJson(text) : readLines(text)) {
    if (!NUMBER.test(name)) throw new PeppersError('each pepper needs a number above 0, as in 1=<hexadecimal digits>');
    if (typeof value !== 'string' || !HEX.test(value) || value.length < PEPPER_BYTES_MIN * 2) {
      throw new PeppersError(`pepper ${name} must have at least ${PEPPER_BYTES_MIN * 2} hexadecimal digits`);
    }
    if (peppers.has(Number(name))) throw new PeppersError(`pepper ${name} is there twice`);
    peppers.set(Number(name), Buffer.from(value, 'hex'));
  }
  if (peppers.size === 0) throw new PeppersError('there is no pepper; make one with: openssl rand -hex 32');
  return peppers;
}

/** What HMAC-SHA-256 (RFC 2104) puts before the text and before the first hash. */
interface Pads {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

function padsOf(pepper: Buffer): Pads {
  const key = Buffer.alloc(BLOCK_BYTES);
  (pepper.length > BLOCK_BYTES ? hash('sha256', pepper, 'buffer') : pepper).copy(key);
  return { inner: key.map((byte) => byte ^ 0x36), outer: key.map((byte) => byte ^ 0x5c) };
}

/** HMAC-SHA-256. Node's own object for it costs 10.7 µs each time it is made, two hashes at once cost 1.5. */
function digest(secret: string, { inner, outer }: Pads): Buffer {
  const first = hash('sha256', Buffer.concat([inner, Buffer.from(secret)]), 'buffer');
  return hash('sha256', Buffer.concat([outer, first]), 'buffer');
}

/** Takes peppers by number, at least one; gives what hashes and proves with them. */
export function openPeppers(peppers: ReadonlyMap<number, Buffer>): Peppers {
  const newest = Math.max(...peppers.keys());
  const pads = new Map([...peppers].map(([number, pepper]) => [number, padsOf(pepper)]));
  const newestPepper = pads.get(newest);
  if (newestPepper === undefined) throw new PeppersError('there is no pepper');
  const nothing = digest('', newestPepper);
  return {
    hash: (secret) => ({ hash: digest(secret, newestPepper), pepper: newest }),
    matches(secret, stored) {
      const pepper = stored && pads.get(stored.pepper);
      const isComparable = pepper !== undefined && stored?.hash.length === nothing.length;
      const equal = timingSafeEqual(digest(secret, pepper ?? newestPepper), isComparable ? stored.hash : nothing);
      return equal && isComparable;
    },
  };
}
