// Counts what requests use of the schema and writes it down every three seconds, beside their way: a request adds to a
// number. What the database does not take waits, bounded, and is told as lost when it is dropped.
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { drawId } from '../../platform/random.ts';
import type { BucketDocument, OperationDocument, ProcessDocument } from '../../usage/usageDocuments.ts';
import type { Caller } from '../caller.ts';
import type { Fields } from '../compiledOperation.ts';
import type { Observer } from '../observe/observer.ts';
import { bucketOf, type UsedOperation } from './minuteCounts.ts';
import type { OperationUse } from './operationUse.ts';
import { operationDocument, UsageCounts, type UsageBounds } from './usageCounts.ts';

/** Where counts are kept. Each call rejects where that is not certain; all may be repeated. */
export interface UsageStore {
  writeOperations(operations: readonly OperationDocument[], expiresAt: Date): Promise<void>;
  writeBuckets(buckets: readonly BucketDocument[]): Promise<void>;
  writeProcess(process: ProcessDocument): Promise<void>;
  stop(): Promise<void>;
}

/** What counts. Its calls never throw. */
export interface UsageRecorder {
  /** Takes what an operation uses and a request's variables; gives what the request uses. */
  usedBy(readUse: () => OperationUse, variables: Fields): UsedOperation | undefined;
  /** Counts a request that was answered. */
  note(used: UsedOperation, caller: Caller, headers: IncomingHttpHeaders): void;
  /** Writes what there is. */
  stop(): Promise<void>;
}

/** Counts nothing. */
export const NO_USAGE: UsageRecorder = {
  usedBy: () => undefined,
  note: () => undefined,
  stop: () => Promise.resolve(),
};

/** The parts of a recorder. */
export interface RecorderParts {
  readonly store: UsageStore;
  readonly bounds: UsageBounds;
  readonly daysKept: number;
  readonly observer: Pick<Observer, 'usageWritten' | 'usageLost'>;
  readonly clock: Clock;
  readonly log: Log;
}

const FLUSH_EVERY_MS = 3_000;
const STOP_WITHIN_MS = 3_000;
const DOCUMENTS_AT_ONCE = 100;
const DAY_MS = 86_400_000;
const NO_ELEMENTS: readonly string[] = [];

class Recorder implements UsageRecorder {
  readonly #parts: RecorderParts;
  readonly #counts: UsageCounts;
  readonly #process = drawId();
  readonly #startedAt: Date;
  #writing: Promise<void> | undefined;
  #isStopped = false;
  #isAway = false;
  #cancel: () => void = () => undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    this.#counts = new UsageCounts(this.#startedAt.getTime(), parts.bounds, (count) => parts.observer.usageLost(count));
    this.#tick();
  }

  usedBy(readUse: () => OperationUse, variables: Fields): UsedOperation {
    const use = readUse();
    return { use, elements: use.readVariables?.(variables) ?? NO_ELEMENTS };
  }

  note(used: UsedOperation, caller: Caller, headers: IncomingHttpHeaders): void {
    this.#counts.add(used, { caller, headers }, this.#parts.clock.now().getTime());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    let giveUp = (): void => undefined;
    const late = new Promise<void>((done) => {
      giveUp = this.#parts.clock.after(STOP_WITHIN_MS, done);
    });
    const last = async (): Promise<void> => {
      await this.#writing;
      await this.#write();
    };
    await Promise.race([last(), late]);
    giveUp();
    await this.#parts.store.stop();
  }

  #tick(): void {
    if (this.#isStopped) return;
    // One at a time: a store that hangs holds one write of them, not a heap.
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    this.#cancel = this.#parts.clock.after(FLUSH_EVERY_MS, () => this.#tick());
  }

  async #write(): Promise<void> {
    const { observer, log } = this.#parts;
    try {
      await this.#writeAll();
      observer.usageWritten(true);
      if (this.#isAway) log.info('what is asked of the schema is written again');
      this.#isAway = false;
    } catch (error) {
      observer.usageWritten(false);
      if (!this.#isAway)
        log.warn({ err: error }, 'what is asked of the schema was not written; it is kept for a while');
      this.#isAway = true;
    } finally {
      this.#counts.dropWritten();
    }
  }

  /** Operations before the counts that name them, and last of all that everything up to now is there. */
  async #writeAll(): Promise<void> {
    const { store, clock, daysKept } = this.#parts;
    const now = clock.now();
    this.#counts.turn(now.getTime());
    const expiresAt = new Date(now.getTime() + daysKept * DAY_MS);
    // They are named by counts that are written later.
    const operationsExpireAt = new Date(expiresAt.getTime() + DAY_MS);
    const operations = this.#counts.operations();
    const unwritten = this.#counts.unwritten();
    for (let at = 0; at < operations.length; at += DOCUMENTS_AT_ONCE) {
      const some = operations.slice(at, at + DOCUMENTS_AT_ONCE);
      await store.writeOperations(some.map(operationDocument), operationsExpireAt);
      this.#counts.noteOperationsWritten(some);
    }
    for (let at = 0; at < unwritten.length; at += DOCUMENTS_AT_ONCE) {
      const some = unwritten.slice(at, at + DOCUMENTS_AT_ONCE).map(({ part, minute }) => {
        return { part, requests: part.requests, bucket: bucketOf(part, minute, this.#process, expiresAt) };
      });
      await store.writeBuckets(some.map(({ bucket }) => bucket));
      for (const { part, requests } of some) part.written = requests;
    }
    await store.writeProcess({
      _id: this.#process,
      startedAt: this.#startedAt,
      beatAt: now,
      lost: this.#counts.lost(),
      expiresAt: operationsExpireAt,
    });
  }
}

/** Opens a recorder; it writes by itself until it is stopped. */
export function openUsageRecorder(parts: RecorderParts): UsageRecorder {
  return new Recorder(parts);
}
