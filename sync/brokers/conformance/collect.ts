// What the conformance suite reads with: a member or follower that keeps what it gets, and waiting for a condition.
import type { Broker, BrokerMessage, Delivery, GroupDelivery, GroupSubscription, Reading } from '../broker.ts';

const LOOK_MS = 5;

/** Resolves when the condition holds; the test's own limit ends the wait. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS));
}

/** A member of a group that keeps what it gets. */
export interface CollectingMember {
  readonly got: GroupDelivery[];
  readonly reading: Reading;
}

/** Begins to read as a member; each delivery is acknowledged at once unless `onDelivery` decides otherwise. */
export async function collectAsMember(
  broker: Broker,
  plan: Omit<GroupSubscription, 'deliver'>,
  onDelivery: (delivery: GroupDelivery) => void = (delivery) => delivery.ack(),
): Promise<CollectingMember> {
  const got: GroupDelivery[] = [];
  const reading = await broker.subscribe({
    ...plan,
    deliver(messages) {
      for (const message of messages) {
        got.push(message);
        onDelivery(message);
      }
    },
  });
  return { got, reading };
}

/** Begins to follow and keeps what it gets. */
export async function collectAlone(
  broker: Broker,
  topic: string,
  after: string,
): Promise<{ got: Delivery[]; reading: Reading }> {
  const got: Delivery[] = [];
  const reading = await broker.follow({ topics: [topic], after, deliver: (messages) => void got.push(...messages) });
  return { got, reading };
}

/** Makes messages of one topic: `count` of each key, whose values are numbers from `first` on. */
export function numbered(topic: string, keys: readonly string[], count: number, first = 0): BrokerMessage[] {
  return Array.from({ length: count }, (_, at) => first + at).flatMap((number) =>
    keys.map((key) => ({ topic, key, value: String(number) })),
  );
}

/** Takes deliveries; gives the values of each key in the order of their first coming. */
export function firstByKey(deliveries: readonly Delivery[]): Map<string, string[]> {
  const byKey = new Map<string, Set<string>>();
  for (const { key, value } of deliveries) byKey.set(key, (byKey.get(key) ?? new Set()).add(value));
  return new Map([...byKey].map(([key, values]) => [key, [...values]]));
}

/** The numbers from 0 to below `count`, as texts. */
export function countTo(count: number): string[] {
  return Array.from({ length: count }, (_, number) => String(number));
}

/** Publishes until the broker takes it, as a relay does. */
export async function publishUntilTaken(broker: Broker, messages: readonly BrokerMessage[]): Promise<void> {
  for (;;) {
    try {
      await broker.publish(messages);
      return;
    } catch {
      await new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS * 10));
    }
  }
}
