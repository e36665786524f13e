// Events that a consumer gave up, with the reason, for somebody to look at (`crm-graph events parked`). Parking an event
// twice changes nothing; replaying one moves its row, in a transaction, to where the consumer takes it up again.
import type mongoose from 'mongoose';
import type { ParkedEvent } from './store.ts';

type Db = mongoose.mongo.Db;
type Session = mongoose.mongo.ClientSession;

/** A parked event as it is kept. */
export interface ParkedRow extends ParkedEvent {
  /** `<consumer> <source> <id>` */
  readonly _id: string;
}

/** Which parked events are meant; what is not given is not asked for. */
export interface ParkedSelection {
  readonly consumer?: string | undefined;
  readonly id?: string | undefined;
  readonly subject?: string | undefined;
  readonly type?: string | undefined;
}

/** Takes what is given of a selection; gives it as a condition. */
function conditionOf({ consumer, id, subject, type }: ParkedSelection): Partial<ParkedEvent> {
  return {
    ...(consumer !== undefined && { consumer }),
    ...(id !== undefined && { id }),
    ...(subject !== undefined && { subject }),
    ...(type !== undefined && { type }),
  };
}

/** The parked events of one subgraph's database. */
export class Parked {
  readonly #rows: mongoose.mongo.Collection<ParkedRow>;

  constructor(db: Db) {
    this.#rows = db.collection<ParkedRow>('parked');
  }

  /** Makes the index that lists and replays use. */
  async createIndexes(): Promise<void> {
    await this.#rows.createIndexes([
      { key: { consumer: 1, parkedAt: 1, _id: 1 }, name: 'byConsumer' },
      { key: { subject: 1 }, name: 'bySubject' },
    ]);
  }

  /** Keeps events. */
  async add(session: Session, events: readonly ParkedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const operations = events.map((event) => ({
      updateOne: {
        filter: { _id: `${event.consumer} ${event.source} ${event.id}` },
        update: { $set: { ...event } },
        upsert: true,
      },
    }));
    await this.#rows.bulkWrite(operations, { session, ordered: false });
  }

  /** Counts those of a consumer. */
  count(consumer: string): Promise<number> {
    return this.#rows.countDocuments({ consumer }, { hint: 'byConsumer' });
  }

  /** Gives up to `countMax` of the meant ones, the oldest first. */
  list(selection: ParkedSelection, countMax: number, session?: Session): Promise<ParkedRow[]> {
    return this.#rows
      .find(conditionOf(selection), {
        sort: { consumer: 1, parkedAt: 1, _id: 1 },
        limit: countMax,
        ...(session && { session }),
      })
      .toArray();
  }

  /** Takes rows out. Gives how many there were. */
  async remove(ids: readonly string[], session?: Session): Promise<number> {
    const { deletedCount } = await this.#rows.deleteMany({ _id: { $in: [...ids] } }, session && { session });
    return deletedCount;
  }

  /** Forgets the meant ones for good. Gives how many there were. */
  async drop(selection: ParkedSelection): Promise<number> {
    const { deletedCount } = await this.#rows.deleteMany(conditionOf(selection));
    return deletedCount;
  }
}
