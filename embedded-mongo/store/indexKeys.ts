// Which keys a document has in an index: one for each item of an array on the way (multikey), none when a sparse or
// partial index leaves the document out.
import { MongoFault } from '../mongoFault.ts';
import { type Doc, isDoc } from '../values/kinds.ts';
import { EMPTY_ARRAY, KeyWriter } from '../values/keyEncoding.ts';
import { isPosition, ownValue, somePathValue } from '../values/path.ts';
import type { FieldSet, IndexInfo } from './catalogEntries.ts';

interface Walk {
  readonly value: unknown;
  readonly segments: readonly string[];
  readonly at: number;
  readonly ended: boolean;
}

/** The keys of one document in one index, and the fields at whose paths an array stands. */
export interface KeysOfDoc {
  readonly keys: readonly Buffer[];
  readonly arrays: FieldSet;
}

const NONE: KeysOfDoc = { keys: [], arrays: 0 };
const writer = new KeyWriter();

function advance(walk: Walk): Walk {
  let { value, at } = walk;
  const { segments } = walk;
  for (let segment = segments[at]; segment !== undefined; segment = segments[at]) {
    if (Array.isArray(value)) {
      if (!isPosition(segment) || Number(segment) >= value.length) return { value, segments, at, ended: false };
      value = value[Number(segment)] as unknown;
    } else if (isDoc(value)) {
      value = ownValue(value, segment);
    } else {
      return { value: undefined, segments, at: segments.length, ended: true };
    }
    at += 1;
  }
  return { value, segments, at, ended: !Array.isArray(value) };
}

function enterItem(walk: Walk, item: unknown): Walk {
  if (walk.at >= walk.segments.length) return { ...walk, value: item, ended: true };
  return isDoc(item) ? { ...walk, value: item } : { ...walk, value: undefined, ended: true };
}

function leaveEmpty(walk: Walk): Walk {
  return { ...walk, value: walk.at >= walk.segments.length ? EMPTY_ARRAY : undefined, ended: true };
}

function collect(walks: readonly Walk[], emit: (values: readonly unknown[]) => void): FieldSet {
  const moved = walks.map((walk) => (walk.ended ? walk : advance(walk)));
  const open = moved.filter((walk) => !walk.ended);
  const array = open[0]?.value as unknown[] | undefined;
  if (array === undefined) {
    emit(moved.map((walk) => walk.value));
    return 0;
  }
  if (open.some((walk) => walk.value !== array)) throw new MongoFault(171, 'cannot index parallel arrays');
  const next = (change: (walk: Walk) => Walk): FieldSet =>
    collect(
      moved.map((walk) => (walk.ended ? walk : change(walk))),
      emit,
    );
  let arrays = moved.reduce((fields, walk, at) => (walk.ended ? fields : fields | (1 << at)), 0);
  if (array.length === 0) arrays |= next(leaveEmpty);
  for (const item of array) arrays |= next((walk) => enterItem(walk, item));
  return arrays;
}

function isLeftOut(index: IndexInfo, doc: Doc): boolean {
  if (index.partial && !index.partial.test(doc)) return true;
  if (!index.sparse) return false;
  return !index.fields.some((field) => somePathValue(doc, field.segments, 0, (found) => found !== undefined));
}

function encode(index: IndexInfo, values: readonly unknown[]): Buffer {
  writer.reset();
  index.fields.forEach((field, at) => writer.component(values[at], field.descending));
  return writer.take();
}

function plainKey(index: IndexInfo, doc: Doc): Buffer | undefined {
  writer.reset();
  for (const { segments, descending, path } of index.fields) {
    let value: unknown;
    if (segments.length === 1) value = ownValue(doc, path);
    else {
      const walk = advance({ value: doc, segments, at: 0, ended: false });
      if (!walk.ended) return undefined;
      value = walk.value;
    }
    if (Array.isArray(value)) return undefined;
    writer.component(value, descending);
  }
  return writer.take();
}

/** Takes an index and an exactly decoded document; gives its keys. Throws 171 for parallel arrays. */
export function keysOf(index: IndexInfo, doc: Doc): KeysOfDoc {
  if ((index.partial || index.sparse) && isLeftOut(index, doc)) return NONE;
  const single = plainKey(index, doc);
  if (single) return { keys: [single], arrays: 0 };
  const found = new Map<string, Buffer>();
  const walks = index.fields.map(({ segments }) => ({ value: doc, segments, at: 0, ended: false }));
  const arrays = collect(walks, (values) => {
    const key = encode(index, values);
    found.set(key.toString('latin1'), key);
  });
  return { keys: [...found.values()], arrays };
}

/** The keys of one document that stays as it is, worked out once for each index. */
export class DocKeys {
  private readonly doc: Doc;
  private readonly known = new Map<IndexInfo, KeysOfDoc>();

  constructor(doc: Doc) {
    this.doc = doc;
  }

  in(index: IndexInfo): KeysOfDoc {
    const known = this.known.get(index);
    if (known) return known;
    const keys = keysOf(index, this.doc);
    this.known.set(index, keys);
    return keys;
  }
}

/** Takes an index and a document; gives the values of the index's fields, as an error message names them. */
export function keyValueOf(index: IndexInfo, doc: Doc, key: Uint8Array): Doc {
  const found: Doc = {};
  const walks = index.fields.map(({ segments }) => ({ value: doc, segments, at: 0, ended: false }));
  collect(walks, (values) => {
    if (Buffer.compare(encode(index, values), key) !== 0) return;
    index.fields.forEach(({ path }, at) => (found[path] = values[at] ?? null));
  });
  return found;
}
