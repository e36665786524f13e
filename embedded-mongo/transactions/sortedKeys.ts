// The keys that a transaction's own documents have in one index, kept in order: blocks of bounded size, so that neither
// a look-up nor an insertion walks through all of them.
import type { Interval } from '../store/tableReader.ts';

/** A key and the row of its document. */
export interface OwnKey {
  readonly key: Uint8Array;
  readonly row: number;
}

type Block = OwnKey[];

const BLOCK_MAX = 512;
const CHUNK = 64;

function compareKeys(left: OwnKey, right: OwnKey): number {
  return Buffer.compare(left.key, right.key) || left.row - right.row;
}

/** Gives how many of the first items are before `place`. */
function countBefore<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && isBefore(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A set of keys in the order of their bytes, then of their rows. */
export class SortedKeys {
  private readonly blocks: Block[] = [];

  add(entry: OwnKey): void {
    const { block, at, index } = this.seek((other) => compareKeys(other, entry) < 0);
    if (!block) {
      const last = this.blocks.at(-1);
      if (last && last.length < BLOCK_MAX) last.push(entry);
      else this.blocks.push([entry]);
      return;
    }
    block.splice(at, 0, entry);
    if (block.length > BLOCK_MAX) this.blocks.splice(index + 1, 0, block.splice(BLOCK_MAX / 2));
  }

  delete(entry: OwnKey): void {
    const { block, at, index } = this.seek((other) => compareKeys(other, entry) < 0);
    const found = block?.[at];
    if (!block || !found || compareKeys(found, entry) !== 0) return;
    block.splice(at, 1);
    if (block.length === 0) this.blocks.splice(index, 1);
  }

  /** Gives the row of the first entry with this key. */
  rowOf(key: Uint8Array): number | undefined {
    const { block, at } = this.seek((other) => Buffer.compare(other.key, key) < 0);
    const found = block?.[at];
    return found !== undefined && Buffer.compare(found.key, key) === 0 ? found.row : undefined;
  }

  /** Gives how many keys the interval has. */
  count({ lo, hi }: Interval): number {
    return this.rank(hi) - this.rank(lo);
  }

  /** Gives the keys of an interval; keys may come and go meanwhile. */
  *range({ lo, hi }: Interval, reverse: boolean): Generator<OwnKey> {
    let last: OwnKey | undefined;
    for (;;) {
      const chunk = reverse ? this.chunkBefore(lo, hi, last) : this.chunkAfter(lo, hi, last);
      yield* chunk;
      last = chunk.at(-1);
      if (chunk.length < CHUNK || !last) return;
    }
  }

  private chunkAfter(lo: Buffer, hi: Buffer, last: OwnKey | undefined): OwnKey[] {
    const start = this.seek((other) => (last ? compareKeys(other, last) <= 0 : Buffer.compare(other.key, lo) < 0));
    const found: OwnKey[] = [];
    let { index, at } = start;
    for (let block = start.block; block && found.length < CHUNK; block = this.blocks[index]) {
      for (; at < block.length && found.length < CHUNK; at += 1) {
        const entry = block[at];
        if (!entry || Buffer.compare(entry.key, hi) >= 0) return found;
        found.push(entry);
      }
      index += 1;
      at = 0;
    }
    return found;
  }

  private chunkBefore(lo: Buffer, hi: Buffer, last: OwnKey | undefined): OwnKey[] {
    const end = this.seek((other) => (last ? compareKeys(other, last) < 0 : Buffer.compare(other.key, hi) < 0));
    const found: OwnKey[] = [];
    let { index, at } = end;
    while (found.length < CHUNK) {
      if (at === 0) {
        index -= 1;
        at = this.blocks[index]?.length ?? 0;
        if (at === 0) return found;
      }
      at -= 1;
      const entry = this.blocks[index]?.[at];
      if (!entry || Buffer.compare(entry.key, lo) < 0) return found;
      found.push(entry);
    }
    return found;
  }

  private rank(edge: Buffer): number {
    const { index, at } = this.seek((other) => Buffer.compare(other.key, edge) < 0);
    let rank = at;
    for (const block of this.blocks.slice(0, index)) rank += block.length;
    return rank;
  }

  /** The first entry that is not before: its block and its place in it; no block when all are before. */
  private seek(isBefore: (entry: OwnKey) => boolean): { block: Block | undefined; index: number; at: number } {
    const index = countBefore(this.blocks, (block) => {
      const last = block.at(-1);
      return last !== undefined && isBefore(last);
    });
    const block = this.blocks[index];
    return { block, index, at: block ? countBefore(block, isBefore) : 0 };
  }
}
