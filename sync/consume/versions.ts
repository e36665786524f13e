// The last version of each entity that a consumer applied: what is not newer is left out, even where the inbox has
// forgotten it. `_id` is `<consumer> <source> <tenant>:<entity>`; rows stay as long as the consumer has a use for them.
import type mongoose from 'mongoose';

type Db = mongoose.mongo.Db;
type Session = mongoose.mongo.ClientSession;

interface VersionRow {
  readonly _id: string;
  readonly version: number;
}

/** What is written of a batch. */
export interface NewVersions {
  /** The entities that had a version when this transaction looked. */
  readonly found: ReadonlyMap<string, number>;
  readonly versions: ReadonlyMap<string, number>;
}

/** The applied versions of one subgraph's database. */
export class Versions {
  readonly #rows: mongoose.mongo.Collection<VersionRow>;

  constructor(db: Db) {
    this.#rows = db.collection<VersionRow>('consumed_versions');
  }

  /** Takes entities; gives the applied versions of those that have one. */
  async find(session: Session, consumer: string, entities: readonly string[]): Promise<Map<string, number>> {
    const keys = [...new Set(entities)].map((entity) => `${consumer} ${entity}`);
    const options = { session, hint: '_id_', batchSize: keys.length + 1 };
    const rows = await this.#rows.find({ _id: { $in: keys } }, options).toArray();
    return new Map(rows.map(({ _id, version }) => [_id.slice(consumer.length + 1), version]));
  }

  /**
   * Takes what `find` gave in the same transaction, and the new versions; writes them: the new ones at once, the others by
   * their version, which many of a batch have in common. Rejects with a duplicate key where another wrote meanwhile.
   */
  async write(session: Session, consumer: string, { found, versions }: NewVersions): Promise<void> {
    const rows = Array.from(versions, ([entity, version]) => ({ _id: `${consumer} ${entity}`, version, entity }));
    const [known, unknown] = [
      rows.filter(({ entity }) => found.has(entity)),
      rows.filter((row) => !found.has(row.entity)),
    ];
    if (unknown.length > 0) {
      const documents = unknown.map(({ _id, version }) => ({ _id, version }));
      await this.#rows.insertMany(documents, { session, ordered: false });
    }
    if (known.length === 0) return;
    const operations = Array.from(
      Map.groupBy(known, ({ version }) => version),
      ([version, alike]) => ({
        updateMany: { filter: { _id: { $in: alike.map(({ _id }) => _id) } }, update: { $set: { version } } },
      }),
    );
    await this.#rows.bulkWrite(operations, { session, ordered: false });
  }
}
