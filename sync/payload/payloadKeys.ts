// The keys that personal fields of events are sealed with: one a customer, in `<prefix>_sync.payload_keys`. Deleting a
// key forgets the customer's fields in every outbox, broker, inbox and parked row at once (docs/events.md). What was
// forgotten stays so: no new key is ever made for the customer.
import { LRUCache } from 'lru-cache';
import type { Collection, Connection } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';
import type { PersonalFields } from '../outbox/newEvent.ts';
import { drawKeys, sealText, unsealText } from './seal.ts';

/** Personal fields as they stand in an event's data. */
export interface SealedFields {
  readonly customerId: string;
  /** Base64url; empty where the customer is forgotten. */
  readonly sealed: string;
}

interface PayloadKeyDocument {
  /** `<tenantId>:<customerId>` */
  readonly _id: string;
  readonly tenantId: string;
  readonly customerId: string;
  /** Base64; null: forgotten. */
  readonly key: string | null;
  readonly changedAt: Date;
}

/** What the keys are opened with. */
export interface PayloadKeysOptions {
  /** Any connection to the server: its pool is used. */
  readonly connection: Connection;
  /** CRM_DATABASE_PREFIX. */
  readonly prefix: string;
  readonly clock: Clock;
}

const CACHED_MAX = 10_000;
/** How long another process may still open what was forgotten here. */
const CACHED_MS = 10_000;
const DUPLICATE_KEY = 11_000;
const TIMEOUT_MS = 4_000;

function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
}

/** A key, or that its customer is forgotten. */
type Known = { readonly key: Buffer | undefined };

function knownOf({ key }: PayloadKeyDocument): Known {
  return { key: key === null ? undefined : Buffer.from(key, 'base64') };
}

/** Seals and opens personal fields. Never inside a transaction of the caller: a key once made stays. */
export class PayloadKeys {
  readonly #keys: Collection<PayloadKeyDocument>;
  readonly #clock: Clock;
  readonly #cache: LRUCache<string, Known>;

  constructor({ connection, prefix, clock }: PayloadKeysOptions) {
    const database = connection.useDb(`${prefix}_sync`, { useCache: true });
    this.#keys = database.collection<PayloadKeyDocument>('payload_keys');
    this.#clock = clock;
    this.#cache = new LRUCache({
      max: CACHED_MAX,
      ttl: CACHED_MS,
      ttlResolution: 0,
      perf: { now: () => clock.steadyMs() },
    });
  }

  /** Takes the tenant and personal fields of its customers; gives them sealed, in the same order. */
  async seal(tenantId: string, personal: readonly PersonalFields[]): Promise<SealedFields[]> {
    const known = await this.#keysOf(tenantId, personal);
    return personal.map(({ customerId, fields }) => {
      const id = `${tenantId}:${customerId}`;
      const key = known.get(id)?.key;
      return { customerId, sealed: key === undefined ? '' : sealText(key, id, JSON.stringify(fields)) };
    });
  }

  /** Takes the tenant and sealed fields; gives the fields, or undefined where the customer is forgotten. */
  async unseal(tenantId: string, { customerId, sealed }: SealedFields): Promise<Record<string, unknown> | undefined> {
    if (sealed === '') return undefined;
    const id = `${tenantId}:${customerId}`;
    const known = this.#cache.get(id) ?? (await this.#read([id])).get(id);
    if (known?.key === undefined) return undefined;
    const text = unsealText(known.key, id, sealed);
    return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>);
  }

  /** Deletes a customer's key for good. Other processes open nothing of the customer's 10 seconds later. */
  async forget(tenantId: string, customerId: string): Promise<void> {
    const _id = `${tenantId}:${customerId}`;
    const $set = { tenantId, customerId, key: null, changedAt: this.#clock.now() };
    await this.#keys.updateOne({ _id }, { $set }, { upsert: true });
    this.#cache.set(_id, { key: undefined });
  }

  async #read(ids: readonly string[]): Promise<Map<string, Known>> {
    const found = await this.#keys
      .find(
        { _id: { $in: [...ids] } },
        {
          ...{ hint: '_id_', limit: ids.length, batchSize: ids.length + 1, maxTimeMS: TIMEOUT_MS },
        },
      )
      .toArray();
    const known = new Map(found.map((document) => [document._id, knownOf(document)]));
    for (const [id, one] of known) this.#cache.set(id, one);
    return known;
  }

  /** Gives the keys of customers; makes those that there are not yet. */
  async #keysOf(tenantId: string, personal: readonly PersonalFields[]): Promise<Map<string, Known>> {
    const known = new Map<string, Known>();
    const unknown = new Map<string, PersonalFields>();
    for (const each of personal) {
      const id = `${tenantId}:${each.customerId}`;
      const cached = this.#cache.get(id);
      if (cached === undefined) unknown.set(id, each);
      else known.set(id, cached);
    }
    const sought = [...unknown].filter(([, { isNew }]) => isNew !== true).map(([id]) => id);
    if (sought.length > 0) for (const [id, one] of await this.#read(sought)) known.set(id, one);
    const missing = [...unknown].filter(([id]) => !known.has(id));
    if (missing.length === 0) return known;
    const made = await this.#make(missing.map(([_id, { customerId }]) => ({ _id, tenantId, customerId })));
    for (const [id, one] of made) known.set(id, one);
    return known;
  }

  /** Gives the keys that are stored in the end: where another process was faster with some, they are read. */
  async #make(
    missing: readonly Pick<PayloadKeyDocument, '_id' | 'tenantId' | 'customerId'>[],
  ): Promise<Map<string, Known>> {
    const changedAt = this.#clock.now();
    const drawn = drawKeys(missing.length).map((key) => key.toString('base64'));
    const documents = missing.map((each, at) => ({ ...each, key: drawn[at] ?? '', changedAt }));
    try {
      await this.#keys.insertMany(documents, { ordered: false });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return await this.#read(missing.map(({ _id }) => _id));
    }
    const made = new Map(documents.map((document) => [document._id, knownOf(document)]));
    for (const [id, one] of made) this.#cache.set(id, one);
    return made;
  }
}
