// The entity cache between the fetch step and its store: whose answer it is (the key), what makes it old (the tags), and
// when nothing is given out at all. Strict: a key holds everything that the subgraph's answer could depend on.
import { hash } from 'node:crypto';
import type { Caller } from '../caller.ts';
import { isFields } from '../compiledOperation.ts';
import type { EntityCacheObserver } from '../observe/observer.ts';
import type { AskedEntities, EntityCache, FoundEntities } from '../fetch/entityCache.ts';
import type { CacheStore } from './cacheStore.ts';
import { idsIn, tagsOf } from './entityTags.ts';

/** What caching takes. */
export interface CachingParts {
  readonly store: CacheStore;
  readonly tenantId: string;
  readonly observer: EntityCacheObserver;
  /** Whether all that a subgraph said lately has been heard. */
  readonly isFresh: (subgraph: string) => boolean;
}

/** A mutation that names more entities than this drops everything. */
const WRITTEN_MAX = 2_000;
const NOTHING_HELD: readonly (string | undefined)[] = [];

/** What of a caller an answer may depend on, as text; callers are one object as long as their rights are the same. */
class CallerTexts {
  private readonly known = new WeakMap<Caller, string>();

  of(caller: Caller): string {
    const known = this.known.get(caller);
    if (known !== undefined) return known;
    const { rights, contract, scopes } = caller;
    const text = JSON.stringify([rights, contract ?? null, [...scopes].sort()]);
    this.known.set(caller, text);
    return text;
  }
}

function isWhole(value: unknown, isRoot: boolean): boolean {
  return isFields(value) && (!isRoot || Object.values(value).every((field) => field !== null));
}

class GraphCache implements EntityCache {
  private readonly parts: CachingParts;
  private readonly graph: string;
  private readonly callers: CallerTexts;

  constructor(parts: CachingParts, graph: string, callers: CallerTexts) {
    this.parts = parts;
    this.graph = graph;
    this.callers = callers;
  }

  find(asked: AskedEntities, done: (found: FoundEntities) => void): void {
    const { store, observer, isFresh } = this.parts;
    const { subgraph, texts } = asked;
    if (!isFresh(subgraph)) {
      observer.bypassed(subgraph, texts.length);
      done({ values: NOTHING_HELD, ticket: undefined });
      return;
    }
    store.find(subgraph, this.keysOf(asked), ({ texts: values, ticket }) => {
      let hits = 0;
      for (const value of values) if (value !== undefined) hits++;
      observer.found(subgraph, hits, texts.length - hits);
      done({ values, ticket });
    });
  }

  keep(asked: AskedEntities, values: readonly unknown[], ticket: number): void {
    const { store, observer, isFresh } = this.parts;
    const { subgraph, rule, texts } = asked;
    if (!isFresh(subgraph)) return;
    const isRoot = texts[0] === '';
    const keys = this.keysOf(asked);
    values.forEach((value, at) => {
      const key = keys[at];
      const tags = key !== undefined && isWhole(value, isRoot) ? tagsOf(value, rule) : undefined;
      if (key === undefined || tags === undefined) return;
      const entity = { text: JSON.stringify(value), tags, subgraph, maxAgeMs: rule.maxAgeMs };
      if (store.keep(key, entity, ticket)) observer.kept(subgraph);
      else observer.tooLate(subgraph);
    });
  }

  noteWrite(subgraph: string, texts: readonly string[], done: () => void): void {
    const { store, observer } = this.parts;
    const tags = idsIn(texts);
    observer.dropped('mutation');
    if (tags.length <= WRITTEN_MAX) {
      store.drop({ tags, source: subgraph, id: undefined }, done);
      return;
    }
    store.forget(undefined);
    done();
  }

  /** Everything that an answer can depend on is told apart, by lengths too: it is hashed as a JSON list. */
  private keysOf({ subgraph, rule, variables, texts, state }: AskedEntities): string[] {
    const { caller, passed } = state;
    const told = [
      ...[this.parts.tenantId, this.graph, subgraph, rule.mark, variables],
      ...[this.callers.of(caller), rule.isPrivate ? caller.id : null, passed],
    ];
    const base = hash('sha256', JSON.stringify(told), 'base64url');
    return texts.map((text) => base + text);
  }
}

/** Takes what caching takes; gives what makes the cache of a supergraph, by its hash. */
export function openCaching(parts: CachingParts): (supergraphHash: string) => EntityCache {
  const callers = new CallerTexts();
  return (supergraphHash) => new GraphCache(parts, supergraphHash, callers);
}
