// Batches of changes to entities: one read and one bulk write a batch, whatever its size, and a result for each item.
// A bad item does not fail the others. Runs inside the transaction of `runOnce.ts`.
import type { Model } from 'mongoose';
import { isIdOf, type IdPrefix } from '../../../contracts/entityId.ts';
import { drawIdAt } from '../../../platform/random.ts';
import type { WriteCall } from '../call.ts';
import type { NewEvent } from '../../../sync/outbox/newEvent.ts';
import { emitEvents } from './emitEvents.ts';
import { firstVersion, type EntityDocument } from './entityDocument.ts';
import { timeLeftMs } from '../read/mongo.ts';
import { inList } from '../read/operators.ts';
import { refuse } from '../refuse.ts';

/** The most items of one batch. */
const ITEMS_MAX = 100;

/** What became of an item. */
export type WriteCode = 'CREATED' | 'UPDATED' | 'UNCHANGED' | 'CONFLICT' | 'INVALID' | 'NOT_FOUND';

/** The result of one item, as it is kept for the idempotency key: `id` names the entity for the resolver to load. */
export interface ItemResult {
  readonly code: WriteCode;
  readonly id: string | null;
  readonly message: string | null;
  readonly currentVersion: number | null;
}

/** What an item wants, given the stored document if there is one. */
export type Decision<D> =
  | { readonly do: 'insert'; readonly fields: Omit<D, keyof EntityDocument> }
  | { readonly do: 'patch'; readonly fields: Partial<D> }
  | { readonly do: 'refuse'; readonly code: WriteCode; readonly message: string };

/** One item of a batch: how to find its document, and what to do. */
export interface Item<D> {
  /** The id, or the value of the entity's natural key. */
  readonly key: unknown;
  /** The version that the caller believes to be stored; undefined: any. */
  readonly version?: number | null | undefined;
  /** Decides from the stored document. Pure: it may run several times. `newId` is the id if it is inserted. */
  decide(stored: D | undefined, newId: string): Decision<D>;
}

/** The kind of entity that a batch changes. */
export interface EntityKind<D extends EntityDocument> {
  readonly model: Model<D>;
  readonly prefix: IdPrefix;
  /** The field that items name their document by (a list field: by each of its texts), and the index that has it. */
  readonly keyField: keyof D & string;
  readonly index: string;
  /** Gives why a deleted one may not be brought back; absent: it may. */
  refuseRestore?(stored: D): string | undefined;
  /** Gives the event of a change from the document as it was (undefined: not there) and as it is. Pure. */
  eventOf(before: D | undefined, after: D): NewEvent;
}

/** Takes a batch's length; refuses an empty one and one over the limit. */
export function boundBatch<I>(items: readonly I[]): readonly I[] {
  if (items.length >= 1 && items.length <= ITEMS_MAX) return items;
  throw refuse('BAD_USER_INPUT', `A batch has 1 to ${ITEMS_MAX} items.`);
}

