// What a consumer is to take up again: rows that a replay leaves in the consumer's own database, so that it works beside
// running processes and outlives them. A row goes when the consumer is done with its event.
import type mongoose from 'mongoose';

type Db = mongoose.mongo.Db;
type Session = mongoose.mongo.ClientSession;

/** An event to be taken up again by one consumer. */
export interface Replay {
  readonly consumer: string;
  /** `<source> <id>`, or topic and position of what cannot be read. */
  readonly event: string;
  /** The message. */
  readonly text: string;
  readonly topic: string;
  readonly key: string;
  /** A copy is to be made right: state is applied although it was before, never over newer state. */
  readonly isForced: boolean;
}

/** A replay as it is kept. */
export interface ReplayRow extends Replay {
  readonly _id: string;
  /** The order in which rows are taken up. */
  readonly at: Date;
  readonly version: number;
}

/** The replays of one subgraph's database. */
export class Replays {
  readonly #rows: mongoose.mongo.Collection<ReplayRow>;

  constructor(db: Db) {
    this.#rows = db.collection<ReplayRow>('replays');
  }

  /** Makes the index by which a consumer takes rows up. */
  async createIndexes(): Promise<void> {
    await this.#rows.createIndexes([{ key: { consumer: 1, at: 1, version: 1, _id: 1 }, name: 'byConsumer' }]);
  }

  /** Leaves events for a consumer; one that waits already is there once. */
  async add(replays: readonly (Replay & { version: number })[], at: Date, session?: Session): Promise<void> {
    if (replays.length === 0) return;
    const operations = replays.map((replay) => ({
      updateOne: {
        filter: { _id: `${replay.consumer} ${replay.event}` },
        update: { $set: { ...replay, at } },
        upsert: true,
      },
    }));
    await this.#rows.bulkWrite(operations, { ordered: false, ...(session && { session }) });
  }

  /** Gives the next rows of a consumer in the order of their coming. */
  next(consumer: string, countMax: number): Promise<ReplayRow[]> {
    const options = {
      sort: { at: 1, version: 1, _id: 1 },
      limit: countMax,
      hint: 'byConsumer',
      maxTimeMS: 5_000,
    } as const;
    return this.#rows.find({ consumer }, options).toArray();
  }

  /** Takes a row out, unless it was left anew meanwhile. */
  async done({ _id, at }: Pick<ReplayRow, '_id' | 'at'>): Promise<void> {
    await this.#rows.deleteOne({ _id, at });
  }
}
