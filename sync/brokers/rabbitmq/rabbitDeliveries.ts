// What a member of a group has in its hands: messages of all its queues, of which so many at once may be delivered and
// not acknowledged. What a broken channel brought counts for nothing: RabbitMQ delivers it again.
import type { AsyncMessage, Channel } from 'rabbitmq-client';
import type { GroupDelivery, GroupSubscription } from '../broker.ts';
import { toMessage } from './rabbitChannel.ts';
import { writeTime } from './rabbitPosition.ts';

const SECOND_MS = 1_000;

/** One channel's time at one queue. */
export interface Session {
  readonly channel: Channel;
  isOpen: boolean;
  /** Taken from the queue and not acknowledged, delivered or not. */
  waiting: number;
  /** Delivered and not acknowledged. */
  inFlight: number;
  /** Called when nothing waits. */
  readonly onIdle?: (session: Session) => void;
}

interface Held {
  readonly session: Session;
  readonly raw: AsyncMessage;
}

/** The deliveries of one member. */
export class RabbitDeliveries {
  private readonly subscription: GroupSubscription;
  private readonly topics: ReadonlySet<string>;
  private held: Held[] = [];
  private inFlight = 0;
  private isFlushing = false;
  private isClosed = false;

  constructor(subscription: GroupSubscription) {
    this.subscription = subscription;
    this.topics = new Set(subscription.topics);
  }

  /** Takes a message from a queue. */
  take(session: Session, raw: AsyncMessage): void {
    if (!session.isOpen || this.isClosed) return;
    session.waiting++;
    this.held.push({ session, raw });
    this.flushSoon();
  }

  /** Forgets what a session brought. */
  end(session: Session): void {
    if (!session.isOpen) return;
    session.isOpen = false;
    this.inFlight -= session.inFlight;
    this.held = this.held.filter((one) => one.session !== session);
    this.flushSoon();
  }

  /** Delivers nothing from now on. */
  close(): void {
    this.isClosed = true;
    this.held = [];
  }

  /** What comes and is acknowledged in one turn goes on together. */
  private flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    setImmediate(() => {
      this.isFlushing = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.isClosed) return;
    const batch: GroupDelivery[] = [];
    const passed: Held[] = [];
    while (this.held.length > 0 && this.inFlight < this.subscription.inFlightMax) {
      const [next] = this.held.splice(0, 1);
      if (next === undefined) break;
      const delivery = this.toDelivery(next);
      // A topic that the group was bound to once, and is not asked for any more.
      if (!this.topics.has(delivery.topic)) passed.push(next);
      else {
        next.session.inFlight++;
        this.inFlight++;
        batch.push(delivery);
      }
    }
    for (const one of passed) this.settle(one);
    if (batch.length > 0) this.subscription.deliver(batch);
  }

  private toDelivery(held: Held): GroupDelivery {
    let isAcknowledged = false;
    const isOpen = (): boolean => held.session.isOpen && held.session.channel.active;
    return {
      ...toMessage(held.raw),
      position: writeTime((held.raw.timestamp ?? 0) * SECOND_MS),
      isOpen,
      ack: () => {
        if (isAcknowledged || !isOpen()) return;
        isAcknowledged = true;
        held.session.inFlight--;
        this.inFlight--;
        this.settle(held);
        this.flushSoon();
      },
    };
  }

  private settle({ session, raw }: Held): void {
    if (!session.isOpen || !session.channel.active) return;
    session.waiting--;
    session.channel.basicAck({ deliveryTag: raw.deliveryTag });
    if (session.waiting === 0) session.onIdle?.(session);
  }
}