/** Makes the result of an item. */
export function itemResult(code: WriteCode, stored?: EntityDocument | null, message: string | null = null): ItemResult {
  return { code, id: stored?._id ?? null, message, currentVersion: stored?.version ?? null };
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Takes a patch and the stored document; gives those fields of it that change something. */
function changedFields<D extends object>(fields: Partial<D>, stored: D): Partial<D> {
  const changed = Object.entries(fields).filter(([name, value]) => !isSame(value, Reflect.get(stored, name)));
  return Object.fromEntries(changed) as Partial<D>;
}

interface Batch<D extends EntityDocument> {
  readonly write: WriteCall;
  readonly kind: EntityKind<D>;
  readonly operations: object[];
  readonly events: NewEvent[];
  readonly stored: Map<unknown, D>;
}

/** Notes what an item changed: its event, and the document under all its names, for the next item may use another. */
function noteChange<D extends EntityDocument>(
  batch: Batch<D>,
  item: Item<D>,
  before: D | undefined,
  document: D,
): void {
  const { kind, stored } = batch;
  batch.events.push(kind.eventOf(before, document));
  for (const key of [item.key, ...keysOf(kind, document)]) stored.set(key, document);
}

function applyItem<D extends EntityDocument>(batch: Batch<D>, item: Item<D>): ItemResult {
  const { write, operations } = batch;
  const stored = batch.stored.get(item.key);
  if (stored !== undefined && item.version != null && item.version !== stored.version) {
    return itemResult('CONFLICT', stored, `The stored version is ${stored.version}.`);
  }
  const newId = `${batch.kind.prefix}_${drawIdAt(write.now)}`;
  const decision = item.decide(stored, newId);
  if (decision.do === 'refuse') return itemResult(decision.code, stored, decision.message);
  if (decision.do === 'insert') {
    const document = { _id: newId, ...firstVersion(write), ...decision.fields };
    operations.push({ insertOne: { document } });
    noteChange(batch, item, undefined, document as unknown as D);
    return itemResult('CREATED', document);
  }
  if (stored === undefined) return itemResult('NOT_FOUND', null, 'There is no such entity.');
  const changed = changedFields(decision.fields, stored);
  if (Object.keys(changed).length === 0) return itemResult('UNCHANGED', stored);
  const next = { ...changed, version: stored.version + 1, updatedAt: write.now, updatedBy: write.actor };
  const filter = { _id: stored._id, tenantId: write.tenantId, version: stored.version };
  operations.push({ updateOne: { filter, update: { $set: next } } });
  noteChange(batch, item, stored, { ...stored, ...next });
  return itemResult('UPDATED', { ...stored, ...next });
}

function keysOf<D extends EntityDocument>(kind: EntityKind<D>, document: D): unknown[] {
  const key: unknown = document[kind.keyField];
  return Array.isArray(key) ? key : [key];
}

function isKeyOf(kind: { keyField: string; prefix: IdPrefix }, key: unknown): key is string {
  return kind.keyField === '_id' ? isIdOf(kind.prefix, key) : typeof key === 'string';
}

/**
 * Takes the kind, the write call and 1 to 100 items; changes the documents and gives the results in the items' order,
 * and the documents as they are afterwards, by key. Two items of one document are applied one after the other.
 */
export async function writeBatch<D extends EntityDocument>(
  kind: EntityKind<D>,
  write: WriteCall,
  items: readonly Item<D>[],
): Promise<{ results: ItemResult[]; stored: ReadonlyMap<unknown, D> }> {
  const keys = [...new Set(boundBatch(items).map(({ key }) => key))].filter((key) => isKeyOf(kind, key));
  const { session } = write;
  const found = await kind.model.find({ tenantId: write.tenantId, [kind.keyField]: inList(keys) }, undefined, {
    session,
    hint: kind.index,
    limit: keys.length + 1,
    maxTimeMS: timeLeftMs(write),
    comment: write.callId,
    lean: true,
  });
  const documents = found as unknown as D[];
  const stored = new Map<unknown, D>(
    documents.flatMap((document) => keysOf(kind, document).map((key) => [key, document])),
  );
  const batch: Batch<D> = { write, kind, operations: [], events: [], stored };
  const results = items.map((item) =>
    isKeyOf(kind, item.key)
      ? applyItem(batch, item)
      : itemResult('INVALID', null, `The id is not one of this type: it begins with ${kind.prefix}_.`),
  );
  if (batch.operations.length > 0) {
    // Straight to the driver: every value was made by the entity's own code, from typed input.
    await kind.model.collection.bulkWrite(batch.operations as never, { session, ordered: true, comment: write.callId });
    await emitEvents(write, batch.events);
  }
  return { results, stored: batch.stored };
}

/** What deletes and restores name. */
export interface VersionedId {
  readonly id: string;
  readonly version: number;
}

/** Gives the items that set or clear `deletedAt`; an entity is named by its id alone, whatever other names it has. */
export function softDeleteItems<D extends EntityDocument>(
  { prefix, refuseRestore }: Pick<EntityKind<D>, 'prefix' | 'refuseRestore'>,
  input: readonly VersionedId[],
  deletedAt: Date | null,
): Item<D>[] {
  return input.map(({ id, version }) => ({
    key: isIdOf(prefix, id) ? id : undefined,
    version,
    decide(stored) {
      if (stored === undefined) return { do: 'refuse', code: 'NOT_FOUND', message: 'There is no such entity.' };
      const isAlready = (stored.deletedAt === null) === (deletedAt === null);
      const refused = isAlready || deletedAt !== null ? undefined : refuseRestore?.(stored);
      if (refused !== undefined) return { do: 'refuse', code: 'CONFLICT', message: refused };
      return { do: 'patch', fields: (isAlready ? {} : { deletedAt }) as Partial<D> };
    },
  }));
}
