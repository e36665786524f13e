// What the commands of marketing share: reads inside the transaction, and results of things that have no version.
import type { Model, QueryOptions } from 'mongoose';
import { isIdOf, type IdPrefix } from '../../../contracts/entityId.ts';
import type { WriteCall } from '../../kit/call.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import type { ItemResult, WriteCode } from '../../kit/write/writeBatch.ts';

/** Takes the write call, an index and a limit; gives the options of a read inside the transaction. */
export function readOptions(write: WriteCall, index: string, limit: number): QueryOptions {
  return { ...bounded(write, index, limit), session: write.session };
}

/** Takes ids as they came in; gives the well-formed ones, each once. */
export function wellFormed(prefix: IdPrefix, ids: readonly unknown[]): string[] {
  return [...new Set(ids.filter((id) => isIdOf(prefix, id)))];
}

/** Takes ids; gives the documents of the tenant that have one, inside the transaction. No ids cost no query. */
export async function readByIds<D extends { _id: string }>(
  model: Model<D>,
  write: WriteCall,
  ids: readonly string[],
): Promise<D[]> {
  if (ids.length === 0) return [];
  const filter = { tenantId: write.tenantId, _id: inList(ids) };
  return await model.find(filter as never, undefined, readOptions(write, '_id_', ids.length));
}

/** Writes a batch straight through the driver: every value was made by our own code, from typed input. */
export async function bulkWrite<D>(model: Model<D>, write: WriteCall, operations: readonly object[]): Promise<void> {
  if (operations.length === 0) return;
  const { session, callId: comment } = write;
  await model.collection.bulkWrite(operations as never, { session, ordered: true, comment });
}

/** Makes the result of an item that has no version: `id` names what the resolver loads. */
export function resultOf(code: WriteCode, id: string | null = null, message: string | null = null): ItemResult {
  return { code, id, message, currentVersion: null };
}
