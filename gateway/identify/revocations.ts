// Learns of changed keys, within a second: pushed through what gateways share, and by asking the store what changed,
// which finds what a push missed. Tells the cache, and ends what still runs for a key that is revoked, by a secret of it
// that a rotation ended, or from an address that it is shut to now.
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Caller } from '../caller.ts';
import { isKeyId } from './apiKey.ts';
import { inTime } from './inTime.ts';
import { isOver, type KnownKey } from './keyCaller.ts';
import type { KeyCache } from './keyCache.ts';
import type { KeyReader } from './keyStore.ts';

/** The port of what tells all gateways that a key changed. */
export interface RevocationFeed {
  /** Calls `listener` for each change that is told; gives what ends it. */
  onChanged(listener: (id: string, version: number) => void): () => void;
  /** Tells every gateway; rejects when it cannot. */
  announce(id: string, version: number): Promise<void>;
  /** Whether changes come through: without, the store is asked more often. */
  isUp(): boolean;
}

/** As much of a shared Redis as the feed needs. */
export interface Channel {
  readonly isReady: boolean;
  publish(channel: string, message: string): Promise<void>;
  subscribe(channel: string, listener: (message: string) => void): () => void;
}

const CHANNEL = 'crm:keys:changed';
const MESSAGE = /^([0-9A-Za-z]{12}) ([1-9][0-9]{0,14})$/;

/** The feed over Redis' channels. */
export function openSharedFeed(channel: Channel): RevocationFeed {
  return {
    onChanged(listener) {
      return channel.subscribe(CHANNEL, (message) => {
        const [, id, version] = MESSAGE.exec(message) ?? [];
        if (id !== undefined) listener(id, Number(version));
      });
    },
    announce: (id, version) => channel.publish(CHANNEL, `${id} ${version}`),
    isUp: () => channel.isReady,
  };
}

/** How often the store is asked what changed. */
export interface PollLimits {
  /** Where no push comes, in milliseconds. */
  readonly pollMs: number;
  /** Where it does. */
  readonly pollBesideFeedMs: number;
  /** By how much clocks of those who write may differ. */
  readonly overlapMs: number;
  /** How long the store may take to say. */
  readonly timeoutMs: number;
  /** How long what runs for a key goes on while the key cannot be read. */
  readonly unreadMsMax: number;
}

/** What is told why a caller may come no more. */
export type OverListener = (code: 'API_KEY_REVOKED' | 'API_KEY_EXPIRED' | 'ADDRESS_DENIED') => void;

/** For whom something runs. */
export interface Waiting {
  readonly caller: Caller;
  readonly address: string | undefined;
  readonly listener: OverListener;
}

/** What learns of changes. */
export interface Revocations {
  /** Calls the listener once when the caller's key or its secret is over, or shut to it; gives what takes it back. */
  onOver(id: string, waiting: Waiting): () => void;
  /** To be told of each key that the cache reads. */
  loaded(id: string, known: KnownKey | undefined): void;
  stop(): void;
}

/** Why a caller may come no more; undefined where it may. */
function endOfCaller({ caller, address }: Waiting, known: KnownKey | undefined, nowMs: number) {
  if (known === undefined || known.isRevoked) return 'API_KEY_REVOKED';
  if (isOver(caller, known.record, nowMs)) return 'API_KEY_EXPIRED';
  return known.networks?.hold(address) === false ? 'ADDRESS_DENIED' : undefined;
}

/** The parts of it. */
export interface RevocationsParts {
  readonly feed: RevocationFeed | undefined;
  readonly store: Pick<KeyReader, 'changedSince'>;
  readonly keys: Pick<KeyCache, 'changed' | 'load' | 'peek'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: PollLimits;
}

class Watch implements Revocations {
  readonly #parts: RevocationsParts;
  readonly #listeners = new Map<string, Set<Waiting>>();
  /** Keys with listeners that are to be read and could not be, and since when. */
  readonly #unread = new Map<string, number>();
  readonly #endFeed: () => void;
  #cancel = (): void => undefined;
  #sinceMs: number;
  #isAway = false;
  #isStopped = false;

  constructor(parts: RevocationsParts) {
    this.#parts = parts;
    this.#sinceMs = parts.clock.now().getTime();
    this.#endFeed = parts.feed?.onChanged((id, version) => this.#changed(id, version)) ?? ((): void => undefined);
    this.#next();
  }

  onOver(id: string, waiting: Waiting): () => void {
    const its = this.#listeners.get(id) ?? new Set();
    its.add(waiting);
    this.#listeners.set(id, its);
    return () => this.#forget(id, its, waiting);
  }

  #forget(id: string, its: Set<Waiting>, waiting: Waiting): void {
    if (its.delete(waiting) && its.size === 0 && this.#listeners.get(id) === its) this.#listeners.delete(id);
  }

  loaded(id: string, known: KnownKey | undefined): void {
    this.#unread.delete(id);
    const nowMs = this.#parts.clock.now().getTime();
    this.#end(id, (waiting) => endOfCaller(waiting, known, nowMs));
  }

  #end(id: string, codeOf: (waiting: Waiting) => Parameters<OverListener>[0] | undefined): void {
    const its = this.#listeners.get(id);
    for (const waiting of [...(its ?? [])]) {
      const code = codeOf(waiting);
      if (its === undefined || code === undefined) continue;
      this.#forget(id, its, waiting);
      waiting.listener(code);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
    this.#endFeed();
  }

  #changed(id: string, version: number): void {
    if (!isKeyId(id)) return;
    this.#parts.keys.changed(id, version);
    if (this.#listeners.has(id)) this.#read(id);
  }

  /** Reads a key anew: `loaded` hears what came of it, and whatever could not be read is tried again. */
  #read(id: string): void {
    const nowMs = this.#parts.clock.steadyMs();
    const sinceMs = this.#unread.get(id) ?? nowMs;
    if (nowMs - sinceMs > this.#parts.limits.unreadMsMax) {
      this.#unread.delete(id);
      this.#end(id, () => 'API_KEY_REVOKED');
      return;
    }
    this.#unread.set(id, sinceMs);
    void this.#parts.keys.load(id);
  }

  #next(): void {
    const { clock, feed, limits } = this.#parts;
    if (this.#isStopped) return;
    const everyMs = feed?.isUp() === true ? limits.pollBesideFeedMs : limits.pollMs;
    this.#cancel = clock.after(everyMs, () => {
      void this.#poll().finally(() => this.#next());
    });
  }

  async #poll(): Promise<void> {
    const { clock, limits, log, store } = this.#parts;
    const nowMs = clock.now().getTime();
    const since = new Date(this.#sinceMs - limits.overlapMs);
    this.#lookAfterListeners();
    try {
      // With its version: a key that is known as it is now must not be forgotten, were the store to go away.
      const changed = await inTime(store.changedSince(since), limits.timeoutMs, clock);
      for (const { id, version } of changed) this.#changed(id, version);
      this.#sinceMs = nowMs;
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway) log.warn({ err: error }, 'the key store cannot say which keys changed');
      this.#isAway = true;
    }
  }

  /** What runs for a key ends when the key expires, or when it is unknown for too long whether it still holds. */
  #lookAfterListeners(): void {
    for (const id of this.#listeners.keys()) {
      const entry = this.#parts.keys.peek(id);
      if (entry === undefined || this.#unread.has(id)) this.#read(id);
      else this.loaded(id, entry.known);
    }
  }
}

/** Opens it: asks and listens until it is stopped. */
export function openRevocations(parts: RevocationsParts): Revocations {
  return new Watch(parts);
}
