// The only file that imports dataloader. Loaders live for one request; each turns the single loads of a fetch into one
// query per collection, answers in key order, and gives undefined for a key that is not there.
import DataLoader from 'dataloader';

/** The most keys of one query: a longer batch is split. */
const BATCH_KEYS_MAX = 500;

/** Loads the value of one key, together with all others that are asked for in the same turn. */
export type Load<V> = (key: string) => Promise<V | undefined>;

/** Takes a batch function from keys to a map; gives the loader of one request. */
export function makeLoader<V>(batch: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>): Load<V> {
  const loader = new DataLoader<string, V | undefined>(
    async (keys) => {
      const found = await batch(keys);
      return keys.map((key) => found.get(key));
    },
    { maxBatchSize: BATCH_KEYS_MAX },
  );
  return (key) => loader.load(key);
}

/** Loads what belongs to one parent under some arguments; parents with equal arguments share a query. */
export type LoadList<A, V> = (parentId: string, args: A) => Promise<V | undefined>;

/** Takes a batch function from parents and arguments to a map; gives the loader of one request. */
export function makeListLoader<A, V>(
  batch: (parentIds: readonly string[], args: A) => Promise<ReadonlyMap<string, V>>,
): LoadList<A, V> {
  const byArguments = new Map<string, Load<V>>();
  return (parentId, args) => {
    const key = JSON.stringify(args);
    let load = byArguments.get(key);
    if (load === undefined) {
      load = makeLoader((parentIds) => batch(parentIds, args));
      byArguments.set(key, load);
    }
    return load(parentId);
  };
}

/** Takes documents and what names each; gives them by that name. */
export function mapBy<D>(documents: readonly D[], nameOf: (document: D) => string): Map<string, D> {
  return new Map(documents.map((document) => [nameOf(document), document]));
}

/** Takes documents and what names the parent of each; gives them grouped, in their order. */
export function groupBy<D>(documents: readonly D[], parentOf: (document: D) => string): Map<string, D[]> {
  return Map.groupBy(documents, parentOf);
}
