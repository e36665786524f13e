// Publishes to Kafka: one request at a time, so that the order of calls is the order of the log, and all that waits goes
// into the next one, so that many small calls cost few requests.
import { compatibilityPartitioner, Producer, stringSerializers } from '@platformatic/kafka';
import type { BrokerMessage } from '../broker.ts';
import { clientOptions, type KafkaContext } from './kafkaClient.ts';

/** Publishes until it is closed. */
export interface KafkaPublisher {
  publish(messages: readonly BrokerMessage[]): Promise<void>;
  close(): Promise<void>;
}

interface Call {
  readonly messages: readonly BrokerMessage[];
  /** How many of them went into requests so far. */
  sent: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Less than Kafka's usual 1 MB for what one partition gets at once. */
const REQUEST_BYTES_MAX = 800_000;
const RECORD_OVERHEAD_BYTES = 100;
/** After so long without an answer it is not known whether the messages were taken. */
const ANSWER_WITHIN_MS = 15_000;

type TextProducer = Producer<string, string, string, string>;

class Publisher implements KafkaPublisher {
  private readonly context: KafkaContext;
  private readonly waiting: Call[] = [];
  private producer: TextProducer | undefined;
  private isSending = false;
  private isClosed = false;

  constructor(context: KafkaContext) {
    this.context = context;
  }

  publish(messages: readonly BrokerMessage[]): Promise<void> {
    if (this.isClosed) return Promise.reject(new Error('the connection to the broker is closed'));
    if (messages.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waiting.push({ messages, sent: 0, resolve, reject });
      void this.sendAll();
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const call of this.waiting.splice(0)) call.reject(new Error('the connection to the broker was closed'));
    await this.dropProducer();
  }

  private async sendAll(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    // The calls of this turn go together.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.sendNext();
    this.isSending = false;
  }

  private async sendNext(): Promise<void> {
    const { messages, calls } = this.gather();
    try {
      await this.send(messages);
      for (const call of calls) {
        if (call.sent < call.messages.length) continue;
        this.remove(call);
        call.resolve();
      }
    } catch (error) {
      // What was not known of one request is not known of the whole call: the rest of it is not sent.
      for (const call of calls) {
        this.remove(call);
        call.reject(error);
      }
    }
  }

  private remove(call: Call): void {
    const at = this.waiting.indexOf(call);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  /** Takes from the calls in their order what one request may hold. */
  private gather(): { messages: BrokerMessage[]; calls: Call[] } {
    const messages: BrokerMessage[] = [];
    const calls: Call[] = [];
    let bytes = 0;
    for (const call of this.waiting) {
      const sentBefore = call.sent;
      while (call.sent < call.messages.length) {
        const message = call.messages[call.sent];
        if (message === undefined) break;
        const size = Buffer.byteLength(message.value) + Buffer.byteLength(message.key) + RECORD_OVERHEAD_BYTES;
        if (messages.length > 0 && bytes + size > REQUEST_BYTES_MAX) break;
        bytes += size;
        messages.push(message);
        call.sent++;
      }
      if (call.sent > sentBefore) calls.push(call);
      if (call.sent < call.messages.length) break;
    }
    return { messages, calls };
  }

  private async send(messages: readonly BrokerMessage[]): Promise<void> {
    await this.context.ensureTopics([...new Set(messages.map(({ topic }) => topic))]);
    const producer = (this.producer ??= this.openProducer());
    const { clock } = this.context;
    let cancel = (): void => undefined;
    const tooLate = new Promise<never>((_, reject) => {
      cancel = clock.after(ANSWER_WITHIN_MS, () => reject(new Error('Kafka did not confirm in time')));
    });
    try {
      const sending = producer.send({ messages: messages.map(({ topic, key, value }) => ({ topic, key, value })) });
      await Promise.race([sending, tooLate]);
      this.context.answered();
    } catch (error) {
      // With a new one nothing of the old one can be on its way behind what is sent next.
      await this.dropProducer();
      throw error;
    } finally {
      cancel();
    }
  }

  private openProducer(): TextProducer {
    const { name, address } = this.context;
    return new Producer({
      ...clientOptions(name, address),
      requestTimeout: 5_000,
      // Every in-sync replica has it, and a request that is repeated within the client is stored once.
      acks: -1,
      idempotent: true,
      // As Java's clients and Debezium choose the partition of a key.
      partitioner: compatibilityPartitioner,
      serializers: stringSerializers,
    });
  }

  private async dropProducer(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.close().catch(() => undefined);
  }
}

/** Opens a publisher, which connects at its first message. */
export function openKafkaPublisher(context: KafkaContext): KafkaPublisher {
  return new Publisher(context);
}
