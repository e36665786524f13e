// Reads partitions of Kafka from offsets that its owner keeps: one request at a time to each node of the cluster, nothing
// while the owner wants nothing. Both the members of groups and the followers stand on it.
import type { Consumer } from '@platformatic/kafka';
import { isNetworkError, isProtocolError, RETRY_AFTER_MS, type KafkaContext } from './kafkaClient.ts';

/** A consumer of bytes, which is what all readers use. */
export type KafkaConsumer = Consumer;

/** Where reading stands in one partition; replaced, not changed, when the owner begins there anew. */
export interface Cursor {
  readonly topic: string;
  readonly partition: number;
  nextOffset: number;
}

/** One message as it lies in Kafka. */
export interface KafkaMessage {
  readonly cursor: Cursor;
  readonly key: string;
  readonly value: string;
  readonly offset: number;
}

/** What the owner says and hears. */
export interface FetchOwner {
  /** The partitions to read now; none: nothing is asked until `pump`. */
  wanted(): readonly Cursor[];
  /** Whether a cursor is still in use. */
  isCurrent(cursor: Cursor): boolean;
  /**
   * Takes all messages of an answer at once, those of a partition in the order of the log; at most one call at a time.
   * The cursors stand behind them already; where it throws, they are set back, and the messages come again.
   */
  take(messages: readonly KafkaMessage[]): Promise<void> | void;
  /** Hears that the cluster could not be reached. */
  interrupted?(): void;
}

const WAIT_MS_MAX = 500;
const FETCH_BYTES_MAX = 4 * 1024 * 1024;
const PARTITION_BYTES_MAX = 1024 * 1024;
/** The bit of a batch that marks the ends of transactions, which are no messages. */
const CONTROL_BIT = 0b100000;

type FetchResponse = Awaited<ReturnType<KafkaConsumer['fetch']>>;
type FetchedPartition = FetchResponse['responses'][number]['partitions'][number];

/** What came of one partition, and the offset from which it was asked for. */
interface Fetched {
  readonly cursor: Cursor;
  readonly partition: FetchedPartition;
  readonly offset: number;
}

function partitionKey(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}

function messagesOf(cursor: Cursor, { records }: FetchedPartition, from: number): KafkaMessage[] {
  const messages: KafkaMessage[] = [];
  for (const batch of records ?? []) {
    if ((batch.attributes & CONTROL_BIT) !== 0) continue;
    for (const { offsetDelta, key, value } of batch.records) {
      const offset = Number(batch.firstOffset) + offsetDelta;
      // A batch is sent whole: its beginning may be known already.
      if (offset < from) continue;
      messages.push({ cursor, key: key?.toString() ?? '', value: value?.toString() ?? '', offset });
    }
  }
  return messages;
}

function offsetBehind({ records }: FetchedPartition): number | undefined {
  const last = records?.at(-1);
  return last === undefined ? undefined : Number(last.firstOffset) + last.lastOffsetDelta + 1;
}

/** Reads until it is stopped. */
export class FetchLoop {
  private readonly context: KafkaContext;
  private readonly consumer: KafkaConsumer;
  private readonly owner: FetchOwner;
  private readonly busyNodes = new Set<number>();
  private taking: Promise<void> = Promise.resolve();
  private isPumping = false;
  private isPumpWanted = false;
  private isStopped = false;

  constructor(context: KafkaContext, consumer: KafkaConsumer, owner: FetchOwner) {
    this.context = context;
    this.consumer = consumer;
    this.owner = owner;
  }

  /** Looks again what is wanted, and asks for it. */
  pump(): void {
    this.isPumpWanted = true;
    if (!this.isPumping) void this.ask();
  }

  stop(): void {
    this.isStopped = true;
  }

  private async ask(): Promise<void> {
    this.isPumping = true;
    try {
      while (this.isPumpWanted && !this.isStopped) {
        this.isPumpWanted = false;
        if (this.owner.wanted().length > 0) await this.askNodes();
      }
    } catch (error) {
      this.complain(error);
    } finally {
      this.isPumping = false;
    }
  }

