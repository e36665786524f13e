// What consumers remember, in their subgraph's own MongoDB database, in the transaction of the effect.
import type mongoose from 'mongoose';
import { systemClock } from '../../platform/clock.ts';
import { ConsumerNames } from './consumerNames.ts';
import { Inbox } from './inbox.ts';
import { isDuplicateKey, isStoreFault } from './mongoFault.ts';
import { Parked } from './parked.ts';
import { Replays } from './replays.ts';
import type { ConsumeStore, ConsumeUnit } from './store.ts';
import { Versions } from './versions.ts';

type Session = mongoose.mongo.ClientSession;

const LOOKS_MAX = 3;

/** A consumer's memory on MongoDB. */
export class MongoConsumeStore implements ConsumeStore<Session> {
  readonly #connection: mongoose.Connection;
  readonly #inbox: Inbox;
  readonly #versions: Versions;
  /** The events that were given up. */
  readonly parked: Parked;
  /** The events that are to be taken up again. */
  readonly replays: Replays;
  /** The consumers that run on it. */
  readonly consumers: ConsumerNames;

  constructor(connection: mongoose.Connection) {
    this.#connection = connection;
    const db = connection.getClient().db(connection.name);
    this.#inbox = new Inbox(db);
    this.#versions = new Versions(db);
    this.parked = new Parked(db);
    this.replays = new Replays(db);
    this.consumers = new ConsumerNames(db);
  }

  /** Makes the indexes, before the first event. */
  async createIndexes(): Promise<void> {
    await Promise.all([this.#inbox, this.parked, this.replays].map((each) => each.createIndexes()));
  }

  async transact<R>(work: (unit: ConsumeUnit<Session>) => Promise<R>): Promise<R> {
    for (let looks = 1; ; looks += 1) {
      try {
        return await this.#connection
          .getClient()
          .withSession((session) => session.withTransaction(() => work(this.#unit(session))));
      } catch (error) {
        // Another member of the group applied one of the events between our look and our write: look again.
        if (!isDuplicateKey(error) || looks >= LOOKS_MAX) throw error;
      }
    }
  }

  isFault(error: unknown): boolean {
    return isStoreFault(error);
  }

  countParked(consumer: string): Promise<number> {
    return this.parked.count(consumer);
  }

  #unit(session: Session): ConsumeUnit<Session> {
    let found: ReadonlyMap<string, number> = new Map();
    return {
      session,
      findKnown: (consumer, ids) => this.#inbox.findKnown(session, consumer, ids),
      findVersions: async (consumer, entities) => (found = await this.#versions.find(session, consumer, entities)),
      remember: async (consumer, { inbox, versions, parked }) => {
        // One after the other: a session carries one command at a time.
        await this.#inbox.add(session, consumer, inbox, systemClock.now());
        await this.#versions.write(session, consumer, { found, versions });
        await this.parked.add(session, parked);
      },
    };
  }
}
