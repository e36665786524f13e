// Collections of a MongoDB server as a source, by the driver that mongoose brings: in the order of (updated, _id), or
// of _id alone. A bookmark is kept as extended JSON, so that ids and dates come back as what they were.
import mongoose, { type Connection } from 'mongoose';
import { z } from 'zod';
import {
  BATCH_ITEMS_MAX,
  SourceFault,
  type Connector,
  type ConnectorContext,
  type ConnectorKind,
  type Discovered,
  type ReadBatch,
  type SourceRecord,
  type SourceState,
} from './connector.ts';
import { SECRET } from './sql/sqlOptions.ts';

const FIELD = /^[^$\0]{1,128}$/;

const spec = z.strictObject({
  /** The whole URI, which has the password in it. */
  uri: SECRET,
  database: z.string().min(1).max(64),
  collection: z.string().min(1).max(128),
  /** A field with the moment of the last change: without it every run reads all. */
  updated: z.string().regex(FIELD).optional(),
  overlapSeconds: z.number().min(0).max(86_400).default(60),
});

type MongoOptions = z.infer<typeof spec>;

const shape = z.object({
  /** Extended JSON. */
  updated: z.string().nullable(),
  id: z.string().nullable(),
  redo: z.string().nullable(),
  isDone: z.boolean(),
});

const { EJSON } = mongoose.mongo.BSON;
const SELECTION_TIMEOUT_MS = 10_000;
const SECOND_MS = 1_000;
const DOCUMENTS_A_PIECE = 500;

/** Values of BSON that have no plain form become one: ids and long numbers as texts. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if ('_bsontype' in value) return (value as { toString(): string }).toString();
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

function keep(value: unknown): string {
  return EJSON.stringify({ value });
}

function restore(text: string): unknown {
  return (EJSON.parse(text) as { value: unknown }).value;
}

type Bookmark = z.infer<typeof shape>;

/** A collection, opened for one run. */
class MongoConnector implements Connector {
  readonly #options: MongoOptions;
  readonly #context: ConnectorContext;
  #connection: Promise<Connection> | undefined;

  constructor(options: MongoOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
  }

  async check(): Promise<void> {
    const { collection } = this.#options;
    const database = (await this.#open()).db;
    const found = await database?.listCollections({ name: collection }, { nameOnly: true }).toArray();
    if (found?.length !== 1) throw new SourceFault(`there is no collection ${collection}`);
  }

  async discover(): Promise<Discovered> {
    await this.check();
    return { columns: [], isComplete: false };
  }

  async *read(state: SourceState | undefined, signal: AbortSignal): AsyncGenerator<ReadBatch> {
    const { updated } = this.#options;
    const { filter, begin } = this.#from(state);
    const documents = (await this.#open())
      .collection(this.#options.collection)
      .find(filter, { batchSize: DOCUMENTS_A_PIECE, noCursorTimeout: false })
      .sort(updated === undefined ? { _id: 1 } : { [updated]: 1, _id: 1 });
    let last: Bookmark = begin;
    let items: SourceRecord[] = [];
    let byteCount = 0;
    try {
      for await (const document of documents) {
        signal.throwIfAborted();
        items.push({ place: `_id ${String(document._id)}`, fields: plain(document) as Record<string, unknown> });
        byteCount += mongoose.mongo.BSON.calculateObjectSize(document);
        const at: unknown = updated === undefined ? null : document[updated];
        last = {
          updated: updated === undefined ? null : keep(at),
          id: keep(document._id),
          redo: begin.redo,
          isDone: false,
        };
        if (items.length < BATCH_ITEMS_MAX) continue;
        yield { items, state: last, byteCount };
        [items, byteCount] = [[], 0];
      }
    } catch (error) {
      signal.throwIfAborted();
      throw faultOf(error);
    } finally {
      await documents.close();
    }
    yield { items, state: { ...last, isDone: true }, byteCount };
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    await connection?.close();
  }

  #from(state: SourceState | undefined): { filter: object; begin: Bookmark } {
    const { updated: field, overlapSeconds } = this.#options;
    const read = shape.safeParse(state);
    const all = field === undefined ? {} : { [field]: { $ne: null } };
    const start = { filter: all, begin: { updated: null, id: null, redo: null, isDone: false } };
    if (!read.success || read.data.id === null || (read.data.updated === null) !== (field === undefined)) return start;
    const { updated, id, redo, isDone } = read.data;
    if (!isDone) {
      const begin = { ...read.data, redo: redo ?? updated };
      if (field === undefined || updated === null) return { filter: { _id: { $gt: restore(id) } }, begin };
      const at = restore(updated);
      return { filter: { $or: [{ [field]: { $gt: at } }, { [field]: at, _id: { $gt: restore(id) } }] }, begin };
    }
    if (field === undefined || updated === null) return start;
    const at = restore(redo ?? updated);
    const since = at instanceof Date ? new Date(at.getTime() - overlapSeconds * SECOND_MS) : at;
    return { filter: { [field]: { $gte: since } }, begin: { ...read.data, redo: null } };
  }

  #open(): Promise<Connection> {
    const uri = this.#context.readSecret(this.#options.uri);
    this.#connection ??= mongoose
      .createConnection(uri, {
        dbName: this.#options.database,
        autoIndex: false,
        autoCreate: false,
        serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
      })
      .asPromise()
      .catch((error: unknown) => {
        throw faultOf(error);
      });
    return this.#connection;
  }
}

/** The driver's messages name servers, and no password. */
function faultOf(error: unknown): Error {
  if (error instanceof SourceFault) return error;
  const message = error instanceof Error ? error.message.replace(/\/\/[^@/\s]*@/g, '//').slice(0, 300) : String(error);
  return new SourceFault(`MongoDB: ${message}`, { cause: error });
}

/** Collections of MongoDB. */
export const mongodbKind: ConnectorKind<MongoOptions> = {
  spec,
  isText: false,
  open: (options, context) => new MongoConnector(options, context),
};
