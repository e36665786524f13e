// The only file that draws lots: ids and secrets from the system's source, and a seeded generator for repeatable data.
import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const ID_LENGTH = 26;
/** Of an id that begins with its time: 50 bits of milliseconds, enough for 35,000 years. */
const TIME_LENGTH = 10;
/** Drawn for many at once: a draw from the system's source costs more than all the rest of an id. */
const POOL_BYTES = 32_768;
let pool = Buffer.alloc(0);
let poolAt = 0;

/** Gives up to `POOL_BYTES` random bytes of the system's source, which nobody else is given and nothing else uses. */
export function drawBytes(count: number): Buffer {
  if (poolAt + count > pool.length) {
    pool = randomBytes(POOL_BYTES);
    poolAt = 0;
  }
  poolAt += count;
  return pool.subarray(poolAt - count, poolAt);
}

/** Drawn bytes as characters of the alphabet: each request has an id, and to join it letter by letter costs a microsecond. */
let letters = Buffer.alloc(0);
let lettersAt = 0;

function drawCharacters(count: number): string {
  if (lettersAt + count > letters.length) {
    letters = randomBytes(POOL_BYTES);
    for (const [at, byte] of letters.entries()) letters[at] = ALPHABET.charCodeAt(byte & 31);
    lettersAt = 0;
  }
  lettersAt += count;
  return letters.toString('latin1', lettersAt - count, lettersAt);
}

/** Gives 26 characters of Crockford's base 32: 128 bits or more that nobody guesses. */
export function drawId(): string {
  return drawCharacters(ID_LENGTH);
}

let timeMs = Number.NaN;
let timeText = '';

/**
 * Takes a moment; gives 26 characters of Crockford's base 32 that begin with it, to the millisecond: what is made later
 * sorts later, so that indexes grow at their end. 80 bits are drawn. For ids of what is stored, never for secrets.
 */
export function drawIdAt(moment: Date): string {
  const ms = moment.getTime();
  if (ms !== timeMs) {
    timeMs = ms;
    timeText = '';
    for (let left = ms; timeText.length < TIME_LENGTH; left = Math.floor(left / 32)) {
      timeText = ALPHABET.charAt(left % 32) + timeText;
    }
  }
  return timeText + drawCharacters(ID_LENGTH - TIME_LENGTH);
}

/** Gives `bytes` random bytes as hexadecimal text. */
export function drawSecret(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Bytes from here on are drawn anew: with them some characters would come oftener than others. */
const FAIR_BELOW = 256 - (256 % BASE62.length);

/** Gives `length` characters of 0-9, A-Z and a-z, all equally likely: 5.95 bits each. */
export function drawBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < FAIR_BELOW && text.length < length) text += BASE62.charAt(byte % BASE62.length);
    }
  }
  return text;
}

/** Takes a seed; gives a generator of numbers from 0 up to 1, always the same for one seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
