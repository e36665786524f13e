// A reader of its own beside the followers: notes in which order the versions of each entity first come from the broker.
import { topicOf, versionOf, type GraphEvent } from '../../../contracts/event.ts';
import { systemClock } from '../../../platform/clock.ts';
import { openLog } from '../../../platform/log.ts';
import { drawId } from '../../../platform/random.ts';
import { openBroker } from '../../../sync/brokers/openBroker.ts';

/** What was seen. */
export interface OrderWatch {
  /** Entities whose version went back: the first time that a version came, a later one had come before it. */
  readonly disordered: ReadonlySet<string>;
  /** The versions that came, by entity. */
  readonly versions: ReadonlyMap<string, ReadonlySet<number>>;
  /** How many messages came, and how many of them again. */
  readonly counts: { readonly received: number; readonly again: number };
  stop(): Promise<void>;
}

const IN_FLIGHT_MAX = 1_000;

/** Begins to watch customers and orders. */
export async function watchOrder(brokerUrl: string): Promise<OrderWatch> {
  const broker = await openBroker(brokerUrl, { name: 'watch', log: openLog('watch', 'silent'), clock: systemClock });
  const disordered = new Set<string>();
  const versions = new Map<string, Set<number>>();
  const counts = { received: 0, again: 0 };
  const reading = await broker.subscribe({
    group: `watch.${drawId().slice(0, 8)}`,
    topics: [topicOf('Customer'), topicOf('Order')],
    inFlightMax: IN_FLIGHT_MAX,
    deliver(messages) {
      for (const message of messages) {
        const event = JSON.parse(message.value) as GraphEvent;
        const version = versionOf(event);
        const seen = versions.get(event.subject) ?? new Set();
        versions.set(event.subject, seen);
        counts.received += 1;
        if (seen.has(version)) counts.again += 1;
        else if (version <= Math.max(0, ...seen))
          disordered.add(`${event.subject} ${version} after ${[...seen].join(' ')}`);
        seen.add(version);
        message.ack();
      }
    },
  });
  return {
    ...{ disordered, versions, counts },
    async stop() {
      await reading.close();
      await broker.close();
    },
  };
}
