// Equal entities at one place of an answer become one object of the tree: an order's product that stands there a hundred
// times is read, completed and written once. Only what is equal in every value that came is shared, at one place of one
// fetch, so that whatever comes later is asked of all of it with the same words.
import { isFields, type AnswerPlace, type Fields } from '../compiledOperation.ts';

/** Values nested deeper than this are not compared, lists nested deeper not looked into. */
const DEPTH_MAX = 20;

function isSame(left: unknown, right: unknown, depth: number): boolean {
  if (left === right) return true;
  if (depth > DEPTH_MAX) return false;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isSame(item, right[index], depth + 1))
    );
  }
  if (!isFields(left) || !isFields(right)) return false;
  for (const key in left) if (!isSame(left[key], right[key], depth + 1)) return false;
  for (const key in right) if (!Object.hasOwn(left, key)) return false;
  return true;
}

/** The objects of one run that stand at several places. */
export class SharedEntities {
  private readonly shared = new Set<object>();

  get isEmpty(): boolean {
    return this.shared.size === 0;
  }

  has(object: object): boolean {
    return this.shared.has(object);
  }

  /** Takes a value of an answer and what is known of its place; shares what is equal beneath it, in place. */
  shareWithin(value: unknown, place: AnswerPlace): void {
    const known = new Map<AnswerPlace, Map<unknown, Fields>>();
    this.share(value, place, known, 0);
  }

  /** Objects nest as deep as the operation asks, lists in lists as deep as a subgraph pleases: `lists` bounds those. */
  private share(
    value: unknown,
    place: AnswerPlace,
    known: Map<AnswerPlace, Map<unknown, Fields>>,
    lists: number,
  ): unknown {
    if (Array.isArray(value)) {
      if (lists > DEPTH_MAX) return value;
      for (let index = 0; index < value.length; index++) {
        const item: unknown = value[index];
        if (typeof item !== 'object' || item === null) continue;
        const one = this.share(item, place, known, lists + 1);
        if (one !== item) value[index] = one;
      }
      return value;
    }
    const object = value as Fields;
    for (let at = 0; at < place.inner.length; at++) {
      const [key, inner] = place.inner[at] as (typeof place.inner)[number];
      const nested = object[key];
      if (typeof nested !== 'object' || nested === null) continue;
      const one = this.share(nested, inner, known, 0);
      if (one !== nested) object[key] = one;
    }
    return place.key === undefined ? object : this.canonical(object, place, place.key, known);
  }

  private canonical(object: Fields, place: AnswerPlace, key: string, known: Map<AnswerPlace, Map<unknown, Fields>>) {
    const mark = object[key];
    let byMark = known.get(place);
    if (byMark === undefined) known.set(place, (byMark = new Map<unknown, Fields>()));
    const first = byMark.get(mark);
    if (first === undefined) {
      byMark.set(mark, object);
      return object;
    }
    for (let at = 0; at < place.fields.length; at++) {
      const name = place.fields[at] as string;
      if (!isSame(object[name], first[name], 0)) return object;
    }
    this.shared.add(first);
    return first;
  }
}
