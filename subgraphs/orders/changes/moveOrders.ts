// Makes the orders of merged duplicates those of the customer they were merged into, and adds both up anew.
import { isIdOf } from '../../../contracts/entityId.ts';
import type { WriteCall } from '../../kit/call.ts';
import { bounded, timeLeftMs } from '../../kit/read/mongo.ts';
import type { WriteCode } from '../../kit/write/writeBatch.ts';
import type { OrdersModels } from '../model.ts';
import { writeStats } from './writeRollups.ts';

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

/** Gives the name that the customer's newest order has, for the orders that come to it. */
async function readName(models: OrdersModels, write: WriteCall, customerId: string): Promise<string | undefined> {
  const { tenantId, session } = write;
  const options = { ...bounded(write, 'byCustomer', 1), sort: { placedAt: -1, _id: -1 } as const, session };
  const [newest] = await models.orders.find({ tenantId, customerId }, { customerDisplayName: 1 }, options);
  return newest?.customerDisplayName;
}

async function moveAll(models: OrdersModels, write: WriteCall, input: MoveInput): Promise<number> {
  const { tenantId, session, now, actor, callId: comment } = write;
  const customerDisplayName = await readName(models, write, input.toCustomerId);
  const { modifiedCount } = await models.orders.updateMany(
    { tenantId, customerId: input.fromCustomerId },
    {
      $set: {
        customerId: input.toCustomerId,
        ...(customerDisplayName !== undefined && { customerDisplayName }),
        updatedAt: now,
        updatedBy: actor,
      },
      $inc: { version: 1 },
    },
    { session, comment, hint: 'byCustomer', maxTimeMS: timeLeftMs(write) },
  );
  return modifiedCount;
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
