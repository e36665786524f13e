// Collects when and from where keys were last used, to the minute, and writes it in one go every ten seconds. Never in a
// request's way: it is memory alone, bounded, and what cannot be written is given up.
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { KeyReader } from './keyStore.ts';

/** The uses that were not written yet. */
export interface Uses {
  /** Notes a use of a key by its id. */
  note(id: string, address: string | undefined): void;
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

interface Use {
  readonly minute: number;
  readonly address: string | undefined;
}

const isSame = (one: Use | undefined, minute: number, address: string | undefined): boolean =>
  one !== undefined && one.minute === minute && one.address === address;

/** Opens the collection; it writes by itself until it is stopped. */
export function openUses({ store, clock, log, keysMax, everyMs }: UsesParts): Uses {
  let waiting = new Map<string, Use>();
  /** The uses of this minute that are written: most uses are another one of these. */
  let written = new Map<string, Use>();
  let writing: Promise<void> | undefined;
  let cancel = (): void => undefined;
  let isStopped = false;

  const write = async (): Promise<void> => {
    const taken = waiting;
    if (taken.size === 0) return;
    waiting = new Map();
    if (written.size + taken.size > keysMax) written = new Map();
    for (const [id, use] of taken) written.set(id, use);
    const uses = [...taken].map(
      ([id, { minute, address }]) => [id, { at: new Date(minute * MINUTE_MS), from: address ?? 'unknown' }] as const,
    );
    try {
      await store.noteUses(new Map(uses));
    } catch (error) {
      log.warn({ err: error, keys: taken.size }, 'the uses of keys were not written');
      // The next use of the same minute tries again.
      for (const id of taken.keys()) written.delete(id);
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
    note(id, address) {
      const minute = Math.floor(clock.now().getTime() / MINUTE_MS);
      if (isSame(waiting.get(id) ?? written.get(id), minute, address)) return;
      if (waiting.size >= keysMax && !waiting.has(id)) return;
      waiting.set(id, { minute, address });
    },
    async stop() {
      isStopped = true;
      cancel();
      await writing;
      await write();
    },
  };
}