  private async askNodes(): Promise<void> {
    const metadata = await this.consumer.metadata({ topics: this.consumer.topics.current });
    const cursorsOfNode = new Map<number, Cursor[]>();
    for (const cursor of this.owner.wanted()) {
      const leader = metadata.topics.get(cursor.topic)?.partitions[cursor.partition]?.leader;
      if (leader === undefined || this.busyNodes.has(leader)) continue;
      const cursors = cursorsOfNode.get(leader) ?? [];
      cursorsOfNode.set(leader, cursors);
      cursors.push(cursor);
    }
    const topicIds = new Map([...metadata.topics].map(([topic, { id }]) => [topic, id]));
    for (const [node, cursors] of cursorsOfNode) {
      this.busyNodes.add(node);
      void this.fetch(node, cursors, topicIds);
    }
  }

  private async fetch(node: number, cursors: readonly Cursor[], topicIds: Map<string, string>): Promise<void> {
    const asked = new Map(cursors.map((cursor) => [partitionKey(cursor.topic, cursor.partition), cursor]));
    const from = new Map(cursors.map((cursor) => [cursor, cursor.nextOffset]));
    const topicNames = new Map([...topicIds].map(([topic, id]) => [id, topic]));
    const partitionsOf = (response: FetchResponse): Fetched[] =>
      response.responses.flatMap(({ topicId, partitions }) =>
        partitions.flatMap((partition) => {
          const cursor = asked.get(partitionKey(topicNames.get(topicId) ?? '', partition.partitionIndex));
          const offset = cursor === undefined ? undefined : from.get(cursor);
          // What was asked for before the owner began anew is of no use, nor what a session of the cluster adds.
          if (cursor === undefined || offset === undefined || offset !== cursor.nextOffset) return [];
          return this.isStopped || !this.owner.isCurrent(cursor) ? [] : [{ cursor, partition, offset }];
        }),
      );
    try {
      const response = await this.request(node, cursors, topicIds);
      this.context.answered();
      const taken = this.taking.then(() => this.give(partitionsOf(response)));
      this.taking = taken.catch(() => undefined);
      await taken;
      this.busyNodes.delete(node);
      this.pump();
    } catch (error) {
      const { response } = error as { response?: FetchResponse };
      if (response !== undefined) for (const one of partitionsOf(response)) this.leap(one);
      this.complain(error, node);
    }
  }

  /** Gives the owner what was fetched, all in one: what comes together can have its effect together. */
  private async give(fetched: readonly Fetched[]): Promise<void> {
    const messages = fetched.flatMap(({ cursor, partition, offset }) => {
      cursor.nextOffset = offsetBehind(partition) ?? offset;
      return messagesOf(cursor, partition, offset);
    });
    if (messages.length === 0) return;
    try {
      await this.owner.take(messages);
    } catch (error) {
      for (const { cursor, offset } of fetched) cursor.nextOffset = offset;
      this.context.log.warn({ err: error }, 'a reader of Kafka failed with what it was given; it comes again');
      throw error;
    }
  }

  private request(
    node: number,
    cursors: readonly Cursor[],
    topicIds: ReadonlyMap<string, string>,
  ): Promise<FetchResponse> {
    return this.consumer.fetch({
      node,
      maxWaitTime: WAIT_MS_MAX,
      minBytes: 1,
      maxBytes: FETCH_BYTES_MAX,
      topics: cursors.map(({ topic, partition, nextOffset }) => ({
        topicId: topicIds.get(topic) ?? '',
        partitions: [
          {
            partition,
            fetchOffset: BigInt(nextOffset),
            currentLeaderEpoch: -1,
            lastFetchedEpoch: -1,
            partitionMaxBytes: PARTITION_BYTES_MAX,
          },
        ],
      })),
    });
  }

  /** Goes on at the oldest message kept where retention was faster than the reader. */
  private leap({ cursor, partition: { errorCode, logStartOffset } }: Fetched): void {
    const OFFSET_OUT_OF_RANGE = 1;
    if (errorCode !== OFFSET_OUT_OF_RANGE || logStartOffset < 0n) return;
    const { topic, partition, nextOffset } = cursor;
    const words = 'messages were deleted by retention before they were read';
    this.context.log.error({ topic, partition, from: nextOffset, to: Number(logStartOffset) }, words);
    cursor.nextOffset = Number(logStartOffset);
  }

  private complain(error: unknown, node?: number): void {
    if (this.isStopped) return;
    if (!isProtocolError(error, 'OFFSET_OUT_OF_RANGE')) this.consumer.clearMetadata();
    this.context.log.debug({ error: String(error) }, 'Kafka could not be read; trying again');
    if (isNetworkError(error)) this.owner.interrupted?.();
    this.context.clock.after(RETRY_AFTER_MS, () => {
      if (node !== undefined) this.busyNodes.delete(node);
      this.pump();
    });
  }
}
