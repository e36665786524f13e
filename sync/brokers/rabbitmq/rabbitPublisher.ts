// Publishes to RabbitMQ on one channel: persistent, confirmed by every queue that the message goes to, and returned where
// there is none. A channel that breaks is not used again: what it had not confirmed rejects.
import type { Channel, Connection } from 'rabbitmq-client';
import { drawId } from '../../../platform/random.ts';
import type { BrokerMessage } from '../broker.ts';
import type { Connecting } from '../connecting.ts';
import { declareShared, EVENTS_EXCHANGE, KEY_HEADER, TOPIC_HEADER } from './rabbitTopology.ts';

/** After so long without an answer it is not known whether the messages were taken. */
const ANSWER_WITHIN_MS = 15_000;
/** So many are on their way to the server at once. */
const WINDOW = 1_000;

/** What a message needs beside its exchange and routing key. */
export function envelopeOf({ topic, key }: BrokerMessage): {
  contentType: string;
  contentEncoding: string;
  durable: true;
  headers: Record<string, string>;
} {
  return {
    contentType: 'application/json',
    // Named, so that the client gives the bytes back and does not read them.
    contentEncoding: 'utf-8',
    durable: true,
    headers: { [KEY_HEADER]: key, [TOPIC_HEADER]: topic },
  };
}

/** Publishes until it is closed. */
export class RabbitPublisher {
  private readonly context: Connecting;
  private readonly connection: Connection;
  private readonly ensureLog: () => Promise<void>;
  private readonly idPrefix = drawId();
  private readonly returned = new Set<string>();
  private opening: Promise<Channel> | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private sent = 0;

  /** Takes what makes sure, before the first message, that there is a stream to keep it. */
  constructor(context: Connecting, connection: Connection, ensureLog: () => Promise<void>) {
    this.context = context;
    this.connection = connection;
    this.ensureLog = ensureLog;
  }

  /** Resolves when every message is confirmed; the messages of calls go to the server in the order of the calls. */
  publish(messages: readonly BrokerMessage[]): Promise<void> {
    const written = this.turn.then(() => this.write(messages));
    this.turn = written.catch(() => undefined);
    return written.then(({ confirmation }) => confirmation());
  }

  async close(): Promise<void> {
    const channel = await this.opening?.catch(() => undefined);
    this.opening = undefined;
    await channel?.close().catch(() => undefined);
  }

  private open(): Promise<Channel> {
    this.opening ??= this.begin();
    return this.opening;
  }

  private async begin(): Promise<Channel> {
    try {
      await this.ensureLog();
      const channel = await this.connection.acquire({ emitErrorsFromChannel: true });
      channel.on('error', () => undefined);
      channel.once('close', () => (this.opening = undefined));
      // Before the confirmation of the same message.
      channel.on('basic.return', ({ messageId }) => this.returned.add(messageId ?? ''));
      await declareShared(channel);
      await channel.confirmSelect();
      return channel;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  private async write(messages: readonly BrokerMessage[]): Promise<{ confirmation: () => Promise<void> }> {
    const channel = await this.within(this.open());
    const ids: string[] = [];
    let window: Promise<void>[] = [];
    for (const message of messages) {
      const messageId = `${this.idPrefix}-${++this.sent}`;
      ids.push(messageId);
      const { topic, value } = message;
      const envelope = { exchange: EVENTS_EXCHANGE, routingKey: topic, mandatory: true, messageId };
      window.push(channel.basicPublish({ ...envelope, ...envelopeOf(message) }, Buffer.from(value)));
      if (window.length < WINDOW) continue;
      await this.within(Promise.all(window), channel);
      window = [];
    }
    const rest = Promise.all(window);
    // It is waited for in a moment; until then nobody else may call it unhandled.
    rest.catch(() => undefined);
    // Not awaited here: the next call is written behind this one meanwhile.
    return { confirmation: () => this.confirm(channel, rest, ids) };
  }

  private async confirm(channel: Channel, rest: Promise<unknown>, ids: readonly string[]): Promise<void> {
    await this.within(rest, channel);
    // What came back is told in the turn after its confirmation.
    await new Promise((resolve) => setImmediate(resolve));
    const isReturned = ids.filter((id) => this.returned.delete(id)).length > 0;
    if (!isReturned) return;
    await channel.close();
    throw new Error('RabbitMQ had no queue for a message');
  }

  /** Rejects where it takes too long; what is still unconfirmed on the channel rejects with it. */
  private async within<Result>(work: Promise<Result>, channel?: Channel): Promise<Result> {
    let cancel = (): void => undefined;
    const tooLate = new Promise<never>((_, reject) => {
      cancel = this.context.clock.after(ANSWER_WITHIN_MS, () => reject(new Error('RabbitMQ did not confirm in time')));
    });
    try {
      return await Promise.race([work, tooLate]);
    } catch (error) {
      work.catch(() => undefined);
      if (channel !== undefined) void channel.close().catch(() => undefined);
      throw error;
    } finally {
      cancel();
    }
  }
}
