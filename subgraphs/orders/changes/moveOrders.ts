// Makes the orders of merged duplicates those of the customer they were merged into, and adds both up anew.
import { isIdOf } from '../../../contracts/entityId.ts';
import type { WriteCall } from '../../kit/call.ts';
import { bounded, timeLeftMs } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import type { WriteCode } from '../../kit/write/writeBatch.ts';
import { orderEvent } from '../events.ts';
import type { OrderDocument, OrdersModels } from '../model.ts';
import { writeStats } from './writeRollups.ts';

/** How many orders are read at once: a customer may have any number. */
const PAGE_ORDERS = 500;

/** From which customer to which. */
export interface MoveInput {
  readonly fromCustomerId: string;
  readonly toCustomerId: string;
}

/** What became of a move. */
export interface MoveResult {
  readonly code: WriteCode;
  readonly message: string | null;
  readonly movedCount: number;
}

/** Gives the name that the customer's newest order has, for the orders that come to it; undefined without an order. */
export async function readName(
  models: OrdersModels,
  write: WriteCall,
  customerId: string,
): Promise<string | undefined> {
  const { tenantId, session } = write;
  const options = { ...bounded(write, 'byCustomer', 1), sort: { placedAt: -1, _id: -1 } as const, session };
  const [newest] = await models.orders.find({ tenantId, customerId }, { customerDisplayName: 1 }, options);
  return newest?.customerDisplayName;
}

/** Moves up to a page of orders and tells of each; gives how many there were. */
async function movePage(
  models: OrdersModels,
  write: WriteCall,
  fields: Partial<OrderDocument>,
  fromCustomerId: string,
): Promise<number> {
  const { tenantId, session, callId: comment } = write;
  const options = { ...bounded(write, 'byCustomer', PAGE_ORDERS), session };
  const found = await models.orders.find({ tenantId, customerId: fromCustomerId }, undefined, options).lean();
  if (found.length === 0) return 0;
  const ids = found.map(({ _id }) => _id);
  await models.orders.updateMany(
    { tenantId, _id: inList(ids) },
    { $set: fields, $inc: { version: 1 } },
    { session, comment, hint: '_id_', maxTimeMS: timeLeftMs(write) },
  );
  await emitEvents(
    write,
    found.map((order) => orderEvent(order, { ...order, ...fields, version: order.version + 1 })),
  );
  return found.length;
}

async function moveAll(models: OrdersModels, write: WriteCall, input: MoveInput): Promise<number> {
  const { now, actor } = write;
  const customerDisplayName = await readName(models, write, input.toCustomerId);
  const fields = {
    customerId: input.toCustomerId,
    ...(customerDisplayName !== undefined && { customerDisplayName }),
    updatedAt: now,
    updatedBy: actor,
  };
  let movedCount = 0;
  for (;;) {
    const count = await movePage(models, write, fields, input.fromCustomerId);
    movedCount += count;
    if (count < PAGE_ORDERS) return movedCount;
  }
}

/** Takes the models, the write call and the moves; gives UPDATED, UNCHANGED or INVALID for each. */
export async function moveOrders(
  models: OrdersModels,
  write: WriteCall,
  input: readonly MoveInput[],
): Promise<MoveResult[]> {
  const results: MoveResult[] = [];
  const touched = new Set<string>();
  // One after the other: a later move may take along what an earlier one brought.
  for (const move of input) {
    const { fromCustomerId, toCustomerId } = move;
    if (!isIdOf('cus', fromCustomerId) || !isIdOf('cus', toCustomerId) || fromCustomerId === toCustomerId) {
      results.push({ code: 'INVALID', message: 'These are not the ids of two customers.', movedCount: 0 });
      continue;
    }
    const movedCount = await moveAll(models, write, move);
    if (movedCount > 0) touched.add(fromCustomerId).add(toCustomerId);
    results.push({ code: movedCount > 0 ? 'UPDATED' : 'UNCHANGED', message: null, movedCount });
  }
  await writeStats(models, write, [...touched]);
  return results;
}
