// Which events a consumer applied. `_id` is `<consumer> <source> <id>`, so that a pair is there once without an index of
// its own; a row is written in the transaction of the effect and goes after seven days.
import type mongoose from 'mongoose';

type Db = mongoose.mongo.Db;
type Session = mongoose.mongo.ClientSession;

const KEPT_SECONDS = 7 * 24 * 60 * 60;

interface InboxRow {
  readonly _id: string;
  readonly at: Date;
}

/** The inbox of one subgraph's database. */
export class Inbox {
  readonly #rows: mongoose.mongo.Collection<InboxRow>;

  constructor(db: Db) {
    this.#rows = db.collection<InboxRow>('inbox');
  }

  /** Makes the index by which rows go. */
  async createIndexes(): Promise<void> {
    await this.#rows.createIndexes([{ key: { at: 1 }, name: 'at', expireAfterSeconds: KEPT_SECONDS }]);
  }

  /** Takes `<source> <id>`s; gives those that the consumer applied. */
  async findKnown(session: Session, consumer: string, ids: readonly string[]): Promise<Set<string>> {
    const keys = ids.map((id) => `${consumer} ${id}`);
    const options = { session, projection: { _id: 1 }, hint: '_id_', batchSize: keys.length + 1 } as const;
    const rows = await this.#rows.find({ _id: { $in: keys } }, options).toArray();
    return new Set(rows.map(({ _id }) => _id.slice(consumer.length + 1)));
  }

  /** Remembers that they are applied; rejects with a duplicate key where another has done so meanwhile. */
  async add(session: Session, consumer: string, ids: readonly string[], at: Date): Promise<void> {
    if (ids.length === 0) return;
    const rows = ids.map((id) => ({ _id: `${consumer} ${id}`, at }));
    await this.#rows.insertMany(rows, { session, ordered: false });
  }
}
