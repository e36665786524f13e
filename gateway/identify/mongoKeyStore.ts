// The key store in MongoDB: the request's way reads one document by its _id; a change is written with its audit entries
// in one transaction, and only over the version that it was made from.
import mongoose, { type Connection, type Model } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';
import type { AuditDraft } from './audit.ts';
import type { ChangedKey, KeyRecord, KeyStore } from './keyStore.ts';
import type { MongoAuditLog } from './mongoAuditLog.ts';

const READ_TIMEOUT_MS = 2_000;
const LIST_TIMEOUT_MS = 10_000;

/** A record as it is kept, with the moment of its last change. */
type KeyDocument = Omit<KeyRecord, 'id'> & { readonly _id: string; readonly changedAt: Date };
type KeyVersion = Pick<KeyDocument, '_id' | 'version'>;
type Binary = { readonly buffer: Uint8Array };

const TEXT = { type: String, required: true };
const COUNT = { type: Number, required: true };
const MOMENT = { type: Date, required: true };
const FLAG = { type: Boolean, required: true };

const secretFields = new mongoose.Schema(
  { hash: { type: Buffer, required: true }, pepper: COUNT, lastFour: TEXT, createdAt: MOMENT, endsAt: Date },
  { _id: false, strict: 'throw' },
);
const limitFields = new mongoose.Schema(
  {
    pointsPerSecond: COUNT,
    pointsBurst: COUNT,
    requestsPerSecond: COUNT,
    concurrentRequestsMax: COUNT,
    pointsPerDay: Number,
  },
  { _id: false, strict: 'throw' },
);
const keySchema = new mongoose.Schema(
  {
    _id: TEXT,
    env: TEXT,
    secrets: { type: [secretFields], required: true },
    owner: TEXT,
    purpose: TEXT,
    scopes: { type: [String], required: true },
    contract: String,
    denial: TEXT,
    registeredOnly: FLAG,
    networks: { type: [String], required: true },
    limits: { type: limitFields, required: true },
    createdAt: MOMENT,
    createdBy: TEXT,
    expiresAt: MOMENT,
    revokedAt: Date,
    revokedReason: String,
    lastUsedAt: Date,
    lastUsedFrom: String,
    version: COUNT,
    changedAt: MOMENT,
  },
  { collection: 'keys', strict: 'throw', versionKey: false },
);
keySchema.index({ changedAt: 1 }, { name: 'changedAt' });

type KeyModel = Model<KeyDocument>;

/** Takes an open connection; gives the model of the keys. */
export function keyModel(connection: Connection): KeyModel {
  return (connection.models['Key'] as KeyModel | undefined) ?? connection.model('Key', keySchema as never);
}

function toBuffer(stored: Buffer | Binary): Buffer {
  return Buffer.isBuffer(stored) ? stored : Buffer.from(stored.buffer);
}

function toRecord(document: KeyDocument): KeyRecord {
  const { secrets, limits } = document;
  return {
    id: document._id,
    env: document.env,
    secrets: secrets.map(({ hash, pepper, lastFour, createdAt, endsAt }) => {
      return { hash: toBuffer(hash), pepper, lastFour, createdAt, endsAt };
    }),
    owner: document.owner,
    purpose: document.purpose,
    scopes: document.scopes,
    contract: document.contract,
    denial: document.denial,
    registeredOnly: document.registeredOnly,
    networks: document.networks,
    limits: { ...limits, pointsPerDay: limits.pointsPerDay },
    createdAt: document.createdAt,
    createdBy: document.createdBy,
    expiresAt: document.expiresAt,
    revokedAt: document.revokedAt,
    revokedReason: document.revokedReason,
    lastUsedAt: document.lastUsedAt,
    lastUsedFrom: document.lastUsedFrom,
    version: document.version,
  };
}

/** No change writes these: the id is the document's, and the last use is noted beside the changes. */
const UNWRITTEN: ReadonlySet<string> = new Set(['id', 'lastUsedAt', 'lastUsedFrom']);

/** What a change writes, and which fields it takes away. */
function splitFields(key: KeyRecord): { readonly set: Record<string, unknown>; readonly unset: Record<string, 1> } {
  const fields = Object.entries(key).filter(([name]) => !UNWRITTEN.has(name));
  return {
    set: Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
    unset: Object.fromEntries(fields.filter(([, value]) => value === undefined).map(([name]) => [name, 1 as const])),
  };
}

/** The key store. */
export class MongoKeyStore implements KeyStore {
  readonly #model: KeyModel;
  readonly #audit: MongoAuditLog;
  readonly #clock: Clock;

  constructor(model: KeyModel, audit: MongoAuditLog, clock: Clock) {
    this.#model = model;
    this.#audit = audit;
    this.#clock = clock;
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    const options = { lean: true, maxTimeMS: READ_TIMEOUT_MS } as const;
    const document = await this.#model.findOne({ _id: id }, undefined, options);
    return document === null ? undefined : toRecord(document);
  }

  async changedSince(moment: Date): Promise<readonly ChangedKey[]> {
    // By the driver itself: mongoose takes every operator for an attack, and this one is ours, with a moment's number.
    const filter = { changedAt: { $gte: new Date(moment.getTime()) } };
    const options = { projection: { version: 1 }, maxTimeMS: READ_TIMEOUT_MS } as const;
    const documents = await this.#model.collection.find<KeyVersion>(filter, options).toArray();
    return documents.map(({ _id, version }) => ({ id: _id, version }));
  }

  async list(): Promise<readonly KeyRecord[]> {
    const options = { sort: { _id: 1 }, lean: true, maxTimeMS: LIST_TIMEOUT_MS } as const;
    return (await this.#model.find({}, undefined, options)).map((document) => toRecord(document));
  }

  async insert(key: KeyRecord, entries: readonly AuditDraft[]): Promise<void> {
    const { set } = splitFields(key);
    await this.#audit.appendWith(entries, async (session) => {
      await this.#model.create([{ ...set, _id: key.id, changedAt: this.#clock.now() }], { session });
      return true;
    });
  }

  replace(key: KeyRecord, version: number, entries: readonly AuditDraft[]): Promise<boolean> {
    const { set, unset } = splitFields(key);
    return this.#audit.appendWith(entries, async (session) => {
      const update = { $set: { ...set, changedAt: this.#clock.now() }, $unset: unset };
      const { matchedCount } = await this.#model.updateOne({ _id: key.id, version }, update, { session });
      return matchedCount === 1;
    });
  }

  async noteUses(uses: ReadonlyMap<string, { readonly at: Date; readonly from: string }>): Promise<void> {
    if (uses.size === 0) return;
    const writes = [...uses].map(([id, { at, from }]) => {
      const update = { $max: { lastUsedAt: at }, $set: { lastUsedFrom: from } };
      return { updateOne: { filter: { _id: id }, update } };
    });
    await this.#model.bulkWrite(writes, { ordered: false });
  }
}
