// A member of a consumer group for as long as its connection holds: which partitions are its own, what of them is
// delivered and acknowledged, and what is committed. `kafkaGroup.ts` begins it anew when it fails.
import type { GroupDelivery, GroupSubscription } from '../broker.ts';
import { AckedOffsets } from './ackedOffsets.ts';
import { FetchLoop, type Cursor, type KafkaConsumer, type KafkaMessage } from './fetchLoop.ts';
import { RETRY_AFTER_MS, type KafkaContext } from './kafkaClient.ts';
import { readCommitted, readEdge, type TopicPartitions } from './kafkaOffsets.ts';
import { KafkaPosition, OLDEST } from './kafkaPosition.ts';

interface OwnPartition {
  readonly cursor: Cursor;
  readonly acked: AckedOffsets;
  committed: number;
}

interface Held {
  readonly own: OwnPartition;
  readonly message: KafkaMessage;
}

/** Acknowledgements of so long go into one commit. */
const COMMIT_AFTER_MS = 50;

/** One membership. */
export class KafkaMember {
  private readonly context: KafkaContext;
  private readonly consumer: KafkaConsumer;
  private readonly subscription: GroupSubscription;
  private readonly loop: FetchLoop;
  private own = new Map<string, OwnPartition>();
  private held: Held[] = [];
  private place: KafkaPosition;
  private generation = -1;
  private assigned: readonly TopicPartitions[] = [];
  private isBeginningAnew = false;
  private assignments = 0;
  private inFlight = 0;
  private isOver = false;
  private isCommitDue = false;
  private isGoingOn = false;
  private committing: Promise<void> = Promise.resolve();

  constructor(context: KafkaContext, consumer: KafkaConsumer, subscription: GroupSubscription) {
    this.context = context;
    this.consumer = consumer;
    this.subscription = subscription;
    this.place = new KafkaPosition(subscription.topics);
    this.loop = new FetchLoop(context, consumer, {
      wanted: () => (this.held.length === 0 && this.room() > 0 ? [...this.own.values()].map((one) => one.cursor) : []),
      isCurrent: (cursor) => this.ownOf(cursor)?.cursor === cursor,
      take: (messages) => this.take(messages),
      interrupted: () => this.beginAnew(),
    });
  }

