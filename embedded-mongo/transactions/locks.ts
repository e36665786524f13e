// Who may write what: a transaction holds the documents and unique keys that it writes until it ends. While any
// transaction is open, the number of the last write of each document and key is kept, so that a transaction learns that
// its snapshot is too old.

/** A holder of locks: a transaction that is open. `ended` resolves when it has committed or aborted. */
export interface LockHolder {
  readonly ended: Promise<void>;
}

/** Thrown by a write outside a transaction at something that a transaction holds: wait for its end, then do it again. */
export class LockWait extends Error {
  override readonly name = 'LockWait';
  readonly holder: LockHolder;

  constructor(holder: LockHolder) {
    super('held by a transaction');
    this.holder = holder;
  }
}

/** The lock of a document. */
export function documentLock(collectionId: number, row: number): string {
  return `d${collectionId}:${row}`;
}

/** The lock of a key in a unique index. */
export function keyLock(indexId: number, key: Uint8Array): string {
  return `k${indexId}:${Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')}`;
}

/** All locks of one store. */
export class Locks {
  private readonly holders = new Map<string, LockHolder>();
  private readonly versions = new Map<string, number>();
  private readonly open = new Set<LockHolder>();
  private writes = 0;

  /** The number of the last write. */
  get writeCount(): number {
    return this.writes;
  }

  /** Whether any transaction is open: without one there is nothing to check or to remember. */
  get isShared(): boolean {
    return this.open.size > 0;
  }

  enter(holder: LockHolder): void {
    this.open.add(holder);
  }

  /** Ends a holder: its locks are free. */
  leave(holder: LockHolder): void {
    this.open.delete(holder);
    for (const [lock, held] of this.holders) if (held === holder) this.holders.delete(lock);
    if (this.open.size === 0) this.versions.clear();
  }

  holderOf(lock: string): LockHolder | undefined {
    return this.holders.get(lock);
  }

  hold(lock: string, holder: LockHolder): void {
    this.holders.set(lock, holder);
  }

  /** The number of the last write that an open transaction may not have seen; 0 when there was none. */
  versionOf(lock: string): number {
    return this.versions.get(lock) ?? 0;
  }

  /** Remembers that something was written. */
  written(lock: string): void {
    if (this.open.size > 0) this.versions.set(lock, this.writes);
  }

  /** Gives the next write its number. */
  countWrite(): number {
    this.writes += 1;
    return this.writes;
  }
}
