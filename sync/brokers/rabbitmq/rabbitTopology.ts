// The names of what we keep in RabbitMQ, and how it is declared; everybody declares it anew on each connection.
//   crm.events (topic) ─ every topic ─→ crm.events.log (stream): followers, and what a new group begins with
//                      └ a group's topics ─→ crm.group.<group> (hash of the key) ─→ crm.group.<group>.0 … .7 (quorum)
import type { Channel } from 'rabbitmq-client';
import { BROKER_KEPT_MS } from '../broker.ts';

/** Where everything is published; the routing key is the topic. */
export const EVENTS_EXCHANGE = 'crm.events';
/** The stream that keeps everything for a day. */
export const LOG_STREAM = 'crm.events.log';
/** The routing key of messages that only say "up to here"; no reader is given them. */
export const MARKER_TOPIC = 'crm.marker';
export const KEY_HEADER = 'crm-key';
export const TOPIC_HEADER = 'crm-topic';

const QUEUES = 8;
/** No limit: a connection that closes counts as well. RabbitMQ 4 takes 20 where nothing is said, and 3 no -1. */
const DELIVERY_LIMIT = 1_000_000_000;
const SEGMENT_BYTES = 16 * 1024 * 1024;

/**
 * RabbitMQ 3.10 writes down that a new quorum queue or stream exists up to three seconds after it says so: one that is
 * killed before has lost it, with what was confirmed to it. So long we wait, once in the life of each.
 */
export const WRITTEN_DOWN_MS = 3_500;

/** The names of one group. */
export interface GroupNames {
  readonly exchange: string;
  /** One for each share of the keys. */
  readonly queues: readonly string[];
  /** What was published before the group began; gone when it has been read. */
  readonly old: string;
  /** An exchange without messages: that it is there says that the group is set up. */
  readonly ready: string;
  /** Another: the queue of old messages has been read. */
  readonly done: string;
  /** An exclusive queue: who has it sets the group up. */
  readonly lock: string;
  /** Where members tell each other that they are there. */
  readonly members: string;
}

/** Takes a group; gives its names. */
export function groupNames(group: string): GroupNames {
  const exchange = `crm.group.${group}`;
  return {
    exchange,
    queues: Array.from({ length: QUEUES }, (_, at) => `${exchange}.${at}`),
    old: `${exchange}.old`,
    ready: `${exchange}.ready`,
    done: `${exchange}.done`,
    lock: `${exchange}.setup`,
    members: `${exchange}.members`,
  };
}

/** Declares what all share. */
export async function declareShared(channel: Channel): Promise<void> {
  await channel.exchangeDeclare({ exchange: EVENTS_EXCHANGE, type: 'topic', durable: true });
  await channel.queueDeclare({
    queue: LOG_STREAM,
    durable: true,
    arguments: {
      'x-queue-type': 'stream',
      // An hour more than positions hold, since a stream drops whole segments.
      'x-max-age': `${BROKER_KEPT_MS / 1_000 + 3_600}s`,
      'x-stream-max-segment-size-bytes': SEGMENT_BYTES,
    },
  });
  await channel.queueBind({ queue: LOG_STREAM, exchange: EVENTS_EXCHANGE, routingKey: '#' });
}

/** Declares a queue of a group: replicated, one reader at a time, and nothing leaves it that is not acknowledged. */
export async function declareGroupQueue(channel: Channel, queue: string): Promise<void> {
  await channel.queueDeclare({
    queue,
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-single-active-consumer': true,
      'x-delivery-limit': DELIVERY_LIMIT,
      // For an operator's policy: what is too much is refused, and sent again by the relay, instead of the oldest dropped.
      'x-overflow': 'reject-publish',
    },
  });
}

/** Declares an exchange that is nothing but a mark: that it is there says something of its group. */
export async function declareMark(channel: Channel, exchange: string): Promise<void> {
  await channel.exchangeDeclare({ exchange, type: 'fanout', durable: true });
}

/** Binds a group to its topics; what is bound already stays. */
export async function bindTopics(channel: Channel, exchange: string, topics: readonly string[]): Promise<void> {
  for (const topic of topics) {
    await channel.exchangeBind({ source: EVENTS_EXCHANGE, destination: exchange, routingKey: topic });
  }
}

/** Declares a group's queues, each with an equal share of the keys. */
export async function declareGroup(channel: Channel, { exchange, queues }: GroupNames): Promise<void> {
  const type = 'x-consistent-hash';
  await channel.exchangeDeclare({ exchange, type, durable: true, arguments: { 'hash-header': KEY_HEADER } });
  for (const queue of queues) {
    await declareGroupQueue(channel, queue);
    // The routing key of such a binding is the queue's weight.
    await channel.queueBind({ queue, exchange, routingKey: '1' });
  }
}
