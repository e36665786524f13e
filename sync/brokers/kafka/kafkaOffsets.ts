// Asks Kafka where partitions begin and end, and what a group has committed, as plain numbers.
import { ListOffsetTimestamps } from '@platformatic/kafka';
import type { KafkaConsumer } from './fetchLoop.ts';

/** Topic, then partition, to an offset. */
export type OffsetsByTopic = ReadonlyMap<string, readonly number[]>;

/** Partitions by topic. */
export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: number[];
}

function toNumbers(offsets: ReadonlyMap<string, readonly (bigint | undefined)[]>): OffsetsByTopic {
  return new Map([...offsets].map(([topic, list]) => [topic, Array.from(list, (offset) => Number(offset ?? -1n))]));
}

/** Gives the oldest or the next offset of every partition of topics. */
export async function readEdge(
  consumer: KafkaConsumer,
  topics: readonly string[],
  edge: 'EARLIEST' | 'LATEST',
): Promise<OffsetsByTopic> {
  return toNumbers(await consumer.listOffsets({ topics: [...topics], timestamp: ListOffsetTimestamps[edge] }));
}

/** Gives what the consumer's group has committed in partitions, -1 where nothing. */
export async function readCommitted(
  consumer: KafkaConsumer,
  partitions: readonly TopicPartitions[],
): Promise<OffsetsByTopic> {
  return toNumbers(await consumer.listCommittedOffsets({ topics: partitions.map((one) => ({ ...one })) }));
}
