// Walks a dotted path through a document as MongoDB's queries do: arrays on the way are entered, by position and item
// by item.
import { type Doc, isDoc } from './kinds.ts';

const POSITION = /^(0|[1-9]\d*)$/;

/** Whether a path segment can name a place in an array. */
export function isPosition(segment: string): boolean {
  return POSITION.test(segment);
}

/** Calls `visit` with each value at the path (undefined where it is absent) until one call gives true; gives whether. */
export function somePathValue(
  value: unknown,
  path: readonly string[],
  at: number,
  visit: (found: unknown) => boolean,
): boolean {
  const segment = path[at];
  if (segment === undefined) return visit(value);
  if (Array.isArray(value)) return someInArray(value as unknown[], path, at, visit);
  if (!isDoc(value)) return visit(undefined);
  return somePathValue(ownValue(value, segment), path, at + 1, visit);
}

function someInArray(
  items: readonly unknown[],
  path: readonly string[],
  at: number,
  visit: (found: unknown) => boolean,
): boolean {
  const segment = path[at] ?? '';
  if (isPosition(segment) && Number(segment) < items.length) {
    if (somePathValue(items[Number(segment)], path, at + 1, visit)) return true;
  }
  for (const item of items) {
    if (isDoc(item) && somePathValue(item, path, at, visit)) return true;
  }
  return false;
}

/** Takes a document and a field's name; gives its own value, never one of the prototype. */
export function ownValue(doc: Doc, name: string): unknown {
  return Object.hasOwn(doc, name) ? doc[name] : undefined;
}
