// Changes some orders alike, so many at a time, each with its event: what a follower does to the orders of customers.
import type { WriteCall } from '../../kit/call.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { inList, type Condition } from '../../kit/read/operators.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import { orderEvent } from '../events.ts';
import type { OrderDocument, OrdersModels } from '../model.ts';

/** Whose orders are changed, which of them, and to what. */
export interface OrdersChange {
  readonly customerIds: readonly string[];
  readonly which?: Condition;
  readonly fieldsOf: (before: OrderDocument) => Partial<Pick<OrderDocument, 'customerId' | 'customerDisplayName'>>;
}

/** Takes the change and a limit; changes up to so many orders and gives how many: fewer mean that none is left. */
export async function changeSome(
  models: OrdersModels,
  write: WriteCall,
  { customerIds, which = {}, fieldsOf }: OrdersChange,
  countMax: number,
): Promise<number> {
  if (countMax === 0 || customerIds.length === 0) return 0;
  const { tenantId, session, now, actor, callId: comment } = write;
  const options = { ...bounded(write, 'byCustomer', countMax), session };
  const orders = await models.orders
    .find({ tenantId, customerId: inList(customerIds), ...which }, undefined, options)
    .lean<OrderDocument[]>();
  if (orders.length === 0) return 0;
  const changes = orders.map((before) => {
    const set = { ...fieldsOf(before), version: before.version + 1, updatedAt: now, updatedBy: actor };
    return { before, set, after: { ...before, ...set } };
  });
  const operations = changes.map(({ before: { _id, version }, set }) => ({
    updateOne: { filter: { _id, tenantId, version }, update: { $set: set } },
  }));
  await models.orders.collection.bulkWrite(operations as never, { session, comment, ordered: true });
  await emitEvents(
    write,
    changes.map(({ before, after }) => orderEvent(before, after)),
  );
  return changes.length;
}
