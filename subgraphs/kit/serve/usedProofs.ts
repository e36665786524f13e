// Which proofs were used: each opens one answer. A gateway numbers its proofs, so a bit for each is enough; a block of
// them is forgotten once the last of its proofs would be refused for its age. Memory is bounded: a full memory refuses.

const BLOCK_BITS = 4_096;
/** 2 MB of bits, for 16 million proofs within a minute. */
const BLOCKS_MAX = 4_096;

interface Block {
  readonly bits: Uint32Array;
  /** When the last of its proofs ceases to hold. */
  untilMs: number;
}

/** Remembers proofs as long as they would hold. */
export class UsedProofs {
  private readonly blocks = new Map<string, Block>();

  /** How many blocks of 4,096 proofs are remembered. */
  get size(): number {
    return this.blocks.size;
  }

  /** Takes a proof's signer, number and end; says whether it is used for the first time. */
  use(signer: string, serial: number, untilMs: number, nowMs: number): boolean {
    const key = `${signer} ${Math.floor(serial / BLOCK_BITS)}`;
    let block = this.blocks.get(key);
    if (block === undefined) {
      this.forget(nowMs);
      if (this.blocks.size >= BLOCKS_MAX) return false;
      this.blocks.set(key, (block = { bits: new Uint32Array(BLOCK_BITS / 32), untilMs }));
    }
    const at = serial % BLOCK_BITS;
    const bit = 1 << (at & 31);
    const word = block.bits[at >> 5] ?? 0;
    if ((word & bit) !== 0) return false;
    block.bits[at >> 5] = word | bit;
    if (untilMs > block.untilMs) block.untilMs = untilMs;
    return true;
  }

  private forget(nowMs: number): void {
    for (const [key, block] of this.blocks) if (block.untilMs < nowMs) this.blocks.delete(key);
  }
}
