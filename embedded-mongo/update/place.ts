// A place in a document that an update writes to: found by a path without wildcards, made on the way when needed.
import { MongoFault } from '../mongoFault.ts';
import { type Doc, isDoc } from '../values/kinds.ts';
import { isPosition, ownValue } from '../values/path.ts';

/** A field of a document or an item of an array. */
export interface Place {
  readonly path: string;
  get(): unknown;
  set(value: unknown): void;
  remove(): void;
}

const ARRAY_GROWTH_MAX = 1_500_000;

function fieldPlace(doc: Doc, name: string, path: string): Place {
  return {
    path,
    get: () => ownValue(doc, name),
    set: (value) => Object.defineProperty(doc, name, { value, writable: true, enumerable: true, configurable: true }),
    remove: () => Reflect.deleteProperty(doc, name),
  };
}

function itemPlace(items: unknown[], at: number, path: string): Place {
  return {
    path,
    get: () => items[at],
    set(value) {
      if (at - items.length > ARRAY_GROWTH_MAX)
        throw new MongoFault(2, `can't backfill more than ${ARRAY_GROWTH_MAX} elements`);
      while (items.length < at) items.push(null);
      items[at] = value;
    },
    remove() {
      if (at < items.length) items[at] = null;
    },
  };
}

function placeIn(holder: unknown, name: string, path: string): Place | undefined {
  if (Array.isArray(holder)) return isPosition(name) ? itemPlace(holder as unknown[], Number(name), path) : undefined;
  return isDoc(holder) ? fieldPlace(holder, name, path) : undefined;
}

/**
 * Takes a document and a path of plain names; gives its place. With `create` missing documents on the way are made and
 * an impossible way throws 28; without it the place is undefined when the way is not there.
 */
export function locate(doc: Doc, segments: readonly string[], create: boolean): Place | undefined {
  let holder: unknown = doc;
  for (let at = 0; ; at += 1) {
    const name = segments[at] ?? '';
    const place = placeIn(holder, name, segments.slice(0, at + 1).join('.'));
    if (!place) {
      if (!create) return undefined;
      throw new MongoFault(
        28,
        `Cannot create field '${name}' in element {${segments[at - 1] ?? ''}: ${JSON.stringify(holder)}}`,
      );
    }
    if (at === segments.length - 1) return place;
    let next = place.get();
    if (next === undefined) {
      if (!create) return undefined;
      next = {};
      place.set(next);
    }
    holder = next;
  }
}
