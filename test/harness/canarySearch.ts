// Looks for many words in many bytes at once: what personal data and secrets are in a dump, a log or an answer. One pass
// over the bytes, whatever the number of words, and letters' case (of ASCII) does not count.
import { findApiKeys, redactApiKeys } from '../../gateway/identify/apiKey.ts';

/** Something that must not be found: `kind` says what it is, as the message must not quote it. */
export interface Canary {
  readonly kind: string;
  readonly text: string;
}

/** Where something was found. */
export interface FoundCanary {
  readonly kind: string;
  /** What stands around it, itself masked. */
  readonly excerpt: string;
}

/** What is shorter is no proof: such texts stand anywhere by chance. */
export const CANARY_LENGTH_MIN = 8;
const FACTOR = 0x01000193;
/** The factor of the byte that leaves a window of that length. */
const LEAVING = Array.from({ length: CANARY_LENGTH_MIN }).reduce<number>((power) => Math.imul(power, FACTOR), 1);
const BITS = 20;
const EXCERPT_BYTES = 60;
const SHOWN_MAX = 3;

const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte));
const fold = (byte: number | undefined): number => FOLDED[byte ?? 0] ?? 0;

/** Calls back with the hash of each window of bytes and where it begins. */
function eachWindow(bytes: Uint8Array, take: (hash: number, at: number) => void): void {
  let hash = 0;
  for (let end = 0; end < bytes.length; end += 1) {
    hash = (Math.imul(hash, FACTOR) + fold(bytes[end])) | 0;
    const begin = end - CANARY_LENGTH_MIN;
    if (begin >= 0) hash = (hash - Math.imul(LEAVING, fold(bytes[begin]))) | 0;
    if (begin >= -1) take(hash, begin + 1);
  }
}

/** A word as it is looked for: by its window that the fewest other words have. */
interface Needle {
  readonly kind: string;
  readonly bytes: Uint8Array;
  readonly anchor: number;
}

/** The forms in which a text stands in JSON, in addresses, and as it is. */
function formsOf(text: string): Set<string> {
  return new Set([text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]);
}

function rarestWindow(bytes: Uint8Array, counts: ReadonlyMap<number, number>): { hash: number; at: number } {
  let best = { hash: 0, at: 0, count: Infinity };
  eachWindow(bytes, (hash, at) => {
    const count = counts.get(hash) ?? 0;
    if (count < best.count) best = { hash, at, count };
  });
  return best;
}

/** Looks for canaries, and for every API key with a right checksum, whoever made it. */
export class CanarySearch {
  readonly #needles = new Map<number, Needle[]>();
  readonly #bits = new Uint8Array(1 << BITS);
  #size = 0;

  /** Takes what is looked for; throws for what is too short to be unmistakable. */
  constructor(canaries: Iterable<Canary>) {
    const kinds = new Map<string, string>();
    for (const { kind, text } of canaries) {
      if (text.length < CANARY_LENGTH_MIN) throw new Error(`${kind} is too short to be looked for`);
      for (const form of formsOf(text)) kinds.set(form, kinds.get(form) ?? kind);
    }
    const words = [...kinds].map(([text, kind]) => ({ kind, bytes: Buffer.from(text) }));
    const counts = new Map<number, number>();
    for (const { bytes } of words) eachWindow(bytes, (hash) => counts.set(hash, (counts.get(hash) ?? 0) + 1));
    for (const word of words) {
      const { hash, at } = rarestWindow(word.bytes, counts);
      this.#bits[hash >>> (32 - BITS)] = 1;
      this.#needles.set(hash, [...(this.#needles.get(hash) ?? []), { ...word, anchor: at }]);
    }
    this.#size = words.length;
  }

  /** How many forms of words are looked for. */
  get size(): number {
    return this.#size;
  }

  /** Gives what is found in some bytes: the first few. */
  find(bytes: Buffer): FoundCanary[] {
    const found: FoundCanary[] = [];
    if (bytes.includes('crm_')) {
      for (const { key } of findApiKeys(bytes.toString('latin1'))) {
        found.push({ kind: 'a valid key', excerpt: excerptOf(bytes, bytes.indexOf(key.secret), key.secret.length) });
      }
    }
    const bits = this.#bits;
    eachWindow(bytes, (hash, at) => {
      if (bits[hash >>> (32 - BITS)] === 0 || found.length >= SHOWN_MAX) return;
      for (const needle of this.#needles.get(hash) ?? []) {
        const begin = at - needle.anchor;
        if (standsAt(bytes, begin, needle.bytes)) {
          found.push({ kind: needle.kind, excerpt: excerptOf(bytes, begin, needle.bytes.length) });
        }
      }
    });
    return found;
  }
}

function standsAt(bytes: Uint8Array, begin: number, word: Uint8Array): boolean {
  if (begin < 0 || begin + word.length > bytes.length) return false;
  return word.every((byte, at) => fold(byte) === fold(bytes[begin + at]));
}

function excerptOf(bytes: Buffer, begin: number, length: number): string {
  const before = bytes.toString('utf8', Math.max(0, begin - EXCERPT_BYTES), begin);
  const after = bytes.toString('utf8', begin + length, begin + length + EXCERPT_BYTES);
  return redactApiKeys(`${before}[${length} bytes]${after}`).replace(/[^\P{C}]/gu, '·');
}
