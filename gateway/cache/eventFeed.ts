// How the gateway hears what changed: it follows the topics of all entities, drops what each event makes old, and knows of
// each subgraph by its relay's beat whether anything could be held back. What it cannot know it takes for silence.
import { BEAT_TOPIC, EVENT_TOPICS, type GraphEvent, type RelayBeat } from '../../contracts/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Broker, Delivery, Reading } from '../../sync/brokers/broker.ts';
import { isFields } from '../compiledOperation.ts';

/** A subgraph is taken at its word for so long after its relay's beat, and if it is no further behind. */
const BEHIND_MS_MAX = 2_000;
const TOPICS = [...EVENT_TOPICS, BEAT_TOPIC];
const RETRY_MS = 1_000;
const SOURCE_PREFIX = '/crm/';

/** What the feed tells. */
export interface FeedListener {
  /** An event came; resolves when nothing that it makes old is given out any more. */
  changed(event: GraphEvent, subgraph: string): Promise<void> | void;
  /** A subgraph was not heard of for too long, and is again: what was kept before counts no more. */
  heardAgain(subgraph: string): void;
  /** A message could not be read: anything may have changed. */
  unreadable(): void;
}

/** What following takes. */
export interface FeedParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly listener: FeedListener;
}

/** What is followed. */
export interface EventFeed {
  /** Whether all that a subgraph said up to two seconds ago has been heard. */
  isFresh(subgraph: string): boolean;
  stop(): Promise<void>;
}

interface Heard {
  /** When its last beat came, on the steady clock. */
  atMs: number;
  /** How far behind it said it was, in milliseconds. */
  lagMs: number;
  /** Whether it was fresh when it was heard last. */
  wasFresh: boolean;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isBeat(value: unknown): value is RelayBeat {
  return isFields(value) && typeof value['subgraph'] === 'string' && Number.isFinite(value['sentUpToMs']);
}

function isEvent(value: unknown): value is GraphEvent {
  return isFields(value) && ['entitykeys', 'source', 'subject'].every((name) => typeof value[name] === 'string');
}

class Feed implements EventFeed {
  private readonly parts: FeedParts;
  private readonly heard = new Map<string, Heard>();
  private reading: Reading | undefined;
  private isOpen = true;
  private cancelRetry = (): void => undefined;

  constructor(parts: FeedParts) {
    this.parts = parts;
  }

  isFresh(subgraph: string): boolean {
    const heard = this.heard.get(subgraph);
    if (heard === undefined || this.reading === undefined || !this.parts.broker.isConnected()) return false;
    return this.isInTime(heard);
  }

  private isInTime({ atMs, lagMs }: Heard): boolean {
    return lagMs <= BEHIND_MS_MAX && this.parts.clock.steadyMs() - atMs <= BEHIND_MS_MAX;
  }

  begin(): void {
    const { broker, clock, log } = this.parts;
    const deliver = (messages: readonly Delivery[]): Promise<void> => this.take(messages);
    broker.follow({ topics: TOPICS, after: 'now', deliver }).then(
      (reading) => {
        this.reading = reading;
        if (!this.isOpen) void reading.close();
      },
      (error: unknown) => {
        log.warn({ err: error }, 'the events cannot be followed: nothing is taken from the entity cache');
        if (this.isOpen) this.cancelRetry = clock.after(RETRY_MS, () => this.begin());
      },
    );
  }

  async stop(): Promise<void> {
    this.isOpen = false;
    this.cancelRetry();
    await this.reading?.close();
  }

  private async take(messages: readonly Delivery[]): Promise<void> {
    for (const { topic, value } of messages) {
      const told = readJson(value);
      if (topic === BEAT_TOPIC) {
        if (isBeat(told)) this.takeBeat(told);
      } else if (isEvent(told)) {
        const changing = this.parts.listener.changed(told, told.source.slice(SOURCE_PREFIX.length));
        if (changing !== undefined) await changing;
      } else this.parts.listener.unreadable();
    }
  }

  private takeBeat({ subgraph, sentUpToMs }: RelayBeat): void {
    const { clock, listener } = this.parts;
    const known = this.heard.get(subgraph);
    const wasInTime = known?.wasFresh === true && this.isInTime(known);
    const heard = { atMs: clock.steadyMs(), lagMs: clock.now().getTime() - sentUpToMs, wasFresh: false };
    heard.wasFresh = this.isInTime(heard);
    this.heard.set(subgraph, heard);
    // Whatever was said meanwhile may be lost.
    if (!wasInTime && heard.wasFresh) listener.heardAgain(subgraph);
  }
}

/** Follows a broker from now on, again and again until it can. */
export function openEventFeed(parts: FeedParts): EventFeed {
  const feed = new Feed(parts);
  feed.begin();
  return feed;
}
