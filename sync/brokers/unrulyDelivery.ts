// The memory broker's bad manners between log and reader: messages of different keys overtake each other and come late.
// The order of one key is kept, as every real broker keeps it.
import type { Clock } from '../../platform/clock.ts';
import type { LogEntry } from './log/logStore.ts';

/** How badly it behaves; each share is from 0 to 1, and all of it is 0 by default. */
export interface MemoryFaults {
  readonly seed?: number;
  /** The share of publishes that are taken and yet rejected, as when the answer is lost. */
  readonly confirmationLossShare?: number;
  /** The share of publishes that are rejected and not taken. */
  readonly publishLossShare?: number;
  /** The share of acknowledgements that get lost: the message comes again, with those behind it. */
  readonly ackLossShare?: number;
  /** The share of deliveries that come a second time, with those behind them. */
  readonly duplicateShare?: number;
  /** Whether messages of different keys overtake each other. */
  readonly isDisordered?: boolean;
  /** Each message comes up to so late. */
  readonly delayMsMax?: number;
}

/** What it takes. */
export interface UnrulyPlan {
  /** The broker's clock, lots and present manners. */
  readonly core: { readonly clock: Clock; readonly faults: MemoryFaults; readonly random: () => number };
  readonly deliver: (entries: readonly LogEntry[]) => void;
}

/** Takes entries and gives them on, later and mixed. */
export interface UnrulyDelivery {
  take(entries: readonly LogEntry[]): void;
  /** What has not been given on is dropped. */
  close(): void;
}

/** Mixes entries of different keys; those of one key stay in order. */
function mix(entries: readonly LogEntry[], random: () => number): LogEntry[] {
  const queues = new Map<string, LogEntry[]>();
  for (const entry of entries) {
    const queue = queues.get(entry.key);
    if (queue === undefined) queues.set(entry.key, [entry]);
    else queue.push(entry);
  }
  const waiting = [...queues.values()].map((queue) => ({ queue, at: 0 }));
  const mixed: LogEntry[] = [];
  while (waiting.length > 0) {
    const drawn = Math.floor(random() * waiting.length);
    const one = waiting[drawn];
    const entry = one?.queue[one.at];
    if (one === undefined || entry === undefined) break;
    mixed.push(entry);
    one.at += 1;
    if (one.at === one.queue.length) waiting.splice(drawn, 1);
  }
  return mixed;
}

/** Opens it for one reader. */
export function openUnrulyDelivery({ core, deliver }: UnrulyPlan): UnrulyDelivery {
  const late = new Map<string, { readonly queue: LogEntry[]; lastDueMs: number }>();
  let isClosed = false;

  function delay(entry: LogEntry, delayMsMax: number): void {
    const nowMs = core.clock.steadyMs();
    const one = late.get(entry.key) ?? { queue: [], lastDueMs: nowMs };
    late.set(entry.key, one);
    one.queue.push(entry);
    one.lastDueMs = Math.max(one.lastDueMs, nowMs + Math.ceil(core.random() * delayMsMax));
    core.clock.after(one.lastDueMs - nowMs, () => {
      // The first of its key, whichever timer runs first.
      const first = one.queue.shift();
      if (one.queue.length === 0) late.delete(entry.key);
      if (first !== undefined && !isClosed) deliver([first]);
    });
  }

  return {
    take(entries) {
      const { isDisordered = false, delayMsMax = 0 } = core.faults;
      const ordered = isDisordered ? mix(entries, core.random) : entries;
      // Behind one that is late nothing of its key may pass, also when nothing is delayed any more.
      if (delayMsMax === 0 && late.size === 0) deliver(ordered);
      else for (const entry of ordered) delay(entry, delayMsMax);
    },
    close() {
      isClosed = true;
      late.clear();
    },
  };
}
