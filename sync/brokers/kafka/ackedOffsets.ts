// Which messages of one partition are acknowledged: acknowledgements come in any order, and Kafka keeps one number a
// partition, so what is committed is the highest offset below which nothing is missing.

/** The acknowledgements of one partition, from a committed offset on. */
export class AckedOffsets {
  /** Delivered and not yet below the committed offset, in order; true once acknowledged. */
  private readonly waiting = new Map<number, boolean>();
  private nextOffset: number;
  private open = 0;

  /** Takes the offset at which reading begins. */
  constructor(begin: number) {
    this.nextOffset = begin;
  }

  /** How many were delivered and are not acknowledged. */
  get unacknowledged(): number {
    return this.open;
  }

  /** Says that a message was delivered; offsets come in rising order, with gaps where Kafka has some. */
  deliver(offset: number): void {
    this.waiting.set(offset, false);
    this.open++;
  }

  /** Says that a message is acknowledged; gives false where it was already. */
  ack(offset: number): boolean {
    if (this.waiting.get(offset) !== false) return false;
    this.waiting.set(offset, true);
    this.open--;
    for (const [first, isAcked] of this.waiting) {
      if (!isAcked) break;
      this.waiting.delete(first);
      this.nextOffset = first + 1;
    }
    return true;
  }

  /** The offset to commit: everything below it is acknowledged. */
  get committable(): number {
    return this.nextOffset;
  }
}
