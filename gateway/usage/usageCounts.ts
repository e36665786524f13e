// What was asked and is not written yet: the minute that runs, and those before it that the database did not take. Bounded
// in every direction: what is dropped is remembered as lost time, as no log is no proof that nobody asked.
import type { LostTime, OperationDocument } from '../../usage/usageDocuments.ts';
import { BUCKET_MS } from '../../usage/usageDocuments.ts';
import { KnownCallers, type CallerBounds } from './knownCallers.ts';
import { KnownOperations } from './knownOperations.ts';
import { MinuteCounts, type Asker, type CountPart, type MinuteBounds, type UsedOperation } from './minuteCounts.ts';
import type { OperationUse } from './operationUse.ts';

/** How much is held in memory. */
export interface UsageBounds extends MinuteBounds, CallerBounds {
  /** Operations that are told apart in an hour. */
  readonly operationsMax: number;
  /** Counters of a caller and operation, over all minutes that are not written. */
  readonly cellsMax: number;
}

/** A part that is to be written, and its minute. */
export interface UnwrittenPart {
  readonly minute: MinuteCounts;
  readonly part: CountPart;
}

const LOST_TIMES_MAX = 50;

/** What is counted and not written. */
export class UsageCounts {
  readonly #bounds: UsageBounds;
  readonly #noteLost: (requests: number) => void;
  readonly #operations: KnownOperations;
  readonly #callers: KnownCallers;
  #current: MinuteCounts;
  #closed: MinuteCounts[] = [];
  #lost: LostTime[] = [];
  #minutes = 0;

  /** `noteLost` is told of requests that are not counted. */
  constructor(nowMs: number, bounds: UsageBounds, noteLost: (requests: number) => void) {
    this.#bounds = bounds;
    this.#noteLost = noteLost;
    this.#operations = new KnownOperations(bounds.operationsMax);
    this.#operations.turn(nowMs);
    this.#callers = new KnownCallers(bounds);
    this.#callers.turn(nowMs);
    this.#current = this.#openMinute(nowMs);
  }

  /** Counts a request. */
  add(used: UsedOperation, asker: Asker, nowMs: number): void {
    const { atMs } = this.#current;
    if (nowMs >= atMs + BUCKET_MS || nowMs < atMs) this.turn(nowMs);
    this.#current.add(used, asker, nowMs);
  }

  /** Takes the moment; closes the minute that is over. */
  turn(nowMs: number): void {
    const { atMs } = this.#current;
    if (nowMs < atMs + BUCKET_MS && nowMs >= atMs) return;
    this.#closed.push(this.#current);
    while (this.#closed.reduce((sum, { elements }) => sum + elements, 0) > this.#bounds.elementsMax) this.#dropOldest();
    this.#operations.turn(nowMs);
    this.#callers.turn(nowMs);
    this.#current = this.#openMinute(nowMs);
  }

  /** How many counters are held. */
  get cells(): number {
    return this.#closed.reduce((sum, { cells }) => sum + cells, this.#current.cells);
  }

  /** The parts that the database has not as they are. */
  unwritten(): UnwrittenPart[] {
    return [...this.#closed, this.#current].flatMap((minute) =>
      minute.parts.filter(({ requests, written }) => requests > written).map((part) => ({ minute, part })),
    );
  }

  /** The operations that the parts name and the database may not have. */
  operations(): OperationUse[] {
    return this.#operations.waiting();
  }

  noteOperationsWritten(uses: readonly OperationUse[]): void {
    this.#operations.noteWritten(uses);
  }

  /** Forgets the minutes that are over and written. */
  dropWritten(): void {
    this.#closed = this.#closed.filter((minute) => {
      if (minute.parts.some(({ requests, written }) => requests > written)) return true;
      this.#noteMinuteLost(minute, minute.lost);
      return false;
    });
  }

  /** The times that were lost, those of the minute that runs included. */
  lost(): readonly LostTime[] {
    const times = [...this.#lost];
    for (const minute of [...this.#closed, this.#current])
      if (minute.lost > 0) times.push(lostTime(minute, minute.lost));
    return times;
  }

  #openMinute(nowMs: number): MinuteCounts {
    const atMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
    return new MinuteCounts({
      atMs,
      serial: this.#minutes++,
      bounds: this.#bounds,
      mayOpen: (use) => this.#hasRoom() && this.#operations.take(use),
      boundCaller: (caller) => this.#callers.bound(caller),
      noteLost: () => this.#noteLost(1),
    });
  }

  /** The oldest minute that waits makes room for the newest one. */
  #hasRoom(): boolean {
    while (this.cells >= this.#bounds.cellsMax) if (!this.#dropOldest()) return false;
    return true;
  }

  /** Says whether there was one. */
  #dropOldest(): boolean {
    const oldest = this.#closed.shift();
    if (oldest === undefined) return false;
    const requests = oldest.parts.reduce((sum, part) => sum + part.requests - part.written, 0);
    if (requests > 0) this.#noteLost(requests);
    this.#noteMinuteLost(oldest, requests + oldest.lost);
    return true;
  }

  #noteMinuteLost(minute: MinuteCounts, requests: number): void {
    if (requests === 0) return;
    const time = lostTime(minute, requests);
    const last = this.#lost.at(-1);
    // Minutes that follow each other are one time; so are all when there are too many.
    const joins = last !== undefined && (last.to >= time.from || this.#lost.length >= LOST_TIMES_MAX);
    if (!joins) this.#lost.push(time);
    else this.#lost[this.#lost.length - 1] = { from: last.from, to: time.to, requests: last.requests + requests };
  }
}

function lostTime({ atMs }: MinuteCounts, requests: number): LostTime {
  return { from: new Date(atMs), to: new Date(atMs + BUCKET_MS), requests };
}

/** Takes an operation; gives it as it is kept. */
export function operationDocument({ id, hash, name, coordinates }: OperationUse): OperationDocument {
  return { _id: id, hash, ...(name !== undefined && { name }), coordinates };
}
