// Keys known to this gateway, ids without a key among them: bounded, each entry good for seconds, an older version never
// in place of a newer. While the store is away, known keys go on for a minute. One lookup at a time for one id.
import type { Clock } from '../../platform/clock.ts';
import { inTime } from './inTime.ts';
import { readKnownKey, type KnownKey } from './keyCaller.ts';
import type { KeyReader } from './keyStore.ts';

/** How much is remembered and how long. */
export interface KeyCacheLimits {
  readonly keysMax: number;
  /** How long an entry is used without asking the store again. */
  readonly freshMs: number;
  /** How long one is used while the store is away. */
  readonly keptMs: number;
  readonly lookupTimeoutMs: number;
  readonly lookupsMax: number;
}

/** What is known of an id. */
export interface KeyEntry {
  /** The key; one that nothing proves where there is none, so that both cost the same. */
  readonly known: KnownKey;
  readonly isKey: boolean;
  /** When the lookup began, on the steady clock. */
  readonly askedMs: number;
  /** When it will be asked for again ahead of need. */
  readonly renewMs: number;
}

/** The keys that are known. */
export interface KeyCache {
  /** Gives what may be used of an id now, without waiting. */
  peek(id: string): KeyEntry | undefined;
  /** Asks the store; gives what may be used after that, undefined where the store is away and the id not known. */
  load(id: string): Promise<KeyEntry | undefined>;
  /** Gives what comes of a lookup of an id that is under way; undefined where there is none. */
  loading(id: string): Promise<KeyEntry | undefined> | undefined;
  /** Gives the key that an id had when it was last looked at, however long ago: to tell of it, not to let it in. */
  find(id: string): KnownKey | undefined;
  /** Whether an entry is used past its time, the store being away. */
  isStale(entry: KeyEntry): boolean;
  /** Says that a key changed: what is older than `version` is used no more. */
  changed(id: string, version: number): void;
}

/** The parts of a cache. */
export interface KeyCacheParts {
  readonly reader: Pick<KeyReader, 'find'>;
  readonly clock: Clock;
  readonly limits: KeyCacheLimits;
  /** Whether each key has rights of its own. */
  readonly keysApart: boolean;
  /** Gives a key that nothing proves. */
  readonly noKey: () => KnownKey;
  /** Told of each key that came from the store; undefined for an id without one. */
  readonly onLoaded: (id: string, known: KnownKey | undefined) => void;
  /** Told once when the store goes away, with the cause, and once when it is back. */
  readonly onStore: (cause: unknown) => void;
}

interface Lookup {
  readonly entry: Promise<KeyEntry | undefined>;
  /** A change was told while it was under way: what it brings may be from before. */
  isOvertaken: boolean;
}

/** A change that was told, and until when it is believed: a made-up version must not lock a key out for long. */
interface Change {
  readonly version: number;
  readonly untilMs: number;
}

/** How long a store that is away is left alone. */
const RETRY_MS = 1_000;
/** How often one lookup asks while changes of its key are told. */
const ASKED_MAX = 3;

const versionOf = (entry: KeyEntry | undefined): number => (entry?.isKey === true ? entry.known.record.version : 0);

class Cache implements KeyCache {
  readonly #parts: KeyCacheParts;
  /** Both kinds in one, found in the same time. */
  readonly #entries = new Map<string, KeyEntry>();
  /** The ids of each kind in the order of their coming: whoever tries many without a key must not push keys out. */
  readonly #keys = new Set<string>();
  readonly #strangers = new Set<string>();
  readonly #lookups = new Map<string, Lookup>();
  readonly #changes = new Map<string, Change>();
  /** Undefined: the store is there. */
  #awaySinceMs: number | undefined;
  #askedAwayMs = 0;

  constructor(parts: KeyCacheParts) {
    this.#parts = parts;
  }

