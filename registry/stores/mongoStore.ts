// The store in MongoDB. A release's number is its _id: of two publishers one inserts it, and the other is told that it is
// taken. Both writes are acknowledged by the majority before anybody goes on.
import mongoose from 'mongoose';
import { artifactsOf, readerOf, releasesOf, StoreDatabase, type MongoPlace } from '../../store/mongoReader.ts';
import { printRelease } from '../../store/release.ts';
import type { SchemaStore } from './schemaStore.ts';

const DUPLICATE_KEY = 11_000;

/** Opens the collections of a database as a store; they are made with the first publish. */
export function openMongoStore(place: MongoPlace): SchemaStore {
  const database = new StoreDatabase(place);
  return {
    reader: readerOf(database),
    putArtifact: (hash, form, text) =>
      database.use(async (db) => {
        const bytes = new mongoose.mongo.Binary(Buffer.from(text, 'utf8'));
        await artifactsOf(db).replaceOne({ _id: hash }, { form, bytes }, { upsert: true });
      }),
    append: (signed) =>
      database.use(async (db) => {
        try {
          await releasesOf(db).insertOne({ _id: signed.release.number, text: printRelease(signed) });
          return true;
        } catch (error) {
          if (error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE_KEY) return false;
          throw error;
        }
      }),
    settle: () => Promise.resolve(),
    close: () => database.close(),
  };
}
