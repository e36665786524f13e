// Keeps counts in the gateway's own database, over a connection of its own: a large write must not stand before a key
// that is looked up. It connects when something is to be written, and again when that did not succeed.
import mongoose, { type Connection } from 'mongoose';
import type { DatabaseAddress } from '../../platform/gatewayDatabase.ts';
import {
  USAGE_COLLECTIONS,
  type BucketDocument,
  type OperationDocument,
  type ProcessDocument,
} from '../../usage/usageDocuments.ts';
import type { UsageStore } from './usageRecorder.ts';

const SELECTION_TIMEOUT_MS = 3_000;
const COMMAND_TIMEOUT_MS = 10_000;
const DUPLICATE_KEY = 11_000;

async function makeIndexes(connection: Connection): Promise<void> {
  const { buckets, operations, processes } = USAGE_COLLECTIONS;
  // The moment stands in each document, so that another number of days needs no other index.
  for (const name of [buckets, operations, processes]) {
    await connection.collection(name).createIndex({ expiresAt: 1 }, { name: 'expiresAt', expireAfterSeconds: 0 }, {});
  }
  await connection.collection(buckets).createIndex({ at: 1 }, { name: 'at' }, {});
  await connection.collection(processes).createIndex({ beatAt: 1 }, { name: 'beatAt' }, {});
}

async function connect({ uri, database }: DatabaseAddress): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    dbName: database,
    autoIndex: false,
    autoCreate: false,
    // A write that cannot go now fails now: it is repeated with what came meanwhile.
    bufferCommands: false,
    serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
    socketTimeoutMS: COMMAND_TIMEOUT_MS,
    maxPoolSize: 2,
    writeConcern: { w: 'majority' },
  });
  try {
    await connection.asPromise();
    await makeIndexes(connection);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Another process wrote the same document at the same moment. */
function isOnlyDuplicate(error: unknown): boolean {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return false;
  const faults = [error.writeErrors].flat();
  return faults.length > 0 && faults.every(({ code }) => code === DUPLICATE_KEY);
}

class MongoUsageStore implements UsageStore {
  readonly #address: DatabaseAddress;
  #connecting: Promise<Connection> | undefined;

  constructor(address: DatabaseAddress) {
    this.#address = address;
  }

  async writeOperations(operations: readonly OperationDocument[], expiresAt: Date): Promise<void> {
    const connection = await this.#connection();
    const writes = operations.map(({ _id, ...fields }) => ({
      updateOne: { filter: { _id }, update: { $setOnInsert: fields, $max: { expiresAt } }, upsert: true },
    }));
    try {
      await connection
        .collection<OperationDocument>(USAGE_COLLECTIONS.operations)
        .bulkWrite(writes, { ordered: false });
    } catch (error) {
      if (!isOnlyDuplicate(error)) throw error;
    }
  }

  async writeBuckets(buckets: readonly BucketDocument[]): Promise<void> {
    const { db } = await this.#connection();
    // As a command of its own: the driver's bulk write measures each document before it writes it, which is as much work
    // again. What fails is repeated by the recorder, so that the driver need not.
    const reply = await db?.command({
      update: USAGE_COLLECTIONS.buckets,
      updates: buckets.map(({ _id, ...replacement }) => ({ q: { _id }, u: replacement, upsert: true })),
      ordered: false,
      writeConcern: { w: 'majority' },
    });
    if (reply?.['n'] !== buckets.length || reply['writeConcernError'] !== undefined) {
      throw new Error('not all counts were written', { cause: reply });
    }
  }

  async writeProcess({ _id, ...replacement }: ProcessDocument): Promise<void> {
    const connection = await this.#connection();
    const processes = connection.collection<ProcessDocument>(USAGE_COLLECTIONS.processes);
    await processes.replaceOne({ _id }, replacement, { upsert: true });
  }

  async stop(): Promise<void> {
    const connection = await this.#connecting?.catch(() => undefined);
    await connection?.close();
  }

  #connection(): Promise<Connection> {
    this.#connecting ??= connect(this.#address).catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }
}

/** Opens the store; whether a database is there shows with the first write. */
export function openMongoUsageStore(address: DatabaseAddress): UsageStore {
  return new MongoUsageStore(address);
}