  peek(id: string): KeyEntry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || !this.#isUsable(id, entry)) return undefined;
    if (this.#parts.clock.steadyMs() >= entry.renewMs && entry.isKey && this.#mayAsk()) {
      void this.load(id);
    }
    return entry;
  }

  find(id: string): KnownKey | undefined {
    const entry = this.#entries.get(id);
    return entry?.isKey === true ? entry.known : undefined;
  }

  loading(id: string): Promise<KeyEntry | undefined> | undefined {
    return this.#lookups.get(id)?.entry;
  }

  isStale(entry: KeyEntry): boolean {
    return this.#parts.clock.steadyMs() - entry.askedMs > this.#parts.limits.freshMs;
  }

  load(id: string): Promise<KeyEntry | undefined> {
    const under = this.#lookups.get(id);
    if (under !== undefined) return under.entry;
    if (!this.#mayAsk() || this.#lookups.size >= this.#parts.limits.lookupsMax) {
      return Promise.resolve(this.#usable(id));
    }
    const lookup: Lookup = { entry: this.#look(id), isOvertaken: false };
    this.#lookups.set(id, lookup);
    return lookup.entry;
  }

  changed(id: string, version: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined && versionOf(entry) >= version) return;
    const lookup = this.#lookups.get(id);
    if (lookup !== undefined) lookup.isOvertaken = true;
    if (entry === undefined && lookup === undefined) return;
    const untilMs = this.#parts.clock.steadyMs() + this.#parts.limits.freshMs;
    this.#noteChange(id, { version, untilMs });
    if (entry === undefined) return;
    // Kept for its version, and as known: but from before all times.
    this.#entries.set(id, { ...entry, askedMs: -Infinity, renewMs: -Infinity });
  }

  #isUsable(id: string, entry: KeyEntry): boolean {
    const { freshMs, keptMs } = this.#parts.limits;
    const ageMs = this.#parts.clock.steadyMs() - entry.askedMs;
    if (ageMs <= freshMs) return !this.#isOlderThanTold(id, entry);
    return this.#awaySinceMs !== undefined && entry.isKey && ageMs <= keptMs;
  }

  #usable(id: string): KeyEntry | undefined {
    const entry = this.#entries.get(id);
    return entry !== undefined && this.#isUsable(id, entry) ? entry : undefined;
  }

  #isOlderThanTold(id: string, entry: KeyEntry): boolean {
    const change = this.#changes.get(id);
    if (change === undefined) return false;
    const isOver = versionOf(entry) >= change.version || this.#parts.clock.steadyMs() > change.untilMs;
    if (isOver) this.#changes.delete(id);
    return !isOver;
  }

  /** A store that is away is asked by one lookup a second; nobody else waits for it. */
  #mayAsk(): boolean {
    return this.#awaySinceMs === undefined || this.#parts.clock.steadyMs() - this.#askedAwayMs >= RETRY_MS;
  }

  async #look(id: string): Promise<KeyEntry | undefined> {
    try {
      const asked = await this.#askUntilLatest(id);
      if (asked !== undefined) this.#store(id, asked);
      if (this.#awaySinceMs !== undefined) this.#parts.onStore(undefined);
      this.#awaySinceMs = undefined;
    } catch (error) {
      if (this.#awaySinceMs === undefined) this.#parts.onStore(error);
      this.#awaySinceMs ??= this.#parts.clock.steadyMs();
    } finally {
      this.#lookups.delete(id);
    }
    return this.#usable(id);
  }

  /** Whatever the store had said before a change was told counts no more. */
  async #askUntilLatest(id: string): Promise<KeyEntry | undefined> {
    for (let asked = 0; asked < ASKED_MAX; asked++) {
      const entry = await this.#ask(id);
      const lookup = this.#lookups.get(id);
      if (lookup?.isOvertaken !== true) return entry;
      lookup.isOvertaken = false;
    }
    return undefined;
  }

  async #ask(id: string): Promise<KeyEntry> {
    const { clock, limits, reader, noKey, keysApart, onLoaded } = this.#parts;
    const askedMs = clock.steadyMs();
    this.#askedAwayMs = askedMs;
    const record = await inTime(reader.find(id), limits.lookupTimeoutMs, clock);
    const known = record === undefined ? noKey() : readKnownKey(record, keysApart);
    onLoaded(id, record === undefined ? undefined : known);
    return { known, isKey: record !== undefined, askedMs, renewMs: askedMs + limits.freshMs / 2 };
  }

  #store(id: string, asked: KeyEntry): void {
    // A copy that lags behind has an older version: what is known stays, and is asked for again when its time is over.
    if (asked.isKey && versionOf(asked) < versionOf(this.#entries.get(id))) return;
    const [its, other] = asked.isKey ? [this.#keys, this.#strangers] : [this.#strangers, this.#keys];
    other.delete(id);
    its.delete(id);
    its.add(id);
    this.#entries.set(id, asked);
    if (its.size <= this.#parts.limits.keysMax) return;
    const [first] = its;
    if (first === undefined) return;
    its.delete(first);
    this.#entries.delete(first);
  }

  #noteChange(id: string, change: Change): void {
    this.#changes.set(id, change);
    if (this.#changes.size <= this.#parts.limits.keysMax) return;
    const [first] = this.#changes.keys();
    if (first !== undefined) this.#changes.delete(first);
  }
}

/** Opens a cache before a store of keys. */
export function openKeyCache(parts: KeyCacheParts): KeyCache {
  return new Cache(parts);
}
