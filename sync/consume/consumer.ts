// A consumer at work: group → queues by entity → batches, each in one transaction with what it remembers → yes to the
// broker after the commit. An event at fault is tried again and parked in the end; a fault of the store pauses all.
import type { Broker, GroupDelivery, Reading } from '../brokers/broker.ts';
import { topicOf, versionOf, type GraphEvent } from '../../contracts/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { applyBatch, versionKey, type Outcome } from './applyBatch.ts';
import { backoffMs, TRIES_MAX } from './backoff.ts';
import type { ConsumerCounts, ConsumerGauges } from './consumerCounts.ts';
import { BATCH_MAX, EffectFault, type ConsumerDefinition } from './definition.ts';
import { describeFault } from './describeFault.ts';
import { EntityQueues, type Item } from './entityQueues.ts';
import { ParkedIsFull, ParkedRoom } from './parkedRoom.ts';
import { familiesOf, readEvent } from './readEvent.ts';
import type { ConsumeStore } from './store.ts';

/** How many events a consumer holds; half of them may wait for another try. */
const HELD_MAX = 4_096;
/**
 * Held by more than this, those that a broken connection brought are dropped: the broker brings them again, and a store
 * that is away with a broker that comes and goes would have the same events held without end.
 */
const HELD_BEFORE_DROP = 2 * HELD_MAX;
/** How long an event waits for its predecessor before it is asked for, and then again before it is parked. */
export const GAP_WAIT_MS = 30_000;
const PAUSE_FIRST_MS = 200;
const PAUSE_LONGEST_MS = 5_000;

/** What a consumer works with. */
export interface ConsumerParts<Session> {
  readonly definition: ConsumerDefinition<Session>;
  readonly store: ConsumeStore<Session>;
  readonly clock: Clock;
  /** Gives numbers from 0 up to 1, for jitter. */
  readonly random: () => number;
  readonly log: Log;
  readonly counts: ConsumerCounts;
  /** Makes sealed fields readable; those whose key is gone become null. */
  readonly unseal: (events: readonly GraphEvent[]) => Promise<readonly GraphEvent[]>;
  /** Asks for the events of an entity from the one after `event`'s last applied version on. Must not throw. */
  readonly askPredecessor: (event: GraphEvent) => void;
  /** Called after each commit: effects may have written events of their own. */
  readonly committed: () => void;
}

/** A message from the broker or from a replay. */
export type Arrival = Pick<GroupDelivery, 'topic' | 'key' | 'value' | 'position' | 'ack'> &
  Partial<Pick<GroupDelivery, 'isOpen'>> & { readonly isForced?: boolean };

/** One consumer, at work from `start` to `stop`. */
export class Consumer<Session> implements ConsumerGauges {
  readonly name: string;
  readonly #parts: ConsumerParts<Session>;
  readonly #families: ReadonlySet<string>;
  readonly #needsAll: boolean;
  readonly #queues: EntityQueues;
  readonly #counters: ReturnType<ConsumerCounts['countersOf']>;
  readonly #room: ParkedRoom;
  readonly #held = new Set<Item>();
  /** Of those held, how many failed once or more. */
  #failed = 0;
  #dropAbove = HELD_BEFORE_DROP;
  #unfollow: (() => void) | undefined;
  #reading: Reading | undefined;
  #work: Promise<void> | undefined;
  #isScheduled = false;
  #isStopping = false;
  #pausesInRow = 0;
  #resume: (() => void) | undefined;

  constructor(parts: ConsumerParts<Session>) {
    this.#parts = parts;
    this.name = parts.definition.name;
    this.#families = familiesOf(parts.definition.types);
    this.#needsAll = Object.values(parts.definition.types).some(({ needs }) => needs === 'predecessor');
    this.#counters = parts.counts.countersOf(this.name);
    this.#queues = new EntityQueues(parts.clock, () => this.#schedule());
    this.#room = new ParkedRoom(parts.store, this.name);
  }

