// The port to a message broker: what relays, consumers and the gateway need of one, and nothing more. Adapters stand
// beside it (local, Kafka, RabbitMQ); `conformance.ts` is the suite that each of them passes.

/** A message to publish. Messages of one topic and key keep their order. */
export interface BrokerMessage {
  readonly topic: string;
  /** The entity's id. */
  readonly key: string;
  /** JSON, at most MESSAGE_BYTES_MAX bytes in UTF-8. */
  readonly value: string;
}

/** A message as a group or a follower gets it. */
export interface Delivery extends BrokerMessage {
  /**
   * Where the reader stands after this message: `follow({ after })` goes on behind it. Opaque text of the characters
   * A-Z a-z 0-9 - _ . : so that it can stand in headers and identifiers; it holds for BROKER_KEPT_MS.
   */
  readonly position: string;
}

/** A message that its group must acknowledge. */
export interface GroupDelivery extends Delivery {
  /** Says that the effect is committed. May be called in any order; never throws. Not acknowledged: delivered again. */
  ack(): void;
  /** Whether it can still be acknowledged; else its connection is gone, and it comes again. */
  isOpen(): boolean;
}

/** What a group of consumers asks for. All members of a group share the messages; those of one key go to one member. */
export interface GroupSubscription {
  readonly group: string;
  readonly topics: readonly string[];
  /** How many messages may be delivered and not acknowledged: the broker waits then (back-pressure). */
  readonly inFlightMax: number;
  /** Gets one or more messages, in order per key. Never throws, never waits: it keeps them until it acknowledges. */
  deliver(messages: readonly GroupDelivery[]): void;
}

/** What a follower asks for: all messages of the topics, for itself alone, without acknowledging. */
export interface Following {
  readonly topics: readonly string[];
  /** `now`: what is published from now on. Else a position of an earlier delivery of the same topics. */
  readonly after: string;
  /** Gets messages in order per key. Resolves when the next may come (back-pressure). */
  deliver(messages: readonly Delivery[]): Promise<void> | void;
}

/** That a subscription or following runs; it reconnects by itself for as long as it is not closed. */
export interface Reading {
  /** Ends it; messages that are not acknowledged go to another member, or come again. */
  close(): Promise<void>;
}

/** That a position is older than what the broker still has. */
export class PositionTooOld extends Error {}

/** A broker, connected. */
export interface Broker {
  readonly kind: 'memory' | 'local' | 'kafka' | 'rabbitmq';
  /**
   * Resolves when the broker has durably taken all messages; rejects when that is not known of one or more of them: the
   * relay sends them again. Messages of one key are stored in the order of the list and of the calls.
   */
  publish(messages: readonly BrokerMessage[]): Promise<void>;
  /** Begins a group's reading at its last acknowledged message; a new group begins at the oldest one kept. */
  subscribe(subscription: GroupSubscription): Promise<Reading>;
  /** Begins a following; when it resolves, what is published from then on will be delivered. Throws PositionTooOld. */
  follow(following: Following): Promise<Reading>;
  /** Whether the broker can be reached now. */
  isConnected(): boolean;
  close(): Promise<void>;
}

/** The largest message: an event is at most this long (a mutation whose event is longer is refused). */
export const MESSAGE_BYTES_MAX = 256 * 1024;

/** How long positions hold and messages are kept at least. */
export const BROKER_KEPT_MS = 24 * 60 * 60 * 1_000;
