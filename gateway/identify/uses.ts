// Collects when and from where keys were last used, to the minute, and writes it in one go every ten seconds. Never in a
// request's way: it is memory alone, bounded, and what cannot be written is given up.
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { KeyReader } from './keyStore.ts';

/** The latest use of a key: written to in a request's way, read when its turn to be written comes. */
export interface KeyUse {
  readonly id: string;
  usedMs: number;
  usedFrom: string | undefined;
  /** Whether it is held to be written. */
  isWaiting: boolean;
}

/** The uses that were not written yet. */
export interface Uses {
  /** Notes a use of a key: at `nowMs` since 1970, from an address. */
  note(use: KeyUse, nowMs: number, address: string | undefined): void;
  /** Writes what there is, and writes no more after that. */
  stop(): Promise<void>;
}

/** The parts of it. */
export interface UsesParts {
  readonly store: Pick<KeyReader, 'noteUses'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How many keys' uses are held. */
  readonly keysMax: number;
  readonly everyMs: number;
}

const MINUTE_MS = 60_000;

interface WrittenUse {
  readonly at: Date;
  readonly from: string;
}

function printUse({ usedMs, usedFrom }: KeyUse): WrittenUse {
  return { at: new Date(Math.floor(usedMs / MINUTE_MS) * MINUTE_MS), from: usedFrom ?? 'unknown' };
}

const isSame = (one: WrittenUse | undefined, other: WrittenUse): boolean =>
  one !== undefined && one.at.getTime() === other.at.getTime() && one.from === other.from;

/** Opens the collection; it writes by itself until it is stopped. */
export function openUses({ store, clock, log, keysMax, everyMs }: UsesParts): Uses {
  let waiting: KeyUse[] = [];
  /** What was written last: most uses are another one of the same minute. */
  let written = new Map<string, WrittenUse>();
  let writing: Promise<void> | undefined;
  let cancel = (): void => undefined;
  let isStopped = false;

  const takeNew = (): Map<string, WrittenUse> => {
    const taken = waiting;
    waiting = [];
    for (const use of taken) use.isWaiting = false;
    const uses = taken.map((use) => [use.id, printUse(use)] as const);
    return new Map(uses.filter(([id, use]) => !isSame(written.get(id), use)));
  };
  const write = async (): Promise<void> => {
    const uses = takeNew();
    if (uses.size === 0) return;
    if (written.size + uses.size > keysMax) written = new Map();
    for (const [id, use] of uses) written.set(id, use);
    try {
      await store.noteUses(uses);
    } catch (error) {
      log.warn({ err: error, keys: uses.size }, 'the uses of keys were not written');
      // The next use of the same minute tries again.
      for (const id of uses.keys()) written.delete(id);
    }
  };
  const tick = (): void => {
    if (isStopped) return;
    // One write at a time: a store that hangs holds one of them, not a heap.
    writing ??= write().finally(() => {
      writing = undefined;
    });
    cancel = clock.after(everyMs, tick);
  };
  cancel = clock.after(everyMs, tick);

  return {
    note(use, nowMs, address) {
      use.usedMs = nowMs;
      use.usedFrom = address;
      if (use.isWaiting || waiting.length >= keysMax) return;
      use.isWaiting = true;
      waiting.push(use);
    },
    async stop() {
      isStopped = true;
      cancel();
      await writing;
      await write();
    },
  };
}
