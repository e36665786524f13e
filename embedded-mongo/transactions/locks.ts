// Who may write what: a transaction holds the documents and unique keys that it writes until it ends. The number of the
// last write of each document and key is kept while a transaction is open that may not have seen it, so that it learns
// that its snapshot is too old.

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
  /** The oldest write first. */
  private readonly versions = new Map<string, number>();
  /** With the number of the last write that each has seen, and the locks that it holds; the oldest first. */
  private readonly open = new Map<LockHolder, { readonly seen: number; readonly held: string[] }>();
  private writes = 0;

  /** The number of the last write. */
  get writeCount(): number {
    return this.writes;
  }

  /** Whether any transaction is open: without one there is nothing to check or to remember. */
  get isShared(): boolean {
    return this.open.size > 0;
  }

  /** Takes a holder that begins, and the number of the last write that it has seen. */
  enter(holder: LockHolder, seen: number): void {
    this.open.set(holder, { seen, held: [] });
  }

  /** Ends a holder: its locks are free. */
  leave(holder: LockHolder): void {
    for (const lock of this.open.get(holder)?.held ?? []) this.holders.delete(lock);
    this.open.delete(holder);
    this.forgetSeen();
  }

  /** How many writes are remembered. */
  get rememberedCount(): number {
    return this.versions.size;
  }

  holderOf(lock: string): LockHolder | undefined {
    return this.holders.get(lock);
  }

  /** Takes a lock that nobody holds, and who holds it from now on. */
  hold(lock: string, holder: LockHolder): void {
    this.holders.set(lock, holder);
    this.open.get(holder)?.held.push(lock);
  }

  /** The number of the last write that an open transaction may not have seen; 0 when there was none. */
  versionOf(lock: string): number {
    return this.versions.get(lock) ?? 0;
  }

  /** Remembers that something was written. */
  written(lock: string): void {
    if (this.open.size === 0) return;
    this.versions.delete(lock);
    this.versions.set(lock, this.writes);
  }

  /** Gives the next write its number. */
  countWrite(): number {
    this.writes += 1;
    return this.writes;
  }

  /** Forgets the writes that all who are open have seen: under load there is always somebody open. */
  private forgetSeen(): void {
    const [oldest] = this.open.values();
    if (oldest === undefined) {
      this.versions.clear();
      return;
    }
    for (const [lock, version] of this.versions) {
      if (version > oldest.seen) return;
      this.versions.delete(lock);
    }
  }
}
