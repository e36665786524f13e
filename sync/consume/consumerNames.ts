// Which consumers there are: each leaves a row when it starts, so that commands know whom events can be replayed to.
import type mongoose from 'mongoose';
import type { AggregateType } from '../../contracts/event.ts';

/** A consumer as commands know it. */
export interface ConsumerRow {
  /** Its name. */
  readonly _id: string;
  readonly entities: readonly AggregateType[];
  readonly types: readonly string[];
  readonly startedAt: Date;
}

/** The consumers of one subgraph's database. */
export class ConsumerNames {
  readonly #rows: mongoose.mongo.Collection<ConsumerRow>;

  constructor(db: mongoose.mongo.Db) {
    this.#rows = db.collection<ConsumerRow>('consumers');
  }

  /** Notes a consumer. */
  async note({ _id, ...fields }: ConsumerRow): Promise<void> {
    await this.#rows.updateOne({ _id }, { $set: fields }, { upsert: true });
  }

  /** Gives those that ever started here. */
  list(): Promise<ConsumerRow[]> {
    return this.#rows.find({}, { sort: { _id: 1 } }).toArray();
  }
}
