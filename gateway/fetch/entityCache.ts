// The port to what keeps subgraphs' answers, entity by entity: asked before a fetch, told after it. What stands behind it
// (gateway/cache) decides whether anything is found or kept; a fetch goes on without it as if there were none.
import type { CacheRule } from '../compiledOperation.ts';
import type { RequestState } from '../requestState.ts';

/** Entities of one fetch. */
export interface AskedEntities {
  readonly subgraph: string;
  readonly rule: CacheRule;
  /** The values of the fetch's variables, as JSON text. */
  readonly variables: string;
  /** The representations, as JSON text; one empty text for a fetch of root fields. */
  readonly texts: readonly string[];
  readonly state: RequestState;
}

/** What was found of them. */
export interface FoundEntities {
  /** By representation: the entity as JSON text, undefined where it has to be fetched. */
  readonly values: readonly (string | undefined)[];
  /** When it was looked for: what is fetched from now on may be kept by it. Undefined where nothing may be kept. */
  readonly ticket: number | undefined;
}

/** What keeps entities, for one supergraph. */
export interface EntityCache {
  /** Looks entities up; calls `done` once, in this turn or later. Never throws. */
  find(asked: AskedEntities, done: (found: FoundEntities) => void): void;
  /** Takes what was fetched of the entities, by representation, whose answer had no error; the ticket is that of `find`. */
  keep(asked: AskedEntities, values: readonly unknown[], ticket: number): void;
  /** A mutation was answered: drops the entities that its texts name, then calls `done`, in this turn or later. */
  noteWrite(subgraph: string, texts: readonly string[], done: () => void): void;
}
