// Puts documents into collections in batches, a few at a time. A document that is there already is left as it is: so a
// range that was stopped half-way can simply be inserted again.
import mongoose, { type Collection } from 'mongoose';

const BATCH_MAX = 1_000;
const IN_FLIGHT_MAX = 4;
const DUPLICATE_KEY = 11_000;

/** Lets so many tasks run at once. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a slot and takes it. */
  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a slot back. */
  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/** Takes what an insert failed with; gives how many documents it inserted all the same. Throws what is no duplicate. */
function insertedDespite(error: unknown): number {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) throw error;
  const faults = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  if (faults.length === 0 || faults.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  return error.insertedCount;
}

/** Inserts documents and counts those that were not there. */
export class DocumentInserter {
  /** Inserted documents by the name of their collection. */
  readonly counts = new Map<string, number>();
  total = 0;
  readonly #slots = new Slots(IN_FLIGHT_MAX);

  /** Takes a collection and documents; is done when all are stored. */
  async insert(collection: Collection, documents: readonly object[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(documents.length / BATCH_MAX) }, (_, at) =>
      this.#insertBatch(collection, documents.slice(at * BATCH_MAX, (at + 1) * BATCH_MAX)),
    );
    await Promise.all(batches);
  }

  async #insertBatch(collection: Collection, batch: readonly object[]): Promise<void> {
    await this.#slots.take();
    try {
      const insertedCount = await collection
        .insertMany([...batch], { ordered: false })
        .then((result) => result.insertedCount, insertedDespite);
      this.total += insertedCount;
      this.counts.set(collection.name, (this.counts.get(collection.name) ?? 0) + insertedCount);
    } finally {
      this.#slots.give();
    }
  }
}
