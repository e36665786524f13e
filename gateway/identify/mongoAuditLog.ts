// The audit log in MongoDB. The sequence number is the document's _id: two writers who see the same last entry cannot
// both append behind it, so that the chain never forks; the one who comes second tries again behind the other.
import mongoose, { type ClientSession, type Connection, type Model } from 'mongoose';
import { chainEntries, type AuditDraft, type AuditEntry, type AuditLog, type AuditQuery } from './audit.ts';

const DUPLICATE_KEY = 11_000;
/** With so many writers at once each is sure to come through. */
const TRIES_MAX = 50;

/** Runs a task in a transaction; the driver runs it anew when it meets another's change. */
type InTransaction = (task: (session: ClientSession) => Promise<void>) => Promise<void>;

type AuditDocument = Omit<AuditEntry, 'sequence' | 'reason'> & { readonly _id: number; readonly reason?: string };

const TEXT = { type: String, required: true };

const auditSchema = new mongoose.Schema(
  {
    _id: { type: Number, required: true },
    at: { type: Date, required: true },
    actor: TEXT,
    action: TEXT,
    keyId: TEXT,
    keyVersion: { type: Number, required: true },
    reason: String,
    change: TEXT,
    previousHash: TEXT,
    hash: TEXT,
  },
  { collection: 'audit', strict: 'throw', versionKey: false },
);
auditSchema.index({ keyId: 1, _id: 1 }, { name: 'keyId' });

type AuditModel = Model<AuditDocument>;

/** Takes an open connection; gives the model of the audit log. */
export function auditModel(connection: Connection): AuditModel {
  return (connection.models['Audit'] as AuditModel | undefined) ?? connection.model('Audit', auditSchema as never);
}

function toEntry({ _id, ...document }: AuditDocument): AuditEntry {
  return { ...document, sequence: _id, reason: document.reason };
}

function toDocument({ sequence, reason, ...entry }: AuditEntry): AuditDocument {
  return { _id: sequence, ...entry, ...(reason !== undefined && { reason }) };
}

function isForked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
}

/** The audit log. */
export class MongoAuditLog implements AuditLog {
  readonly #model: AuditModel;
  readonly #inTransaction: InTransaction;

  constructor(model: AuditModel, inTransaction: InTransaction) {
    this.#model = model;
    this.#inTransaction = inTransaction;
  }

  append(drafts: readonly AuditDraft[]): Promise<void> {
    return this.appendWith(drafts, () => Promise.resolve(true)).then(() => undefined);
  }

  /**
   * Runs a change and appends its entries, both or neither; nothing is appended where the change gives false. The change
   * may run several times: it does nothing but through the session. Gives what the change gave.
   */
  async appendWith(
    drafts: readonly AuditDraft[],
    change: (session: ClientSession) => Promise<boolean>,
  ): Promise<boolean> {
    for (let tries = 1; ; tries += 1) {
      try {
        let isChanged = false;
        await this.#inTransaction(async (session) => {
          isChanged = await change(session);
          if (isChanged) await this.#appendIn(session, drafts);
        });
        return isChanged;
      } catch (error) {
        if (!isForked(error) || tries >= TRIES_MAX) throw error;
      }
    }
  }

  async #appendIn(session: ClientSession, drafts: readonly AuditDraft[]): Promise<void> {
    const last = await this.#model.findOne({}, undefined, { session, sort: { _id: -1 }, lean: true });
    const entries = chainEntries(drafts, last === null ? undefined : toEntry(last));
    await this.#model.insertMany(entries.map(toDocument), { session });
  }

  async *read({ keyId, afterSequence = 0, entriesMax }: AuditQuery = {}): AsyncIterable<AuditEntry> {
    // By the driver itself: mongoose takes every operator for an attack, and this one is ours, with a number.
    const filter = { _id: { $gt: afterSequence }, ...(keyId !== undefined && { keyId }) };
    const cursor = this.#model.collection.find<AuditDocument>(filter as object, { sort: { _id: 1 } });
    if (entriesMax !== undefined) cursor.limit(entriesMax);
    for await (const document of cursor) yield toEntry(document);
  }

  async latest(entriesMax: number, keyId?: string): Promise<readonly AuditEntry[]> {
    const filter = keyId === undefined ? {} : { keyId };
    const options = { sort: { _id: -1 }, limit: entriesMax, lean: true } as const;
    return (await this.#model.find(filter, undefined, options)).map((document) => toEntry(document));
  }
}
