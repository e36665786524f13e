// The events that a consumer holds, in a queue for each entity, by version: an event that came too early stands behind
// the one it came before. One entity's wait holds nobody else up.
import type { GraphEvent } from '../../contracts/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ParkReason } from './readEvent.ts';

/** A message on its way through a consumer. */
export interface Item {
  readonly queue: string;
  /** As it came, for `parked`. */
  readonly text: string;
  readonly topic: string;
  readonly position: string;
  readonly event: GraphEvent | undefined;
  /** The entity's version; 0 for what cannot be read: it waits for nothing. */
  readonly version: number;
  /** That it is to be parked, and why. */
  park: { readonly reason: ParkReason; readonly message: string } | undefined;
  /** It may be applied although it was before: a copy is to be made right. */
  readonly isForced: boolean;
  /** How many tries failed. */
  tries: number;
  readonly arrivedMs: number;
  /** Since when its predecessor is missing, by the steady clock. */
  gapSinceMs: number | undefined;
  /** Its predecessor was asked for. */
  isPredecessorAsked: boolean;
  waitsUntilMs: number;
  /** Called once, when its effect is committed. */
  ack(): void;
  /** Whether that still counts; else it comes again. */
  isOpen(): boolean;
}

interface Queue {
  readonly items: Item[];
  running: boolean;
  cancel: (() => void) | undefined;
}

/** The queues of one consumer. */
export class EntityQueues {
  readonly #clock: Clock;
  readonly #onReady: () => void;
  readonly #queues = new Map<string, Queue>();
  readonly #ready = new Set<string>();

  /** `onReady` is called when there is something to take that was not there before. */
  constructor(clock: Clock, onReady: () => void) {
    this.#clock = clock;
    this.#onReady = onReady;
  }

  /** Adds an item at the place that its version has. */
  add(item: Item): void {
    this.#insert(item);
    this.#look(item.queue);
  }

  /** Takes the first items of up to `countMax` queues. One that failed before is taken alone. */
  take(countMax: number): Item[] {
    const taken: Item[] = [];
    for (const name of this.#ready) {
      const queue = this.#queues.get(name);
      const [head] = queue?.items ?? [];
      if (queue === undefined || head === undefined) {
        this.#ready.delete(name);
        continue;
      }
      if (head.tries > 0 && taken.length > 0) continue;
      this.#ready.delete(name);
      queue.items.shift();
      queue.running = true;
      taken.push(head);
      if (head.tries > 0 || taken.length >= countMax) break;
    }
    return taken;
  }

  /** Says that a taken item is done with. */
  done(item: Item): void {
    const queue = this.#queues.get(item.queue);
    if (queue === undefined) return;
    queue.running = false;
    const [next] = queue.items;
    // What it waited for may have come just now.
    if (next?.gapSinceMs !== undefined) next.waitsUntilMs = 0;
    this.#look(item.queue);
  }

  /** Puts a taken item back, to be taken again after `delayMs`; an older one that comes meanwhile goes before it. */
  putBack(item: Item, delayMs: number): void {
    const queue = this.#queues.get(item.queue);
    if (queue !== undefined) queue.running = false;
    item.waitsUntilMs = delayMs === 0 ? 0 : this.#clock.steadyMs() + delayMs;
    this.#insert(item);
    this.#look(item.queue);
  }

  /** Forgets all items that are not taken and will come again; gives them. */
  dropClosed(): Item[] {
    const dropped: Item[] = [];
    for (const [name, queue] of this.#queues) {
      const left = queue.items.filter((item) => item.isOpen());
      if (left.length === queue.items.length) continue;
      dropped.push(...queue.items.filter((item) => !left.includes(item)));
      queue.items.splice(0, queue.items.length, ...left);
      this.#look(name);
    }
    return dropped;
  }

  /** Forgets everything. */
  clear(): void {
    for (const { cancel } of this.#queues.values()) cancel?.();
    this.#queues.clear();
    this.#ready.clear();
  }

  #insert(item: Item): void {
    const queue = this.#queues.get(item.queue) ?? { items: [], running: false, cancel: undefined };
    this.#queues.set(item.queue, queue);
    const { items } = queue;
    let at = items.length;
    while (at > 0 && (items[at - 1]?.version ?? 0) > item.version) at--;
    items.splice(at, 0, item);
  }

  /** Decides what a queue does next: be taken, wait, or go. */
  #look(name: string): void {
    const queue = this.#queues.get(name);
    if (queue === undefined || queue.running) return;
    queue.cancel?.();
    queue.cancel = undefined;
    const [head] = queue.items;
    if (head === undefined) {
      this.#queues.delete(name);
      this.#ready.delete(name);
      return;
    }
    const waitMs = head.waitsUntilMs - this.#clock.steadyMs();
    if (waitMs > 0) {
      this.#ready.delete(name);
      queue.cancel = this.#clock.after(Math.ceil(waitMs), () => this.#look(name));
      return;
    }
    this.#ready.add(name);
    this.#onReady();
  }
}
