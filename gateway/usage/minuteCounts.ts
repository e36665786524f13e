// The counts of one minute in memory: a number for each caller and operation. Callers lie in parts of bounded size, which
// are written as a document each; a part that nothing was added to is not written again.
import type { IncomingHttpHeaders } from 'node:http';
import {
  OTHER_OPERATIONS,
  type BucketDocument,
  type StoredCaller,
  type StoredCount,
} from '../../usage/usageDocuments.ts';
import type { Caller } from '../caller.ts';
import { keptCaller, saidCaller, saidVersion, type SaidCaller } from './clientName.ts';
import type { OperationUse } from './operationUse.ts';

/** How much is told apart in one minute; what comes beyond is counted as `unknown` or `other`. */
export interface MinuteBounds {
  /** Keys with each version and contract of them. */
  readonly keysMax: number;
  /** Elements that are counted for themselves; as many again may wait in the minutes before. */
  readonly elementsMax: number;
}

/** What a request used. */
export interface UsedOperation {
  readonly use: OperationUse;
  /** What its variables name. */
  readonly elements: readonly string[];
}

/** Who asks, as a request has it. */
export interface Asker {
  readonly caller: Caller;
  readonly headers: IncomingHttpHeaders;
}

/** What a minute needs. */
export interface MinuteParts {
  readonly atMs: number;
  /** Tells it from all others of its process, also where the clock was set back. */
  readonly serial: number;
  readonly bounds: MinuteBounds;
  /** Whether an operation may have a cell of its own. */
  readonly mayOpen: (use: OperationUse) => boolean;
  /** Gives who a caller is counted for. */
  readonly boundCaller: (caller: StoredCaller) => StoredCaller;
  /** Told of each request that is not counted. */
  readonly noteLost: () => void;
}

interface Cell {
  readonly operation: string;
  readonly part: CountPart;
  count: number;
  readonly firstMs: number;
  lastMs: number;
  elements: Map<string, Counter> | undefined;
  /** What the request before named, with its counters: most that follow each other name the same. */
  latest: { readonly elements: readonly string[]; readonly counters: readonly Counter[] } | undefined;
}

interface Counter {
  count: number;
}

/** A part of what one caller asked. */
export interface CountPart {
  readonly id: string;
  readonly caller: StoredCaller;
  readonly contract: string | undefined;
  readonly cells: Cell[];
  requests: number;
  /** How many of them the database has. */
  written: number;
}

/** What one caller asked. */
interface CallerCounts {
  readonly caller: StoredCaller;
  readonly contract: string | undefined;
  readonly cells: Map<string, Cell>;
  part: CountPart | undefined;
}

const CELLS_A_PART = 200;

function nameOf({ kind, name, version }: SaidCaller, contract: string | undefined): string {
  return `${kind}\n${name}\n${version}\n${contract ?? ''}`;
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false;
  return true;
}

/** The counts of one minute. */
export class MinuteCounts {
  readonly atMs: number;
  /** Requests that could not be counted. */
  lost = 0;
  cells = 0;
  /** Elements that are counted for themselves. */
  elements = 0;
  readonly parts: CountPart[] = [];
  readonly #serial: number;
  readonly #bounds: MinuteBounds;
  readonly #mayOpen: (use: OperationUse) => boolean;
  readonly #boundCaller: (caller: StoredCaller) => StoredCaller;
  readonly #noteLost: () => void;
  readonly #callers = new Map<string, CallerCounts>();
  /** What keys asked last, by the object that a key has while it is known: found without making a name. */
  readonly #latest = new Map<Caller, { readonly version: string; readonly counts: CallerCounts }>();
  #keys = 0;

  constructor({ atMs, serial, bounds, mayOpen, boundCaller, noteLost }: MinuteParts) {
    this.atMs = atMs;
    this.#serial = serial;
    this.#bounds = bounds;
    this.#mayOpen = mayOpen;
    this.#boundCaller = boundCaller;
    this.#noteLost = noteLost;
  }

  /** Counts a request; `nowMs` is in the minute. */
  add({ use, elements }: UsedOperation, asker: Asker, nowMs: number): void {
    const caller = this.#countsOf(asker);
    if (caller === undefined) {
      this.#lose();
      return;
    }
    const cell = caller.cells.get(use.id) ?? this.#openCell(caller, use, nowMs);
    cell.count++;
    cell.part.requests++;
    cell.lastMs = nowMs;
    // Under `other` it is not known what the operation always asks.
    if (cell.operation === OTHER_OPERATIONS) this.#addElements(cell, [...new Set([...use.coordinates, ...elements])]);
    else if (elements.length > 0) this.#addElements(cell, elements);
  }

