// Open cursors: results that a client fetches batch by batch. A cursor that nobody asks for ten minutes is closed.
import { MongoFault } from './mongoFault.ts';
import type { Transaction } from './transactions/transaction.ts';

const IDLE_MS_MAX = 600_000;
const CURSORS_MAX = 10_000;
const BATCH_BYTES_MAX = 16 * 1024 * 1024;
/** A batch gives way to other clients after this many milliseconds of work. */
const SLICE_MS = 12;

/** A result that is being read; `rows` gives documents as bytes. */
interface OpenCursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly rows: Iterator<Uint8Array>;
  readonly transaction: Transaction | undefined;
  readonly session: string | undefined;
  /** A document that did not fit into the last batch. */
  held: Uint8Array | undefined;
  usedMs: number;
}

/** One batch; `done` when nothing follows. */
interface Batch {
  readonly docs: Uint8Array[];
  readonly done: boolean;
}

/** The cursors of one server. */
export class Cursors {
  private readonly open = new Map<bigint, OpenCursor>();
  private readonly steadyMs: () => number;
  private lastId: bigint;

  constructor(steadyMs: () => number, firstId: bigint) {
    this.steadyMs = steadyMs;
    this.lastId = firstId;
  }

  get size(): number {
    return this.open.size;
  }

  /** Describes a cursor without keeping it: most results fit into their first batch. */
  draft(
    namespace: string,
    rows: Iterator<Uint8Array>,
    owner: { transaction?: Transaction | undefined; session?: string | undefined },
  ): OpenCursor {
    this.lastId += 1n;
    const { transaction, session } = owner;
    return { id: this.lastId, namespace, rows, transaction, session, held: undefined, usedMs: this.steadyMs() };
  }

  /** Keeps a cursor for the next getMore. Throws when there are too many. */
  keep(cursor: OpenCursor): void {
    if (this.open.size >= CURSORS_MAX) throw new MongoFault(17_382, 'too many open cursors');
    cursor.usedMs = this.steadyMs();
    this.open.set(cursor.id, cursor);
  }

  /** Gives a kept cursor and takes it out, so that two getMore never share it. Throws 43 when there is none. */
  take(id: bigint): OpenCursor {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoFault(43, `cursor id ${id} not found`);
    this.open.delete(id);
    return cursor;
  }

  /** Closes a cursor; gives whether there was one. */
  close(id: bigint): boolean {
    const cursor = this.open.get(id);
    if (!cursor) return false;
    cursor.rows.return?.();
    return this.open.delete(id);
  }

  /** Closes the cursors of ended sessions. */
  closeOfSession(session: string): void {
    for (const cursor of this.open.values()) if (cursor.session === session) this.close(cursor.id);
  }

  /** Closes what nobody asked for in ten minutes and what belongs to a transaction that ended. */
  closeIdle(): void {
    const limit = this.steadyMs() - IDLE_MS_MAX;
    for (const cursor of this.open.values()) {
      const isOver = cursor.transaction !== undefined && cursor.transaction.state !== 'open';
      if (isOver || cursor.usedMs < limit) this.close(cursor.id);
    }
  }

  /**
   * Reads the next batch: at most `size` documents and 16 MB, giving way to other clients on the way; `giveWay` may
   * throw to end the cursor.
   */
  async nextBatch(cursor: OpenCursor, size: number, giveWay: () => Promise<void>): Promise<Batch> {
    const docs: Uint8Array[] = [];
    let bytes = 0;
    let startedMs = this.steadyMs();
    while (docs.length < size) {
      const doc = cursor.held ?? this.step(cursor);
      cursor.held = undefined;
      if (!doc) return { docs, done: true };
      if (docs.length > 0 && bytes + doc.length > BATCH_BYTES_MAX) {
        cursor.held = doc;
        return { docs, done: false };
      }
      docs.push(doc);
      bytes += doc.length;
      if (docs.length % 64 === 0 && this.steadyMs() - startedMs > SLICE_MS) {
        try {
          await giveWay();
        } catch (error) {
          cursor.rows.return?.();
          throw error;
        }
        startedMs = this.steadyMs();
      }
    }
    return { docs, done: false };
  }

  private step(cursor: OpenCursor): Uint8Array | undefined {
    const next = cursor.rows.next();
    return next.done ? undefined : next.value;
  }
}
