// Carries a plan out: gives the documents that pass, as bytes, in the plan's order, and counts what it looked at.
import { type FilterNode, topFieldsOf } from '../query/filterNode.ts';
import { compileFilter } from '../query/matches.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import type { IndexRow, Reader, ScanOptions } from '../store/tableReader.ts';
import { decodeExact } from '../values/bsonCodec.ts';
import type { Doc } from '../values/kinds.ts';
import { fieldNames, pickFields } from '../values/pickFields.ts';
import type { PlannedInterval } from './indexBounds.ts';
import { type IndexPlan, type Plan, mayRepeat } from './planner.ts';

/** A document that was found; `doc` is there when it had to be decoded for the test. */
export interface Found {
  readonly row: number;
  readonly bytes: Uint8Array;
  readonly doc: Doc | undefined;
}

/** What a plan looked at so far. */
export interface Examined {
  keys: number;
  docs: number;
}

/** Where and how a plan is carried out. `tick` is called for each row and may throw (time limit). */
interface ReadContext {
  readonly collection: CollectionInfo;
  readonly reader: Reader;
  readonly examined: Examined;
  readonly most: number | undefined;
  tick(): void;
  /** Once it gives false, documents may come as no bytes. */
  needsDocs(): boolean;
}

type BytesTest = (bytes: Uint8Array) => { readonly doc: Doc | undefined } | undefined;

const NO_BYTES = new Uint8Array(0);
const UNDECODED = { doc: undefined };

/** Takes what is left to be tested; gives a test of bytes that decodes no more than it has to. */
function testOf(residual: FilterNode | undefined): BytesTest {
  if (!residual) return () => UNDECODED;
  const test = compileFilter(residual);
  const top = topFieldsOf(residual);
  if (top) {
    const names = fieldNames(top);
    return (bytes) => (test(pickFields(bytes, names, true)) ? UNDECODED : undefined);
  }
  return (bytes) => {
    const doc = decodeExact(bytes);
    return test(doc) ? { doc } : undefined;
  };
}

function* inOrder(plan: IndexPlan, context: ReadContext, options: ScanOptions): Generator<IndexRow> {
  const { intervals } = plan.bounds;
  const { collection, reader } = context;
  const count = intervals.length;
  const { index } = plan;
  if (index.unique && count > 1 && plan.bounds.points.length === index.fields.length) {
    const keys = intervals.map(({ lo }) => lo);
    yield* reader.scanPoints(collection, index, plan.reverse ? keys.reverse() : keys, options);
    return;
  }
  for (let at = 0; at < count; at += 1) {
    const interval = intervals[plan.reverse ? count - 1 - at : at];
    if (interval) yield* reader.scanIndex(collection, index, interval, options);
  }
}

interface Source {
  readonly rows: Generator<IndexRow>;
  readonly prefixLength: number;
  head: IndexRow | undefined;
}

function isBefore(left: Source, right: Source, reverse: boolean): boolean {
  if (!left.head || !right.head) return false;
  const order = Buffer.compare(left.head.key.subarray(left.prefixLength), right.head.key.subarray(right.prefixLength));
  return reverse ? order > 0 : order < 0;
}

function* mergedByRest(plan: IndexPlan, context: ReadContext, options: ScanOptions): Generator<IndexRow> {
  const open = (interval: PlannedInterval): Source => {
    const rows = context.reader.scanIndex(context.collection, plan.index, interval, options);
    return { rows, prefixLength: interval.prefixLength, head: nextOf(rows) };
  };
  const sources = plan.bounds.intervals.map(open).filter(({ head }) => head);
  for (;;) {
    let best: Source | undefined;
    for (const source of sources) if (source.head && (!best || isBefore(source, best, plan.reverse))) best = source;
    if (!best?.head) return;
    yield best.head;
    best.head = nextOf(best.rows);
  }
}

function nextOf(rows: Generator<IndexRow>): IndexRow | undefined {
  const step = rows.next();
  return step.done ? undefined : step.value;
}

function firstChunk(plan: IndexPlan, most: number | undefined): number {
  if (plan.index.unique && plan.bounds.points.length === plan.index.fields.length) return 2;
  const wanted = most === undefined ? 64 : plan.residual ? most * 2 : most;
  return Math.max(1, Math.min(256, wanted));
}

function indexRows(plan: IndexPlan, context: ReadContext): Generator<IndexRow> {
  const options: ScanOptions = {
    reverse: plan.reverse,
    firstChunk: firstChunk(plan, context.most),
    get withDocs() {
      return plan.residual !== undefined || context.needsDocs();
    },
  };
  return plan.order === 'merged' ? mergedByRest(plan, context, options) : inOrder(plan, context, options);
}

function* readIndex(plan: IndexPlan, context: ReadContext, seen: Set<number> | undefined): Generator<Found> {
  const test = testOf(plan.residual);
  for (const { row, bytes = NO_BYTES } of indexRows(plan, context)) {
    context.examined.keys += 1;
    context.tick();
    if (seen?.has(row)) continue;
    seen?.add(row);
    if (bytes !== NO_BYTES) context.examined.docs += 1;
    const passed = test(bytes);
    if (passed) yield { row, bytes, doc: passed.doc };
  }
}

function* readUnion(branches: readonly IndexPlan[], context: ReadContext): Generator<Found> {
  const emitted = new Set<number>();
  for (const branch of branches) {
    // A document that failed one branch's test may pass another's: only what was given is left out.
    for (const found of readIndex(branch, context, mayRepeat(branch) ? new Set() : undefined)) {
      if (emitted.has(found.row)) continue;
      emitted.add(found.row);
      yield found;
    }
  }
}

/** Gives the documents of a plan, in its order. */
export function* readPlan(plan: Plan, context: ReadContext): Generator<Found> {
  if (plan.kind === 'index') {
    yield* readIndex(plan, context, mayRepeat(plan) ? new Set() : undefined);
    return;
  }
  if (plan.kind === 'union') {
    yield* readUnion(plan.branches, context);
    return;
  }
  const test = testOf(plan.residual);
  for (const { row, bytes } of context.reader.scanAll(context.collection, plan.reverse)) {
    context.tick();
    context.examined.docs += 1;
    const passed = test(bytes);
    if (passed) yield { row, bytes, doc: passed.doc };
  }
}

/** Counts what a plan finds; without reading documents where the index alone proves the filter. */
export function countPlan(plan: Plan, context: ReadContext): number {
  if (plan.kind === 'index' && !plan.residual && !mayRepeat(plan)) {
    const most = context.most ?? Number.MAX_SAFE_INTEGER;
    let counted = 0;
    for (const interval of plan.bounds.intervals) {
      if (counted >= most) break;
      context.tick();
      counted += context.reader.countKeys(context.collection, plan.index, interval, most - counted);
    }
    context.examined.keys += counted;
    return counted;
  }
  let counted = 0;
  for (const found of readPlan(plan, context)) {
    counted += found.row >= 0 ? 1 : 0;
    if (context.most !== undefined && counted >= context.most) break;
  }
  return counted;
}