  /** Begins to read its group. */
  async start(broker: Broker): Promise<void> {
    this.#unfollow = this.#parts.counts.follow(this);
    this.#reading = await broker.subscribe({
      group: this.name,
      topics: this.#parts.definition.entities.map(topicOf),
      inFlightMax: HELD_MAX,
      deliver: (messages) => {
        for (const message of messages) this.accept(message);
      },
    });
  }

  /** Takes a message; it is acknowledged when its effect is committed, or when it is parked. */
  accept(message: Arrival): void {
    if (this.#isStopping) return;
    this.#counters.received.add();
    const { definition, clock } = this.#parts;
    const read = readEvent(message.value, definition.types, this.#families);
    if (read.is === 'other' && !this.#needsAll) {
      this.#counters.passed.add();
      message.ack();
      return;
    }
    const { event } = read;
    const item: Item = {
      queue: event === undefined ? `${message.topic}:${message.key}` : versionKey(event),
      text: message.value,
      topic: message.topic,
      position: message.position,
      event,
      version: event === undefined ? 0 : versionOf(event),
      park: read.is === 'bad' ? { reason: read.reason, message: read.message } : undefined,
      isForced: message.isForced ?? false,
      tries: 0,
      arrivedMs: clock.steadyMs(),
      gapSinceMs: undefined,
      isPredecessorAsked: false,
      waitsUntilMs: 0,
      ack: () => message.ack(),
      isOpen: () => message.isOpen?.() ?? true,
    };
    this.#held.add(item);
    this.#queues.add(item);
    if (this.#held.size > this.#dropAbove) this.#dropClosed();
  }

  #dropClosed(): void {
    for (const item of this.#queues.dropClosed()) {
      this.#held.delete(item);
      if (item.tries > 0) this.#failed -= 1;
    }
    // Where what is left is all open, as in a long replay, it is not looked through for each that comes.
    this.#dropAbove = Math.max(HELD_BEFORE_DROP, 2 * this.#held.size);
  }

  /** Ends it: what runs is finished, what waits goes back to the broker. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#resume?.();
    this.#resume = undefined;
    await this.#work;
    this.#unfollow?.();
    await this.#reading?.close();
    this.#queues.clear();
    this.#held.clear();
    this.#failed = 0;
  }

  /** Resolves when nothing is at work any more; what waits for a time may still be held. */
  async settled(): Promise<void> {
    // Each turn may leave the next one scheduled.
    while (this.#isScheduled || this.#work !== undefined) await (this.#work ?? Promise.resolve());
  }

  lagSeconds(): number {
    const times = Array.from(this.#held, ({ event }) => Date.parse(event?.time ?? ''));
    const oldestMs = times.filter(Number.isFinite).reduce((oldest, ms) => Math.min(oldest, ms), Infinity);
    return oldestMs === Infinity ? 0 : Math.max(0, (this.#parts.clock.now().getTime() - oldestMs) / 1_000);
  }

  oldestGapSeconds(): number {
    const nowMs = this.#parts.clock.steadyMs();
    const sinceMs = Array.from(this.#held, ({ gapSinceMs }) => gapSinceMs ?? nowMs);
    return (nowMs - sinceMs.reduce((oldest, ms) => Math.min(oldest, ms), nowMs)) / 1_000;
  }

  held(): number {
    return this.#held.size;
  }

  /** Says whether it stands still because its store does not answer, or because too much is parked. */
  isPaused(): boolean {
    return this.#resume !== undefined;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#work !== undefined || this.#isStopping || this.#resume !== undefined) return;
    this.#isScheduled = true;
    // All that comes in this turn is one batch.
    queueMicrotask(() => {
      this.#isScheduled = false;
      const items = this.#isStopping || this.#resume !== undefined ? [] : this.#queues.take(BATCH_MAX);
      if (items.length === 0) return;
      this.#work = this.#run(items).finally(() => {
        this.#work = undefined;
        this.#schedule();
      });
    });
  }

  /** Applies items; where one of them is at fault, it is found by halves and the others are applied. Never rejects. */
  async #run(items: readonly Item[]): Promise<void> {
    if (items.length === 0) return;
    if (this.#resume !== undefined) {
      for (const item of items) this.#queues.putBack(item, 0);
      return;
    }
    const { definition, store, clock } = this.#parts;
    try {
      await this.#room.take(items.filter(({ park }) => park !== undefined).length);
      const work = { definition, store, now: clock.now(), unseal: this.#parts.unseal };
      this.#settle(items, await applyBatch(work, items));
      this.#parts.committed();
      this.#pausesInRow = 0;
    } catch (error) {
      await this.#answerFault(items, error);
    }
  }

  async #answerFault(items: readonly Item[], error: unknown): Promise<void> {
    const [only, ...others] = items;
    if (error instanceof ParkedIsFull || this.#parts.store.isFault(error)) {
      this.#pause(error);
      for (const item of items) this.#queues.putBack(item, 0);
    } else if (only !== undefined && others.length === 0) {
      this.#fail(only, error);
    } else if (error instanceof EffectFault && items.some(({ event }) => isNamed(error, event))) {
      for (const item of items) if (isNamed(error, item.event)) this.#fail(item, error);
      await this.#run(items.filter(({ event }) => !isNamed(error, event)));
    } else {
      const middle = items.length >> 1;
      await this.#run(items.slice(0, middle));
      await this.#run(items.slice(middle));
    }
  }

  #settle(items: readonly Item[], outcomes: readonly Outcome[]): void {
    items.forEach((item, at) => {
      const outcome = outcomes[at] ?? 'applied';
      if (outcome === 'gap') {
        this.#waitForPredecessor(item);
        return;
      }
      if (outcome === 'unfinished') {
        this.#queues.putBack(item, 0);
        return;
      }
      this.#counters[outcome].add();
      if (outcome === 'parked') this.#parts.log.warn(describe(this.name, item), 'an event was parked');
      this.#held.delete(item);
      if (item.tries > 0) this.#failed -= 1;
      item.ack();
      this.#queues.done(item);
    });
  }

  /** One more try failed: it waits for the next, or is parked after the last, or where too many wait already. */
  #fail(item: Item, error: unknown): void {
    item.tries += 1;
    const message = describeFault(error);
    if (item.tries === 1) this.#failed += 1;
    const isCrowded = this.#failed > HELD_MAX / 2;
    if (item.park === undefined && (item.tries >= TRIES_MAX || isCrowded)) {
      item.park = { reason: 'triesOver', message };
      this.#queues.putBack(item, 0);
      return;
    }
    this.#counters.retried.add();
    this.#queues.putBack(item, backoffMs(item.tries, this.#parts.random()));
  }

  #waitForPredecessor(item: Item): void {
    const { clock, askPredecessor } = this.#parts;
    item.gapSinceMs ??= clock.steadyMs();
    const waitedMs = clock.steadyMs() - item.gapSinceMs;
    if (waitedMs >= 2 * GAP_WAIT_MS) {
      item.park = { reason: 'gap', message: 'the version before it never came' };
      this.#queues.putBack(item, 0);
      return;
    }
    if (waitedMs >= GAP_WAIT_MS && !item.isPredecessorAsked && item.event !== undefined) {
      item.isPredecessorAsked = true;
      askPredecessor(item.event);
    }
    this.#queues.putBack(item, GAP_WAIT_MS - (waitedMs % GAP_WAIT_MS));
  }

  #pause(error: unknown): void {
    this.#counters.store_fault.add();
    const delayMs = Math.min(PAUSE_LONGEST_MS, PAUSE_FIRST_MS * 2 ** this.#pausesInRow);
    this.#pausesInRow = Math.min(this.#pausesInRow + 1, 10);
    this.#parts.log.warn({ err: error, consumer: this.name, delayMs }, 'the consumer pauses');
    this.#resume = this.#parts.clock.after(delayMs, () => {
      this.#resume = undefined;
      this.#schedule();
    });
  }
}

function isNamed(fault: EffectFault, event: GraphEvent | undefined): boolean {
  return event !== undefined && fault.ids.has(event.id);
}

function describe(consumer: string, { event, park, tries, topic, position }: Item): object {
  return { consumer, id: event?.id, type: event?.type, reason: park?.reason, tries, topic, position };
}
