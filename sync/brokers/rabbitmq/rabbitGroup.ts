// A member of a group: it stands at every queue of the group, and RabbitMQ lets one member at a time read each. Where a
// queue should be read by another, it steps back; where that one dies, it is the next.
import type { Channel } from 'rabbitmq-client';
import type { GroupSubscription, Reading } from '../broker.ts';
import { closeChannel, keepChannel, toMessage, type KeptChannel, type RabbitContext } from './rabbitChannel.ts';
import { RabbitDeliveries, type Session } from './rabbitDeliveries.ts';
import { deleteOld, ensureGroup, hasOld, isOldDone, markOldDone } from './rabbitGroupSetup.ts';
import { RabbitMembers } from './rabbitMembers.ts';
import { declareMark, groupNames, MARKER_TOPIC, type GroupNames } from './rabbitTopology.ts';

/** Long enough for the others to stand in the line before us. */
const STEP_BACK_MS = 400;

/** That a queue is not there at all; one whose server is only starting is answered otherwise. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NOT_FOUND' && error.message.includes('no queue');
}

class Member implements Reading {
  private readonly context: RabbitContext;
  private readonly subscription: GroupSubscription;
  private readonly deliveries: RabbitDeliveries;
  private readonly names: GroupNames;
  private readonly readers = new Map<string, KeptChannel>();
  private members: RabbitMembers | undefined;
  private isClosed = false;
  private readonly settingUp: Promise<void>;

  constructor(context: RabbitContext, subscription: GroupSubscription) {
    this.context = context;
    this.subscription = subscription;
    this.deliveries = new RabbitDeliveries(subscription);
    this.names = groupNames(subscription.group);
    this.settingUp = this.begin();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.deliveries.close();
    await this.settingUp;
    await Promise.all([...this.readers.values()].map((reader) => reader.close()));
    // Said last: who hears it finds the queues free.
    await this.members?.close();
  }

  private async begin(): Promise<void> {
    const { old } = this.names;
    await ensureGroup(this.context, this.names, this.subscription.topics, () => !this.isClosed);
    if (this.isClosed) return;
    this.readers.set(
      old,
      keepChannel(this.context, (channel) => this.readOld(channel)),
    );
  }

  /** Reads what was there before the group, with every other member in line; goes over to the queues when it is read. */
  private async readOld(channel: Channel): Promise<(() => void) | 'over'> {
    const { context, names } = this;
    if (await isOldDone(context, names)) {
      this.readQueues();
      if (!(await hasOld(context, names))) return 'over';
      this.dropOld(channel);
      return () => undefined;
    }
    const session: Session = { channel, isOpen: true, waiting: 0, inFlight: 0, onIdle: () => endOld() };
    let isWhole = false;
    const endOld = (): void => {
      // Its last message is a marker, which is never acknowledged: who has it and nothing else has read everything. What
      // comes to a member that is closing, or on a channel that is gone, is not taken, and not read.
      if (this.isClosed || !session.isOpen || !channel.active || !isWhole || session.waiting > 0) return;
      isWhole = false;
      declareMark(channel, names.done).then(
        () => {
          this.readQueues();
          this.dropOld(channel);
        },
        (error: unknown) => this.giveUp(channel, error),
      );
    };
    try {
      // One more than in a queue, for the marker.
      await channel.basicQos({ prefetchCount: this.subscription.inFlightMax + 1 });
      await channel.basicConsume({ queue: names.old }, (raw) => {
        if (toMessage(raw).topic !== MARKER_TOPIC) {
          this.deliveries.take(session, raw);
          return;
        }
        isWhole = true;
        endOld();
      });
    } catch (error) {
      this.deliveries.end(session);
      if (!isGone(error)) throw error;
      // A group that is set up had it on disk: it was read, or somebody deleted it.
      context.log.warn({ queue: names.old }, 'the queue of old messages is gone; what came after it is read');
      await markOldDone(context, names);
      this.readQueues();
      return 'over';
    }
    return () => this.deliveries.end(session);
  }

  private dropOld(channel: Channel): void {
    deleteOld(this.context, channel, this.names).then(
      () => closeChannel(channel),
      (error: unknown) => this.giveUp(channel, error),
    );
  }

  /** Closes a channel on which something failed: it is begun anew. */
  private giveUp(channel: Channel, error: unknown): void {
    const { log } = this.context;
    if (!this.isClosed) log.debug({ error: String(error), queue: this.names.old }, 'old messages are read anew');
    void closeChannel(channel);
  }

  private readQueues(): void {
    if (this.isClosed || this.members !== undefined) return;
    this.members = new RabbitMembers(this.context, this.names.members, () => this.stepBack());
    for (const queue of this.names.queues) {
      this.readers.set(
        queue,
        keepChannel(this.context, (channel) => this.readQueue(channel, queue)),
      );
    }
  }

  /** Leaves the queues that others should read to the end of their lines, once for each change of the members. */
  private stepBack(): void {
    for (const [share, queue] of this.names.queues.entries()) {
      if (this.members?.isMine(share) === false) this.readers.get(queue)?.renew(STEP_BACK_MS);
    }
  }

  private async readQueue(channel: Channel, queue: string): Promise<() => void> {
    const session: Session = { channel, isOpen: true, waiting: 0, inFlight: 0 };
    try {
      // Of each queue as much as may be in flight in all: one message that waits long must not stop its queue.
      await channel.basicQos({ prefetchCount: this.subscription.inFlightMax });
      await channel.basicConsume({ queue }, (raw) => this.deliveries.take(session, raw));
      // A server that was killed within seconds of the setting up has the queues, and may have forgotten the mark.
      await declareMark(channel, this.names.ready);
    } catch (error) {
      // What came before it broke holds places that nobody else gives back.
      this.deliveries.end(session);
      throw error;
    }
    return () => this.deliveries.end(session);
  }
}

/** Begins a group's reading; see Broker.subscribe. It sets the group up and joins by itself. */
export function subscribeRabbit(context: RabbitContext, subscription: GroupSubscription): Reading {
  return new Member(context, subscription);
}
