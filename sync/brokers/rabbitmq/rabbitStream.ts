// Reads the stream that keeps everything: from an offset, a moment, its beginning or its end, with the offset of each
// message, and no faster than its reader acknowledges.
import type { AsyncMessage, Channel } from 'rabbitmq-client';
import { declareShared, EVENTS_EXCHANGE, LOG_STREAM, MARKER_TOPIC } from './rabbitTopology.ts';

/** A message of the stream. */
export interface StreamMessage {
  readonly offset: number;
  readonly raw: AsyncMessage;
  /** Lets the server send as many more as came up to this one. */
  take(): void;
}

/** So many messages come without being taken. */
export const PREFETCH = 500;

/** Begins to read on a channel, which is the reader's own. */
export async function readStream(
  channel: Channel,
  from: number | Date | 'first' | 'next',
  onMessage: (message: StreamMessage) => void,
): Promise<void> {
  await declareShared(channel);
  await channel.basicQos({ prefetchCount: PREFETCH });
  await channel.basicConsume({ queue: LOG_STREAM, arguments: { 'x-stream-offset': from } }, (raw) => {
    onMessage({
      offset: Number((raw.headers as Record<string, unknown> | undefined)?.['x-stream-offset']),
      raw,
      take() {
        if (channel.active) channel.basicAck({ deliveryTag: raw.deliveryTag, multiple: true });
      },
    });
  });
}

/** Writes a message into the stream that no reader is given; it may be read before this resolves. */
export async function publishMarker(channel: Channel, messageId: string): Promise<void> {
  const envelope = { exchange: EVENTS_EXCHANGE, routingKey: MARKER_TOPIC, durable: true, messageId };
  await channel.basicPublish(envelope, Buffer.from(messageId));
}
