// Which objects of the tree a fetch is about, and how a subgraph is told of them: each entity once, however often it
// stands in the tree, and at most so many a call.
import { isFields, type FetchStep, type Fields, type SharedObjects } from '../compiledOperation.ts';
import type { FailureLog } from './failures.ts';

/** A part of a fetch that goes as one: entities under the same values of variables. */
export interface FetchPart {
  readonly step: FetchStep;
  /** The objects of the tree that the answer goes into. */
  readonly objects: Fields[];
  /** By object: which representation is its own. */
  readonly indexes: number[];
  /** The representations, as JSON text. */
  readonly texts: string[];
  /** More variables, as JSON text: `,"name":value`. */
  readonly context: string;
  /** By object: which of the places it stands at that were united; absent for one place. */
  readonly origins?: readonly number[];
}

const NOTHING_ABOVE: readonly Fields[] = [];

type Found = (object: Fields, above: readonly Fields[]) => void;

function walk(value: unknown, path: readonly string[], at: number, above: readonly Fields[], found: Found): void {
  if (Array.isArray(value)) {
    const next = path[at] === '@' ? at + 1 : at;
    for (const item of value) walk(item, path, next, above, found);
  } else if (isFields(value)) {
    const step = path[at];
    if (step === undefined) found(value, above);
    else if (step !== '@') walk(value[step], path, at + 1, [...above, value], found);
  }
}

/** What stands at a path, and which of the shared objects on the way were passed already. */
interface Collection {
  readonly objects: Fields[];
  readonly shared: SharedObjects;
  /** By how far along the path. */
  readonly passed: Set<object>[];
  /** How many lists are around. */
  lists: number;
}

/** What stands in more lists than this is not found; no operation asks so deep. */
const LISTS_MAX = 200;

function collect(value: unknown, path: readonly string[], at: number, into: Collection): void {
  const { objects, shared, passed } = into;
  for (; at <= path.length; at++) {
    if (Array.isArray(value)) break;
    if (typeof value !== 'object' || value === null) return;
    if (shared.has(value)) {
      // What stands beneath it was found when it was passed first.
      const here = (passed[at] ??= new Set());
      if (here.has(value)) return;
      here.add(value);
    }
    if (at === path.length) break;
    value = (value as Fields)[path[at] ?? ''];
  }
  if (Array.isArray(value)) {
    const next = path[at] === '@' ? at + 1 : at;
    // Lists in lists are as deep as a subgraph pleases, of which a stack must know nothing (G5).
    if (++into.lists <= LISTS_MAX) for (const item of value) collect(item, path, next, into);
    into.lists--;
  } else if (isFields(value)) objects.push(value);
}

/** The objects at a path of the tree, each once; `@` stands for every element of a list. */
export function objectsAt(tree: Fields, path: readonly string[], shared: SharedObjects): Fields[] {
  const objects: Fields[] = [];
  collect(tree, path, 0, { objects, shared, passed: [], lists: 0 });
  return objects;
}

/** A part that entities are still added to, and where each representation stands in it. */
interface OpenPart {
  readonly part: FetchPart;
  readonly known: Map<string, number>;
}

/** Parts by the fetch that is sent for them: fields that need what failed are left out of some entities' fetch. */
class PartTable {
  private readonly parts = new Map<FetchStep, Map<string, OpenPart>>();

  add(step: FetchStep, context: string, object: Fields, text: string): void {
    const byContext = this.parts.get(step) ?? new Map<string, OpenPart>();
    this.parts.set(step, byContext);
    let entry = byContext.get(context);
    if (entry === undefined) {
      entry = { part: { step, objects: [], indexes: [], texts: [], context }, known: new Map() };
      byContext.set(context, entry);
    }
    const { part, known } = entry;
    let index = known.get(text);
    if (index === undefined) {
      index = part.texts.push(text) - 1;
      known.set(text, index);
    }
    part.objects.push(object);
    part.indexes.push(index);
  }

  list(): FetchPart[] {
    return [...this.parts.values()].flatMap((byContext) => [...byContext.values()].map(({ part }) => part));
  }
}

/** An entity that is in a part already, by the values that tell it from others. */
interface KnownEntity {
  readonly index: number;
  readonly values: readonly unknown[];
  readonly next: KnownEntity | undefined;
}

