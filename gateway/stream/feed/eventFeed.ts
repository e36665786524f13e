// All events of this process: one following of the broker, fanned out to the subscribers that ask for them. An event
// that the relay sent twice comes once.
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { BEAT_TOPIC, EVENT_TOPICS } from '../../../contracts/event.ts';
import type { Broker, Delivery, Following, Reading } from '../../../sync/brokers/broker.ts';
import { EventRing } from './eventRing.ts';
import type { EventFilter } from './eventFilter.ts';
import { readFeedEvent, type FeedEvent } from './feedEvent.ts';

/** Who gets events. */
export interface Subscriber {
  readonly filter: EventFilter;
  /** Takes an event of its own, and the id of the entity that it is about. Never throws. */
  take(event: FeedEvent, entityId: string): void;
}

/** The events of this process. */
export interface EventFeed {
  /** Begins to send events to a subscriber; gives what ends it. */
  add(subscriber: Subscriber): () => void;
  /** Where the newest message stands; undefined before the first one. */
  head(): string | undefined;
  /** Gives the events behind a position, where it is one of the newest. */
  behind(position: string): FeedEvent[] | undefined;
  /** Whether the broker can be reached now. */
  isUp(): boolean;
  /** Begins a following of its own behind a position. Rejects with PositionTooOld. */
  follow(after: string, deliver: Following['deliver']): Promise<Reading>;
  stop(): Promise<void>;
}

/** What a feed needs. */
export interface FeedSettings {
  /** How many of the newest messages are kept. */
  readonly placesMax: number;
  readonly clock: Clock;
  readonly log: Log;
}

const RETRY_MS = 1_000;
/** How long a start waits for the broker. */
const START_MS_MAX = 2_000;
/** Beats too: with them the newest position is never old, also where nothing happens. */
const TOPICS = [...EVENT_TOPICS, BEAT_TOPIC];
/** How many events are remembered to tell one that comes again. */
const IDENTITIES_MAX = 10_000;

/** Says of each event whether it was seen lately. */
export class SeenEvents {
  private readonly newer = new Set<string>();
  private older: ReadonlySet<string> = new Set();

  /** Notes an event; gives whether it was there. */
  note(identity: string): boolean {
    if (this.newer.has(identity) || this.older.has(identity)) return true;
    this.newer.add(identity);
    if (this.newer.size >= IDENTITIES_MAX) {
      this.older = new Set(this.newer);
      this.newer.clear();
    }
    return false;
  }
}

class Feed implements EventFeed {
  private readonly broker: Broker;
  private readonly settings: FeedSettings;
  private readonly ring: EventRing;
  private readonly seen = new SeenEvents();
  private readonly subscribers = new Map<string, Set<Subscriber>>();
  private reading: Reading | undefined;
  private isStopped = false;

  constructor(broker: Broker, settings: FeedSettings) {
    this.broker = broker;
    this.settings = settings;
    this.ring = new EventRing(settings.placesMax);
  }

  /** Follows the broker, as soon as that can be reached; resolves then. */
  async begin(): Promise<void> {
    const { clock, log } = this.settings;
    const deliver = (messages: readonly Delivery[]): void => this.take(messages);
    for (let isTold = false; !this.isStopped; isTold = true) {
      try {
        const reading = await this.broker.follow({ topics: TOPICS, after: 'now', deliver });
        this.reading = reading;
        // It may have been stopped meanwhile.
        if (this.isOver()) await reading.close();
        return;
      } catch (error) {
        if (!isTold) log.warn({ err: error }, 'the broker cannot be followed: subscriptions are refused until it can');
        await new Promise<void>((go) => clock.after(RETRY_MS, go));
      }
    }
  }

  add(subscriber: Subscriber): () => void {
    const { index } = subscriber.filter;
    const its = this.subscribers.get(index) ?? new Set();
    this.subscribers.set(index, its.add(subscriber));
    return () => {
      if (its.delete(subscriber) && its.size === 0) this.subscribers.delete(index);
    };
  }

  head(): string | undefined {
    return this.ring.head;
  }

  behind(position: string): FeedEvent[] | undefined {
    return this.ring.behind(position);
  }

  isUp(): boolean {
    return this.reading !== undefined && this.broker.isConnected();
  }

  follow(after: string, deliver: Following['deliver']): Promise<Reading> {
    return this.broker.follow({ topics: TOPICS, after, deliver });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.reading?.close();
    await this.broker.close();
  }

  private take(messages: readonly Delivery[]): void {
    for (const message of messages) {
      const event = message.topic === BEAT_TOPIC ? undefined : readFeedEvent(message);
      const isNew = event !== undefined && !this.seen.note(event.identity);
      this.ring.add(message.position, isNew ? event : undefined);
      if (isNew) this.fanOut(event);
    }
  }

  private isOver(): boolean {
    return this.isStopped;
  }

  private fanOut(event: FeedEvent): void {
    for (const index of new Set([event.type, ...event.keys])) {
      for (const subscriber of this.subscribers.get(index) ?? []) {
        const entityId = subscriber.filter.entityIdOf(event);
        if (entityId !== undefined) subscriber.take(event, entityId);
      }
    }
  }
}

/**
 * Takes a broker; gives its events from now on. A broker that is away does not hold the start up: until it can be
 * followed, `isUp` says no.
 */
export async function openEventFeed(broker: Broker, settings: FeedSettings): Promise<EventFeed> {
  const feed = new Feed(broker, settings);
  let cancel = (): void => undefined;
  const late = new Promise<void>((go) => (cancel = settings.clock.after(START_MS_MAX, go)));
  await Promise.race([feed.begin(), late]);
  cancel();
  return feed;
}