  #addElements(cell: Cell, elements: readonly string[]): void {
    const { latest } = cell;
    if (latest !== undefined && areSame(latest.elements, elements)) {
      for (const counter of latest.counters) counter.count++;
      return;
    }
    const counters = (cell.elements ??= new Map<string, Counter>());
    const added: Counter[] = [];
    for (const element of elements) {
      let counter = counters.get(element);
      if (counter === undefined) {
        if (this.elements >= this.#bounds.elementsMax) continue;
        this.elements++;
        counter = { count: 0 };
        counters.set(element, counter);
      }
      counter.count++;
      added.push(counter);
    }
    if (added.length < elements.length) this.#lose();
    else if (cell.operation !== OTHER_OPERATIONS) cell.latest = { elements, counters: added };
  }

  #countsOf({ caller, headers }: Asker): CallerCounts | undefined {
    const isKey = caller.kind === 'key';
    const latest = isKey ? this.#latest.get(caller) : undefined;
    if (latest?.version === saidVersion(headers)) return latest.counts;
    const said = saidCaller(caller, headers);
    const { contract } = caller;
    const counts = this.#callers.get(nameOf(said, contract)) ?? this.#openCaller(said, contract);
    // A changed or rotated key is another object: twice as many as there are keys is more than a minute has.
    if (isKey && counts !== undefined && this.#latest.size < this.#bounds.keysMax * 2) {
      this.#latest.set(caller, { version: said.version, counts });
    }
    return counts;
  }

  #lose(): void {
    this.lost++;
    this.#noteLost();
  }

  #openCell(caller: CallerCounts, use: OperationUse, nowMs: number): Cell {
    const operation = this.#mayOpen(use) ? use.id : OTHER_OPERATIONS;
    const known = caller.cells.get(operation);
    if (known !== undefined) return known;
    if (caller.part === undefined || caller.part.cells.length >= CELLS_A_PART) {
      const id = `${this.#serial}:${this.parts.length}`;
      caller.part = { id, caller: caller.caller, contract: caller.contract, cells: [], requests: 0, written: 0 };
      this.parts.push(caller.part);
    }
    const { part } = caller;
    const cell: Cell = {
      operation,
      part,
      count: 0,
      firstMs: nowMs,
      lastMs: nowMs,
      elements: undefined,
      latest: undefined,
    };
    part.cells.push(cell);
    caller.cells.set(operation, cell);
    this.cells++;
    return cell;
  }

  /** A caller that was not seen in this minute under this name; undefined for a key that is one too many. */
  #openCaller(said: SaidCaller, contract: string | undefined): CallerCounts | undefined {
    const kept = this.#boundCaller(keptCaller(said));
    const { kind, name, version = '' } = kept;
    const id = nameOf({ kind, name, version }, contract);
    const known = this.#callers.get(id);
    if (known !== undefined) return known;
    if (kind === 'key' && this.#keys++ >= this.#bounds.keysMax) return undefined;
    const caller = { caller: kept, contract, cells: new Map<string, Cell>(), part: undefined };
    this.#callers.set(id, caller);
    return caller;
  }
}

function storeCell({ operation, count, firstMs, lastMs, elements }: Cell): StoredCount {
  const times = { firstSeen: new Date(firstMs), lastSeen: new Date(lastMs) };
  if (elements === undefined) return { operation, count, ...times };
  return {
    operation,
    count,
    ...times,
    elements: [...elements.keys()],
    elementCounts: [...elements.values()].map((each) => each.count),
  };
}

/** Takes a part of a minute, the process that counted it and when it may be forgotten; gives it as it is kept. */
export function bucketOf(
  part: CountPart,
  { atMs }: Pick<MinuteCounts, 'atMs'>,
  process: string,
  expiresAt: Date,
): BucketDocument {
  const { id, caller, contract, requests, cells } = part;
  return {
    _id: `${process}:${id}`,
    at: new Date(atMs),
    process,
    caller,
    ...(contract !== undefined && { contract }),
    requests,
    operations: cells.map(storeCell),
    expiresAt,
  };
}