function isLeaf(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

function findEntity(first: KnownEntity | undefined, object: Fields, keys: readonly string[]): number | undefined {
  for (let entity = first; entity !== undefined; entity = entity.next) {
    let isSame = true;
    for (let at = 0; at < keys.length && isSame; at++) isSame = entity.values[at] === object[keys[at] ?? ''];
    if (isSame) return entity.index;
  }
  return undefined;
}

/**
 * The common case, without failures and with representations of plain values: entities are told apart by their values,
 * and only the first of equal ones is written. Gives undefined where it is not that case.
 */
function readPlainPart(step: FetchStep, objects: readonly Fields[]): FetchPart | undefined {
  const reader = step.entity?.reader;
  const part: FetchPart = { step, objects: [], indexes: [], texts: [], context: '' };
  const known = new Map<unknown, KnownEntity>();
  for (const object of objects) {
    const typename = object['__typename'];
    if (typeof typename !== 'string') continue;
    const keys = reader?.leavesOf(typename);
    if (keys === undefined) return undefined;
    if (keys.length === 0) continue;
    // The key stands last, behind what is required: it tells most.
    const mark = object[keys[keys.length - 1] ?? ''];
    const first = known.get(mark);
    let index = findEntity(first, object, keys);
    if (index === undefined) {
      const values = keys.map((key) => object[key]);
      const text = values.every(isLeaf) ? reader?.read(object, undefined) : undefined;
      if (typeof text !== 'string') return undefined;
      index = part.texts.push(text) - 1;
      known.set(mark, { index, values, next: first });
    }
    part.objects.push(object);
    part.indexes.push(index);
  }
  return part;
}

/** Splits a part whose entities are too many for one call. */
function split(part: FetchPart, representationsMax: number): FetchPart[] {
  if (part.texts.length <= representationsMax) return [part];
  const parts: FetchPart[] = [];
  for (let start = 0; start < part.texts.length; start += representationsMax) {
    const texts = part.texts.slice(start, start + representationsMax);
    parts.push({ ...part, objects: [], indexes: [], texts });
  }
  part.objects.forEach((object, at) => {
    const index = part.indexes[at] ?? 0;
    const own = parts[Math.floor(index / representationsMax)];
    own?.objects.push(object);
    own?.indexes.push(index % representationsMax);
  });
  return parts;
}

/** What reading a fetch's entities needs to know. */
export interface ReadingRules {
  readonly failures: FailureLog;
  readonly shared: SharedObjects;
  readonly isOfType: TypeCheck;
  readonly representationsMax: number;
  /** What other fetches have read out of the tree as it is now: fetches that start together often read the same. */
  readonly alreadyRead: Map<string, FetchPart>;
}

type TypeCheck = (typename: string, condition: string) => boolean;

/** Marks a value that failed. */
const FAILED = Symbol('failed');

/** A value of `@fromContext`, out of what stands above an entity; undefined where there is none. */
function contextValue(path: readonly string[], object: Fields, above: readonly Fields[], rules: ReadingRules): unknown {
  let level = above.length;
  let value: unknown = object;
  for (const step of path) {
    if (step === '..') value = above[--level];
    else if (!isFields(value)) return value;
    else if (step.startsWith('... on ')) {
      const typename = value['__typename'];
      if (typeof typename === 'string' && !rules.isOfType(typename, step.slice(7))) return undefined;
    } else if (rules.failures.isFailed(value, step)) return FAILED;
    else value = value[step];
  }
  return value;
}

const NO_CONTEXT = { text: '', failed: [] };

/** The variables that an entity's fetch takes from above it, as text; or those that failed. */
function readContext(step: FetchStep, object: Fields, above: readonly Fields[], rules: ReadingRules) {
  const values = new Map<string, unknown>();
  for (const { variable, path } of step.entity?.context ?? []) {
    const value = contextValue(path, object, above, rules);
    if (value !== undefined || !values.has(variable)) values.set(variable, value ?? values.get(variable));
  }
  const failed = [...values].filter(([, value]) => value === FAILED).map(([name]) => `$${name}`);
  const given = [...values].filter(([, value]) => value !== FAILED);
  const text = given.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value ?? null)}`).join('');
  return { text, failed };
}

/** Says of the fields that a fetch would have brought that what they are worked out from is away. */
function markDependents(
  step: FetchStep,
  kept: FetchStep | undefined,
  object: Fields,
  lacking: string,
  log: FailureLog,
) {
  const typename = object['__typename'];
  const type = typeof typename === 'string' ? typename : undefined;
  const left = new Set(kept?.keysOf(type));
  const code = log.of(object, lacking)?.code ?? 'SUBGRAPH_BAD_ANSWER';
  const message = 'What this field is worked out from is away.';
  const failure = { code, message, namesField: true, beneath: [] };
  for (const key of step.keysOf(type)) {
    if (!left.has(key) && (object[key] === undefined || object[key] === null)) log.mark(object, key, failure);
  }
}

function toSend(part: FetchPart, { representationsMax }: ReadingRules): FetchPart[] {
  return part.texts.length === 0 ? [] : split(part, representationsMax);
}

/** Takes an entity fetch and the tree; gives the parts to send, after marking what cannot be fetched. */
export function readParts(step: FetchStep, tree: Fields, rules: ReadingRules): FetchPart[] {
  const { failures, alreadyRead } = rules;
  const hasContext = step.entity?.context.length !== 0;
  const mark = step.entity?.readMark ?? '';
  const known = alreadyRead.get(mark);
  if (known !== undefined && failures.isEmpty && !hasContext) return toSend({ ...known, step }, rules);
  const objects = hasContext ? [] : objectsAt(tree, step.path, rules.shared);
  const plain = failures.isEmpty && !hasContext ? readPlainPart(step, objects) : undefined;
  if (plain !== undefined) {
    alreadyRead.set(mark, plain);
    return toSend(plain, rules);
  }
  const table = new PartTable();
  const isFailed = failures.isEmpty ? undefined : failures.isFailed;
  const add = (asked: FetchStep, object: Fields, above: readonly Fields[]): void => {
    const context = asked.entity?.context.length === 0 ? NO_CONTEXT : readContext(asked, object, above, rules);
    const read = context.failed.length > 0 ? { lacking: context.failed } : asked.entity?.reader.read(object, isFailed);
    if (read === undefined) return;
    if (typeof read === 'string') {
      table.add(asked, context.text, object, read);
      return;
    }
    const kept = asked.entity?.without(read.lacking);
    markDependents(asked, kept, object, read.lacking[0] ?? '', failures);
    if (kept !== undefined) add(kept, object, above);
  };
  for (const object of objects) add(step, object, NOTHING_ABOVE);
  if (hasContext) walk(tree, step.path, 0, NOTHING_ABOVE, (object, above) => add(step, object, above));
  return table.list().flatMap((part) => split(part, rules.representationsMax));
}
