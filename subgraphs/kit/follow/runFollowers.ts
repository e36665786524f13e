// The followers of a subgraph at work in its process: from the time it can answer until before its connection closes.
import type { ClientSession, Connection } from 'mongoose';
import type { GraphEvent } from '../../../contracts/event.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { drawSecret, seededRandom } from '../../../platform/random.ts';
import type { Broker } from '../../../sync/brokers/broker.ts';
import { Consumer } from '../../../sync/consume/consumer.ts';
import type { ConsumerCounts } from '../../../sync/consume/consumerCounts.ts';
import { MongoConsumeStore } from '../../../sync/consume/mongoConsumeStore.ts';
import { replayFromOutbox } from '../../../sync/consume/replay.ts';
import { ReplayReader } from '../../../sync/consume/replayReader.ts';
import type { Outbox } from '../../../sync/outbox/outbox.ts';
import { definitionOf, type Follower } from './follower.ts';
import { unsealPersonal } from './unsealPersonal.ts';

/** What followers run with. */
export interface FollowersPlace {
  readonly connection: Connection;
  readonly outbox: Outbox;
  /** CRM_DATABASE_PREFIX: the databases of the other subgraphs begin with it. */
  readonly prefix: string;
  readonly broker: Broker;
  readonly counts: ConsumerCounts;
  readonly clock: Clock;
  readonly log: Log;
}

/** That followers run. */
export interface RunningFollowers {
  /** Says whether none of them stands still. */
  isWell(): boolean;
  /** Ends them: what runs is finished, what waits comes again. */
  stop(): Promise<void>;
}

/** When a broker refuses a subscription, it is asked again so much later. */
const BEGIN_AGAIN_MS = 2_000;
const OWNER = /^\/crm\/([a-z]+)$/;

/** Gives what asks the owner's outbox for the versions of an entity before an event's. */
function askOwner(place: FollowersPlace, store: MongoConsumeStore, consumer: string): (event: GraphEvent) => void {
  const { connection, prefix, clock, log } = place;
  return ({ source, subject, sequence }) => {
    const owner = OWNER.exec(source)?.[1];
    if (owner === undefined) return;
    const database = connection.getClient().db(`${prefix}_${owner}`);
    const selection = { subject, versionBelow: Number(sequence) };
    replayFromOutbox(database, store, selection, { consumer, isForced: false, now: clock.now() }).catch(
      (error: unknown) => log.warn({ err: error, consumer, subject }, 'the missing events could not be asked for'),
    );
  };
}

/** Takes the followers and what they run with; gives them running. */
export async function runFollowers(followers: readonly Follower[], place: FollowersPlace): Promise<RunningFollowers> {
  const { connection, outbox, broker, counts, clock, log } = place;
  const store = new MongoConsumeStore(connection);
  await store.createIndexes();
  for (const { name, entities, types } of followers) {
    await store.consumers.note({ _id: name, entities, types: Object.keys(types), startedAt: clock.now() });
  }
  const random = seededRandom(Number.parseInt(drawSecret(4), 16));
  const running = followers.map((follower) => {
    const consumer = new Consumer({
      definition: definitionOf(follower, outbox),
      store,
      clock,
      random,
      log,
      counts,
      unseal: (events) => unsealPersonal(outbox.keys, events),
      askPredecessor: askOwner(place, store, follower.name),
      committed: () => outbox.wake(),
    });
    return { consumer, replays: new ReplayReader({ consumer, replays: store.replays, clock, log }) };
  });
  let isStopped = false;
  const begin = async (consumer: Consumer<ClientSession>): Promise<void> => {
    try {
      if (!isStopped) await consumer.start(broker);
    } catch (error) {
      log.warn({ err: error, consumer: consumer.name }, 'the broker does not let the consumer read yet');
      clock.after(BEGIN_AGAIN_MS, () => void begin(consumer));
    }
  };
  for (const { consumer, replays } of running) {
    // Not waited for: a subgraph answers although the broker is away.
    void begin(consumer);
    replays.start();
  }
  return {
    isWell: () => running.every(({ consumer }) => !consumer.isPaused()),
    async stop() {
      isStopped = true;
      await Promise.all(running.map(({ replays }) => replays.stop()));
      await Promise.all(running.map(({ consumer }) => consumer.stop()));
    },
  };
}
