// What kept data is dropped by: the ids of the entities that it holds, and the types of whose entities any change counts.
// Ids alone, without types: an interface's entity is named by the interface in one place and by its type in another, and
// two entities of one id would be dropped together, which does no harm.
import { entityKeysOf, type GraphEvent } from '../../contracts/event.ts';
import { isFields, type CacheRule, type IdPlace } from '../compiledOperation.ts';

/** Data of more entities than this is not kept: it is old soon, and dropped seldom at less cost than it is fetched. */
const TAGS_MAX = 1_000;
/** Values nested deeper than this are not looked into. */
const DEPTH_MAX = 60;

function typeTag(type: string): string {
  return `${type}:*`;
}

function collect(value: unknown, place: IdPlace, into: Set<string>, depth: number): boolean {
  if (depth > DEPTH_MAX || into.size > TAGS_MAX) return false;
  if (Array.isArray(value)) return value.every((item) => collect(item, place, into, depth + 1));
  if (!isFields(value)) return true;
  for (const key of place.keys) {
    const id = value[key];
    if (typeof id === 'string' || typeof id === 'number') into.add(String(id));
  }
  return place.inner.every(([key, inner]) => collect(value[key], inner, into, depth + 1));
}

/** Takes data and how it is kept; gives its tags, undefined where it holds too many entities or none that is named. */
export function tagsOf(value: unknown, { ids, changedBy }: CacheRule): string[] | undefined {
  const tags = new Set<string>();
  if (!collect(value, ids, tags, 0) || tags.size === 0 || tags.size > TAGS_MAX) return undefined;
  for (const type of changedBy) tags.add(typeTag(type));
  return [...tags];
}

/** Takes an event; gives the tags that it drops: the ids of all that it makes old, and the type of what it is about. */
export function droppedBy(event: Pick<GraphEvent, 'entitykeys' | 'subject'>): string[] {
  const tags = new Set<string>();
  for (const key of entityKeysOf(event)) {
    const at = key.indexOf(':');
    const id = key.slice(at + 1);
    tags.add(id);
    if (id === event.subject) tags.add(typeTag(key.slice(0, at)));
  }
  return [...tags];
}

const IDS = /\b[a-z]{3}_[0-9a-z]{6,40}\b/g;

/** Takes texts of a mutation and its answer; gives the ids that they name. */
export function idsIn(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => text.match(IDS) ?? []))];
}
