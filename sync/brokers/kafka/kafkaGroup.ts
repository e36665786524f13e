// Keeps a consumer in its group: joins, and when the membership fails in a way that the client does not get over, throws
// it away and joins anew. What was not committed comes again.
import { Consumer } from '@platformatic/kafka';
import type { GroupSubscription, Reading } from '../broker.ts';
import type { KafkaConsumer } from './fetchLoop.ts';
import { clientOptions, RETRY_AFTER_MS, type KafkaContext } from './kafkaClient.ts';
import { KafkaMember } from './kafkaMember.ts';

const SESSION_MS = 10_000;
const HEARTBEAT_MS = 1_000;
/** So long members may take to come back into the group when it forms anew. */
const REBALANCE_MS = 10_000;
/** A membership without a heartbeat for so long is begun anew. */
const STALL_MS = 10_000;

interface Membership {
  readonly consumer: KafkaConsumer;
  readonly member: KafkaMember;
  /** Resolves when it has failed. */
  readonly ended: Promise<void>;
  end(): void;
}

function openMembership(context: KafkaContext, subscription: GroupSubscription): Membership {
  const consumer: KafkaConsumer = new Consumer({
    ...clientOptions(context.name, context.address),
    groupId: subscription.group,
    sessionTimeout: SESSION_MS,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: REBALANCE_MS,
    heartbeatStallTimeout: STALL_MS,
  });
  consumer.topics.trackAll(...subscription.topics);
  const member = new KafkaMember(context, consumer, subscription);
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const fail = (why: string): void => {
    context.log.debug({ group: subscription.group, why }, 'a membership in a group of Kafka ended');
    end();
  };
  consumer.on('consumer:group:join', ({ generationId = 0, assignments = [] }) => {
    member.assign(generationId, assignments).catch((error: unknown) => fail(String(error)));
  });
  consumer.on('consumer:group:rebalance', () => {
    // What is acknowledged need not come again to the next owner.
    member.commit().catch(() => undefined);
  });
  consumer.on('consumer:heartbeat:error', () => member.beginAnew());
  consumer.on('consumer:heartbeat:stalled', () => fail('no heartbeat'));
  // Without a listener an error event would end the process.
  consumer.on('error' as 'consumer:group:rejoin', () => fail('it could not join again'));
  return { consumer, member, ended, end };
}

async function closeMembership({ consumer, member }: Membership): Promise<void> {
  await member.commit().catch(() => undefined);
  member.stop();
  await consumer.close(true).catch(() => undefined);
}

/** Begins a group's reading; see Broker.subscribe. Resolves when it has joined, or is trying by itself. */
export function subscribeKafka(context: KafkaContext, subscription: GroupSubscription): Reading {
  let isClosed = false;
  let current: Membership | undefined;
  const isWanted = (): boolean => !isClosed;
  const stay = async (): Promise<void> => {
    while (isWanted()) {
      const membership = openMembership(context, subscription);
      current = membership;
      try {
        await context.ensureTopics(subscription.topics);
        await membership.consumer.joinGroup({});
        await membership.ended;
      } catch (error) {
        context.log.debug({ error: String(error), group: subscription.group }, 'Kafka let nobody join; trying again');
      }
      await closeMembership(membership);
      if (isWanted()) await new Promise<void>((resolve) => void context.clock.after(RETRY_AFTER_MS, resolve));
    }
  };
  const staying = stay();
  return {
    async close() {
      isClosed = true;
      current?.end();
      await staying;
    },
  };
}
