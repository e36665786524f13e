// Kept entities in this process's memory, bounded in number and bytes: what was not asked for longest goes first.
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../platform/clock.ts';
import type { CacheStore, KeptEntity } from './cacheStore.ts';
import { RecentDrops } from './recentDrops.ts';

/** What bounds it. */
export interface MemoryStoreOptions {
  readonly clock: Clock;
  readonly entriesMax: number;
  readonly bytesMax: number;
  /** How many dropped tags are remembered. */
  readonly tagsMax: number;
}

interface Entry extends KeptEntity {
  readonly key: string;
  readonly untilMs: number;
}

/** What an entry and a tag of it take beside their texts, in bytes: measured as a heap's growth, and rounded up. */
const ENTRY_BYTES = 500;
const TAG_BYTES = 150;
/** One character may take two bytes. */
const CHARACTER_BYTES = 2;

function sizeOf({ key, text, tags }: Entry): number {
  return ENTRY_BYTES + TAG_BYTES * tags.length + CHARACTER_BYTES * (key.length + text.length);
}

class MemoryStore implements CacheStore {
  private readonly clock: Clock;
  private readonly entries: LRUCache<string, Entry>;
  private readonly byTag = new Map<string, Set<Entry>>();
  private readonly drops: RecentDrops;

  constructor({ clock, entriesMax, bytesMax, tagsMax }: MemoryStoreOptions) {
    this.clock = clock;
    this.drops = new RecentDrops(tagsMax);
    this.entries = new LRUCache<string, Entry>({
      max: entriesMax,
      maxSize: bytesMax,
      sizeCalculation: sizeOf,
      dispose: (entry) => this.untag(entry),
    });
  }

  find(_subgraph: string, keys: readonly string[], done: Parameters<CacheStore['find']>[2]): void {
    const nowMs = this.clock.steadyMs();
    const texts = keys.map((key) => {
      const entry = this.entries.get(key);
      return entry === undefined || entry.untilMs <= nowMs ? undefined : entry.text;
    });
    done({ texts, ticket: this.drops.now });
  }

  keep(key: string, entity: KeptEntity, ticket: number): boolean {
    const nowMs = this.clock.steadyMs();
    if (this.drops.isOld(entity.tags, entity.subgraph, ticket, nowMs)) return false;
    const entry = { ...entity, key, untilMs: nowMs + entity.maxAgeMs };
    this.entries.set(key, entry);
    if (this.entries.peek(key) !== entry) return false;
    for (const tag of entry.tags) {
      const tagged = this.byTag.get(tag);
      if (tagged === undefined) this.byTag.set(tag, new Set([entry]));
      else tagged.add(entry);
    }
    return true;
  }

  drop(drop: Parameters<CacheStore['drop']>[0], done: () => void): void {
    this.drops.note(drop, this.clock.steadyMs());
    for (const tag of drop.tags) for (const { key } of [...(this.byTag.get(tag) ?? [])]) this.entries.delete(key);
    done();
  }

  forget(subgraph: string | undefined): void {
    this.drops.noteForgotten(subgraph);
    if (subgraph === undefined) this.entries.clear();
    else for (const [key, entry] of [...this.entries]) if (entry.subgraph === subgraph) this.entries.delete(key);
  }

  size(): ReturnType<CacheStore['size']> {
    return { entries: this.entries.size, bytes: this.entries.calculatedSize };
  }

  close(): void {
    this.entries.clear();
  }

  private untag(entry: Entry): void {
    for (const tag of entry.tags) {
      const tagged = this.byTag.get(tag);
      if (tagged?.delete(entry) === true && tagged.size === 0) this.byTag.delete(tag);
    }
  }
}

/** Opens an empty store in memory. */
export function openMemoryStore(options: MemoryStoreOptions): CacheStore {
  return new MemoryStore(options);
}