  /** Takes the partitions of a new generation: reads on in those that stayed, at the committed offset in the others. */
  async assign(generation: number, assigned: readonly TopicPartitions[]): Promise<void> {
    const round = ++this.assignments;
    const mayKeep = generation === this.generation + 1;
    this.generation = generation;
    this.assigned = assigned;
    const wanted = new Set(assigned.flatMap(({ topic, partitions }) => partitions.map((one) => `${topic}:${one}`)));
    for (const [name, own] of this.own) {
      if (mayKeep && wanted.has(name)) continue;
      this.own.delete(name);
      this.inFlight -= own.acked.unacknowledged;
    }
    this.held = this.held.filter(({ own }) => this.isOwn(own));
    const added = assigned
      .map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.filter((one) => !this.own.has(`${topic}:${one}`)),
      }))
      .filter(({ partitions }) => partitions.length > 0);
    const begins = added.length === 0 ? [] : await this.findBegins(added);
    // Another generation, or the end, may have come meanwhile.
    if (this.isOver || round !== this.assignments) return;
    for (const cursor of begins) {
      const { topic, partition, nextOffset } = cursor;
      this.own.set(`${topic}:${partition}`, { cursor, acked: new AckedOffsets(nextOffset), committed: nextOffset });
    }
    this.placeAnew(added);
    this.flush();
    this.loop.pump();
  }

  /**
   * Reads all its partitions again from what is committed: where the cluster was away nobody knows which
   * acknowledgements it heard, and like every broker it delivers again what it did not hear of.
   */
  beginAnew(): void {
    const { generation } = this;
    if (this.isOver || generation < 0 || this.isBeginningAnew) return;
    this.isBeginningAnew = true;
    this.generation = -1;
    this.assign(generation, this.assigned)
      .catch(() => {
        this.generation = generation;
        this.context.clock.after(RETRY_AFTER_MS, () => this.beginAnew());
      })
      .finally(() => (this.isBeginningAnew = false));
  }

  /** Ends it: acknowledgements that come later count for nothing. */
  stop(): void {
    this.isOver = true;
    this.loop.stop();
  }

  /** Commits what is acknowledged; rejects where that failed. */
  commit(): Promise<void> {
    const next = this.committing.then(() => this.commitNow());
    this.committing = next.catch(() => undefined);
    return next;
  }

  private async findBegins(added: readonly TopicPartitions[]): Promise<Cursor[]> {
    const committed = await readCommitted(this.consumer, added);
    const topics = added.map(({ topic }) => topic);
    const oldest = await readEdge(this.consumer, topics, 'EARLIEST');
    return added.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => {
        const begin = oldest.get(topic)?.[partition] ?? 0;
        return { topic, partition, nextOffset: Math.max(committed.get(topic)?.[partition] ?? -1, begin) };
      }),
    );
  }

  /** What it does not read is written as "the oldest kept": a follower from its positions misses nothing. */
  private placeAnew(added: readonly TopicPartitions[]): void {
    if (added.length > 0) this.place = new KafkaPosition(this.subscription.topics);
    const partitionsMax = Math.max(0, ...[...this.own.values()].map(({ cursor }) => cursor.partition + 1));
    for (const topic of this.place.topics) {
      for (let partition = 0; partition < partitionsMax; partition++) {
        const own = this.own.get(`${topic}:${partition}`);
        this.place.set(topic, partition, own === undefined ? OLDEST : own.acked.committable);
      }
    }
  }

  private ownOf({ topic, partition }: Cursor): OwnPartition | undefined {
    return this.own.get(`${topic}:${partition}`);
  }

  private isOwn(own: OwnPartition): boolean {
    return !this.isOver && this.ownOf(own.cursor) === own;
  }

  private room(): number {
    return this.isOver ? 0 : this.subscription.inFlightMax - this.inFlight;
  }

  private take(messages: readonly KafkaMessage[]): void {
    if (this.isOver) return;
    for (const message of messages) {
      const own = this.ownOf(message.cursor);
      if (own !== undefined) this.held.push({ own, message });
    }
    this.flush();
  }

  /** Delivers as much as may be in flight. */
  private flush(): void {
    const batch = this.held.splice(0, Math.max(0, this.room()));
    if (batch.length === 0) return;
    this.inFlight += batch.length;
    try {
      this.subscription.deliver(batch.map((one) => this.toDelivery(one)));
    } catch (error) {
      // It must not; yet nothing may be lost by it: what is not acknowledged is read again.
      this.context.log.error({ err: error, group: this.subscription.group }, 'a member failed with what it was given');
      this.context.clock.after(RETRY_AFTER_MS, () => this.beginAnew());
    }
  }

  private toDelivery({ own, message }: Held): GroupDelivery {
    const {
      cursor: { topic },
      key,
      value,
      offset,
    } = message;
    own.acked.deliver(offset);
    this.place.set(topic, own.cursor.partition, offset + 1);
    return {
      topic,
      key,
      value,
      position: this.place.text,
      isOpen: () => this.isOwn(own),
      ack: () => {
        if (!this.isOwn(own) || !own.acked.ack(offset)) return;
        this.inFlight--;
        this.commitSoon();
        this.goOnSoon();
      },
    };
  }

  /** Acknowledgements come one by one in a turn: one look for all of them. */
  private goOnSoon(): void {
    if (this.isGoingOn) return;
    this.isGoingOn = true;
    queueMicrotask(() => {
      this.isGoingOn = false;
      this.flush();
      if (this.held.length === 0) this.loop.pump();
    });
  }

  private commitSoon(): void {
    if (this.isCommitDue) return;
    this.isCommitDue = true;
    this.context.clock.after(COMMIT_AFTER_MS, () => {
      this.isCommitDue = false;
      this.commit().catch((error: unknown) => {
        // What is not committed now is with the next acknowledgements, or comes again.
        if (!this.isOver) this.commitSoon();
        this.context.log.debug({ error: String(error) }, 'offsets could not be committed to Kafka; trying again');
      });
    });
  }

  private async commitNow(): Promise<void> {
    const due = [...this.own.values()].filter(({ acked, committed }) => acked.committable > committed);
    if (due.length === 0) return;
    const offsets = due.map((own) => ({ own, offset: own.acked.committable }));
    await this.consumer.commit({
      offsets: offsets.map(({ own: { cursor }, offset }) => ({
        topic: cursor.topic,
        partition: cursor.partition,
        offset: BigInt(offset),
        leaderEpoch: -1,
      })),
    });
    for (const { own, offset } of offsets) own.committed = Math.max(own.committed, offset);
  }
}
