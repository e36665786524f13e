// Where one group stands in one partition of one topic: what was delivered, what of it was acknowledged, and up to where
// everything is (acknowledged in any order, committed without gaps).

/** How many entries may wait behind one that is not acknowledged: each of them comes again should its reader die. */
const PENDING_MAX = 100_000;

/** One group's place in one partition of one topic. */
export class Cursor {
  readonly topic: string;
  readonly partition: number;
  /** Whether there may be entries behind the delivered ones. */
  mayHaveMore = true;
  #committedSeq: number;
  #deliveredSeq: number;
  /** The delivered entries behind the committed ones, by sequence, and whether they are acknowledged. */
  readonly #pending = new Map<number, boolean>();

  constructor(topic: string, partition: number, committedSeq: number) {
    this.topic = topic;
    this.partition = partition;
    this.#committedSeq = committedSeq;
    this.#deliveredSeq = committedSeq;
  }

  /** All entries up to this one are acknowledged. */
  get committedSeq(): number {
    return this.#committedSeq;
  }

  /** The last entry that was delivered. */
  get deliveredSeq(): number {
    return this.#deliveredSeq;
  }

  /** Whether too many wait behind one that nobody acknowledges. */
  get isFull(): boolean {
    return this.#pending.size >= PENDING_MAX;
  }

  /** Says that an entry has been delivered. */
  deliver(seq: number): void {
    this.#pending.set(seq, false);
    this.#deliveredSeq = seq;
  }

  /** Says that an entry is acknowledged; gives whether the committed place moved by it. */
  ack(seq: number): boolean {
    if (this.#pending.get(seq) !== false) return false;
    this.#pending.set(seq, true);
    const before = this.#committedSeq;
    for (const [first, isAcked] of this.#pending) {
      if (!isAcked) break;
      this.#pending.delete(first);
      this.#committedSeq = first;
    }
    return this.#committedSeq !== before;
  }

  /** Goes back to the committed place: what is behind it will be delivered again. */
  rewind(): void {
    this.#pending.clear();
    this.#deliveredSeq = this.#committedSeq;
    this.mayHaveMore = true;
  }
}
