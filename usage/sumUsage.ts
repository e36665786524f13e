// Adds minutes up to what was asked over a time: a row for each element of the schema, caller, contract and operation.
// Buckets come one after another and are not kept, so that a month of them needs the memory of its rows alone. Pure.
import type { UsageCaller, UsageRow } from '../contracts/usageExport.ts';
import type { BucketDocument, OperationDocument, StoredCount } from './usageDocuments.ts';

interface Sum {
  count: number;
  firstMs: number;
  lastMs: number;
}

/** One operation of one caller. */
interface Asked extends Sum {
  readonly caller: UsageCaller;
  readonly contract: string | undefined;
  readonly operation: string;
  readonly elements: Map<string, Sum>;
}

/** Takes buckets; gives rows. */
export class UsageSum {
  requests = 0;
  readonly #asked = new Map<string, Asked>();
  readonly #callers = new Map<string, UsageCaller>();

  /** Adds one minute of one caller. */
  add({ caller: { kind, name, version }, contract, requests, operations }: BucketDocument): void {
    this.requests += requests;
    const callerKey = JSON.stringify([kind, name, version ?? null]);
    const caller = this.#callers.get(callerKey) ?? { kind, name, version };
    this.#callers.set(callerKey, caller);
    for (const stored of operations) {
      const key = `${callerKey} ${contract ?? ''} ${stored.operation}`;
      let asked = this.#asked.get(key);
      if (asked === undefined) {
        asked = { ...NOTHING, caller, contract, operation: stored.operation, elements: new Map() };
        this.#asked.set(key, asked);
      }
      addCount(asked, stored, stored.count);
      for (const [at, coordinate] of (stored.elements ?? []).entries()) {
        const sum = asked.elements.get(coordinate) ?? { ...NOTHING };
        asked.elements.set(coordinate, sum);
        addCount(sum, stored, stored.elementCounts?.[at] ?? 0);
      }
    }
  }

  /** The operations whose documents are needed for the rows. */
  operations(): ReadonlySet<string> {
    return new Set([...this.#asked.values()].map(({ operation }) => operation));
  }

  /** Takes the operations by their id; gives the rows, by coordinate, then caller, then operation. */
  rows(operations: ReadonlyMap<string, OperationDocument>): UsageRow[] {
    const rows: UsageRow[] = [];
    const byId = new Map([...operations].map(([id, { hash, name }]) => [id, { hash, name }]));
    for (const { operation: id, caller, contract, elements, ...whole } of this.#asked.values()) {
      const operation = byId.get(id) ?? { hash: id, name: undefined };
      const sums = new Map<string, Sum>(elements);
      // What an operation always asks was asked by every request of it.
      for (const coordinate of operations.get(id)?.coordinates ?? []) sums.set(coordinate, whole);
      for (const [coordinate, { count, firstMs, lastMs }] of sums) {
        const times = { firstSeen: new Date(firstMs).toISOString(), lastSeen: new Date(lastMs).toISOString() };
        rows.push({ coordinate, caller, operation, contract, count, ...times });
      }
    }
    return joinEqual(rows).sort(compareRows);
  }
}

const NOTHING: Sum = { count: 0, firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };

function addCount(sum: Sum, { firstSeen, lastSeen }: StoredCount, count: number): void {
  sum.count += count;
  sum.firstMs = Math.min(sum.firstMs, firstSeen.getTime());
  sum.lastMs = Math.max(sum.lastMs, lastSeen.getTime());
}

function keyOf({ coordinate, caller, contract, operation }: UsageRow): string {
  return JSON.stringify([
    coordinate,
    caller.kind,
    caller.name,
    caller.version,
    operation.hash,
    operation.name,
    contract,
  ]);
}

/** A text has several documents where the schema changed meanwhile: what it asked before and after is one row. */
function joinEqual(rows: readonly UsageRow[]): UsageRow[] {
  const joined = new Map<string, UsageRow>();
  for (const row of rows) {
    const key = keyOf(row);
    const known = joined.get(key);
    if (known === undefined) joined.set(key, row);
    else {
      const firstSeen = known.firstSeen < row.firstSeen ? known.firstSeen : row.firstSeen;
      const lastSeen = known.lastSeen > row.lastSeen ? known.lastSeen : row.lastSeen;
      joined.set(key, { ...known, count: known.count + row.count, firstSeen, lastSeen });
    }
  }
  return [...joined.values()];
}

function compareRows(left: UsageRow, right: UsageRow): number {
  const one = keyOf(left);
  const other = keyOf(right);
  return one < other ? -1 : one > other ? 1 : 0;
}
