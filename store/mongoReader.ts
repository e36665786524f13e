// A store in MongoDB, in the gateway's own database: a collection of releases by their number, one of artifacts by their
// hash. The connection is made by the first read and made anew until one comes about: the server may be away for hours.
import mongoose from 'mongoose';
import type { ArtifactForm, Hash } from './release.ts';
import { StoreAway } from './storeFault.ts';
import type { StoreReader } from './storeReader.ts';

/** Where the database is. */
export interface MongoPlace {
  readonly uri: string;
  /** Its name; what the URI names beside it is where its user is known. */
  readonly database: string;
}

/** A release as it is kept. */
export interface ReleaseDocument {
  /** Its number: only one can have it, which is what decides between two publishers. */
  readonly _id: number;
  readonly text: string;
}

/** An artifact as it is kept. */
export interface ArtifactDocument {
  readonly _id: Hash;
  readonly form: ArtifactForm;
  readonly bytes: mongoose.mongo.Binary;
}

type Db = mongoose.mongo.Db;

const SELECTION_TIMEOUT_MS = 3_000;
const COMMAND_TIMEOUT_MS = 5_000;
const POOL_MAX = 4;

/** The way to the database of a store. */
export class StoreDatabase {
  readonly #place: MongoPlace;
  #client: mongoose.mongo.MongoClient | undefined;
  #connecting: Promise<Db> | undefined;

  constructor(place: MongoPlace) {
    this.#place = place;
  }

  /** Runs a task on the database. Rejects with StoreAway where it does not answer. */
  async use<R>(task: (db: Db) => Promise<R>): Promise<R> {
    try {
      this.#connecting ??= this.#connect();
      return await task(await this.#connecting);
    } catch (error) {
      throw new StoreAway('the database of the store does not answer', { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#connecting?.catch(() => undefined);
    await this.#client?.close();
  }

  async #connect(): Promise<Db> {
    const client = new mongoose.mongo.MongoClient(this.#place.uri, {
      serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
      connectTimeoutMS: SELECTION_TIMEOUT_MS,
      socketTimeoutMS: COMMAND_TIMEOUT_MS,
      maxPoolSize: POOL_MAX,
      retryWrites: true,
      writeConcern: { w: 'majority' },
      readConcern: { level: 'majority' },
    });
    try {
      await client.connect();
    } catch (error) {
      // A client that did not come about stays closed: the next read makes another.
      this.#connecting = undefined;
      await client.close();
      throw error;
    }
    this.#client = client;
    return client.db(this.#place.database);
  }
}

/** Takes a database; gives its releases. */
export function releasesOf(db: Db): mongoose.mongo.Collection<ReleaseDocument> {
  return db.collection<ReleaseDocument>('schemaReleases');
}

/** Takes a database; gives its artifacts. */
export function artifactsOf(db: Db): mongoose.mongo.Collection<ArtifactDocument> {
  return db.collection<ArtifactDocument>('schemaArtifacts');
}

/** Gives a reader over a database. */
export function readerOf(database: StoreDatabase): StoreReader {
  const maxTimeMS = COMMAND_TIMEOUT_MS;
  return {
    kind: 'mongodb',
    newest: () =>
      database.use(async (db) => {
        const found = await releasesOf(db)
          .find({}, { sort: { _id: -1 }, limit: 1, maxTimeMS })
          .toArray();
        return found[0]?.text;
      }),
    release: (number) =>
      database.use(async (db) => (await releasesOf(db).findOne({ _id: number }, { maxTimeMS }))?.text),
    artifact: (hash, form) =>
      database.use(async (db) => (await artifactsOf(db).findOne({ _id: hash, form }, { maxTimeMS }))?.bytes.buffer),
    close: () => database.close(),
  };
}
