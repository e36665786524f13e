// Follows topics of Kafka without a group: all partitions are its own, its place is the vector of their offsets.
import { randomUUID } from 'node:crypto';
import { Consumer } from '@platformatic/kafka';
import { PositionTooOld, type Following, type Reading } from '../broker.ts';
import { FetchLoop, type Cursor, type KafkaConsumer } from './fetchLoop.ts';
import { clientOptions, RETRY_AFTER_MS, type KafkaContext } from './kafkaClient.ts';
import { readEdge } from './kafkaOffsets.ts';
import { KafkaPosition, OLDEST, readKafkaPosition } from './kafkaPosition.ts';

function openConsumer({ name, address, log }: KafkaContext, topics: readonly string[]): KafkaConsumer {
  const consumer = new Consumer({ ...clientOptions(name, address), groupId: `crm-follower-${randomUUID()}` });
  consumer.topics.trackAll(...topics);
  // Without a listener an error event would end the process.
  consumer.on('error' as 'client:close', () => log.debug('a follower of Kafka met an error'));
  return consumer;
}

/** The place at which to begin; throws PositionTooOld where what follows it is gone. */
async function findPlace(consumer: KafkaConsumer, { after, topics }: Following): Promise<KafkaPosition> {
  const latest = await readEdge(consumer, topics, 'LATEST');
  const place = after === 'now' ? new KafkaPosition(topics) : readKafkaPosition(after, topics);
  const oldest = after === 'now' ? latest : await readEdge(consumer, topics, 'EARLIEST');
  for (const [topic, ends] of latest) {
    for (const [partition, end] of ends.entries()) {
      const begin = oldest.get(topic)?.[partition] ?? 0;
      const given = after === 'now' ? end : place.get(topic, partition);
      if (given !== OLDEST && (given < begin || given > end)) {
        throw new PositionTooOld(`messages of ${topic} behind the position are gone`);
      }
      place.set(topic, partition, given === OLDEST ? begin : given);
    }
  }
  return place;
}

async function beginWithPatience(
  context: KafkaContext,
  following: Following,
  isClosed: () => boolean,
): Promise<{ consumer: KafkaConsumer; place: KafkaPosition }> {
  for (;;) {
    if (isClosed()) throw new Error('the connection to the broker is closed');
    const consumer = openConsumer(context, following.topics);
    try {
      await context.ensureTopics(following.topics);
      return { consumer, place: await findPlace(consumer, following) };
    } catch (error) {
      await consumer.close(true).catch(() => undefined);
      if (error instanceof PositionTooOld) throw error;
      context.log.debug({ error: String(error) }, 'Kafka could not be followed; trying again');
      await new Promise<void>((resolve) => void context.clock.after(RETRY_AFTER_MS, resolve));
    }
  }
}

/** Begins a following; see Broker.follow. Waits for a cluster that is away until the broker is closed. */
export async function followKafka(
  context: KafkaContext,
  following: Following,
  isClosed: () => boolean,
): Promise<Reading> {
  const { consumer, place } = await beginWithPatience(context, following, isClosed);
  const metadata = await consumer.metadata({ topics: [...place.topics] });
  const cursors: Cursor[] = place.topics.flatMap((topic) =>
    (metadata.topics.get(topic)?.partitions ?? []).map((_, partition) => ({
      topic,
      partition,
      nextOffset: place.get(topic, partition),
    })),
  );
  const loop = new FetchLoop(context, consumer, {
    wanted: () => cursors,
    isCurrent: () => true,
    take: async (messages) => {
      const before = cursors.map(({ topic, partition }) => place.get(topic, partition));
      const deliveries = messages.map(({ cursor: { topic, partition }, key, value, offset }) => {
        place.set(topic, partition, offset + 1);
        return { topic, key, value, position: place.text };
      });
      try {
        await following.deliver(deliveries);
      } catch (error) {
        // They come again: until then no position may stand behind them.
        for (const [at, { topic, partition }] of cursors.entries()) place.set(topic, partition, before[at] ?? 0);
        throw error;
      }
    },
  });
  loop.pump();
  return {
    async close() {
      loop.stop();
      await consumer.close(true).catch(() => undefined);
    },
  };
}
