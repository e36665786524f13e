// One effect per idempotency key: the record of what a mutation answered is written in the mutation's own transaction,
// so both are there or neither. The same key with the same input answers the first result, with another it is refused.
import { createHash } from 'node:crypto';
import mongoose, { type Connection, type Model } from 'mongoose';
import type { Call, WriteCall } from '../call.ts';
import type { Outbox } from '../../../sync/outbox/outbox.ts';
import { declareCollection } from './entityDocument.ts';
import { refusalOf } from './emitEvents.ts';
import { timeLeftMs } from '../read/mongo.ts';
import { refuse } from '../refuse.ts';

const KEPT_SECONDS = 24 * 60 * 60;
const KEY_LENGTH_MAX = 200;
const TRIES_MAX = 10;
const DUPLICATE_KEY = 11_000;

interface IdempotencyDocument {
  readonly _id: string;
  readonly mutation: string;
  readonly inputHash: string;
  readonly result: unknown;
  readonly createdAt: Date;
}

const idempotencySchema = declareCollection<IdempotencyDocument>({
  collection: 'idempotency',
  fields: {
    _id: { type: String, required: true },
    mutation: { type: String, required: true },
    inputHash: { type: String, required: true },
    result: { type: mongoose.Schema.Types.Mixed, required: true },
    createdAt: { type: Date, required: true },
  },
  indexes: [{ name: 'createdAt', keys: { createdAt: 1 }, expireAfterSeconds: KEPT_SECONDS }],
  shardKey: { _id: 'hashed' },
});

/** Takes an open connection; gives the model of the idempotency records of its subgraph. */
export function idempotencyModel(connection: Connection): Model<IdempotencyDocument> {
  return connection.model<IdempotencyDocument>('Idempotency', idempotencySchema);
}

/** A mutation as it came in; `input` is all that makes two requests the same. */
export interface Once {
  readonly mutation: string;
  readonly idempotencyKey: string;
  readonly input: unknown;
}

function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
}

/** JSON with the names of objects in order, so that equal inputs give equal texts. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

/** Runs mutations of one subgraph, each in a transaction with its idempotency record. */
export class RunOnce {
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #records: Model<IdempotencyDocument>;

  constructor(connection: Connection, outbox: Outbox) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#records = idempotencyModel(connection);
  }

  /**
   * Takes the call, the mutation and its work, whose result must be plain JSON; gives the first result of this key.
   * The work may run several times: it does nothing but through the session. Refuses a key that had another input.
   */
  async run<R>(call: Call, once: Once, work: (write: WriteCall) => Promise<R>): Promise<R> {
    if (once.idempotencyKey.length === 0 || once.idempotencyKey.length > KEY_LENGTH_MAX) {
      throw refuse('BAD_USER_INPUT', `idempotencyKey must have 1 to ${KEY_LENGTH_MAX} characters.`);
    }
    this.#refuseWhenFull();
    const inputHash = createHash('sha256')
      .update(canonicalText([once.mutation, once.input]))
      .digest('base64url');
    for (let tries = 1; ; tries += 1) {
      try {
        const result = await this.#connection.withSession((session) =>
          // A transaction that meets another's change is run anew by the driver until the time is over.
          session.withTransaction(() =>
            this.#attempt({ ...call, session, outbox: this.#outbox }, { ...once, inputHash }, work),
          ),
        );
        this.#outbox.wake();
        return result;
      } catch (error) {
        // Another writer took the same natural key between our look and our write: look again.
        if (!isDuplicate(error) || tries >= TRIES_MAX) throw error;
      }
    }
  }

  #refuseWhenFull(): void {
    try {
      this.#outbox.refuseWhenFull();
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #attempt<R>(
    write: WriteCall,
    once: Once & { inputHash: string },
    work: (write: WriteCall) => Promise<R>,
  ): Promise<R> {
    const { session } = write;
    const maxTimeMS = timeLeftMs(write);
    const _id = `${write.tenantId}:${once.idempotencyKey}`;
    const options = { session, maxTimeMS, comment: write.callId, hint: '_id_', lean: true };
    const known = await this.#records.findOne({ _id }, undefined, options);
    if (known !== null) {
      if (known.inputHash === once.inputHash) return known.result as R;
      throw refuse('IDEMPOTENCY_KEY_REUSED', 'This idempotencyKey was used for another mutation or input.');
    }
    const result = await work(write);
    const { mutation, inputHash } = once;
    // Straight to the driver: every value was made here.
    const record = { _id, mutation, inputHash, result, createdAt: write.now };
    await this.#records.collection.insertOne(record as never, { session, comment: write.callId });
    return result;
  }
}
