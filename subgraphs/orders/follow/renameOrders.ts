// Gives orders the names that their customers have now: only those whose copy is another, so many at a time.
import type { WriteCall } from '../../kit/call.ts';
import { boundedAggregation } from '../../kit/read/mongo.ts';
import { inList, noneOf } from '../../kit/read/operators.ts';
import type { OrderDocument, OrdersModels } from '../model.ts';
import { changeSome } from './changeSome.ts';

interface NameInUse {
  readonly _id: { readonly customerId: string; readonly name: string };
}

/** Gives which customers have orders with another name than theirs. */
async function findOutdated(
  models: OrdersModels,
  write: WriteCall,
  names: ReadonlyMap<string, string>,
): Promise<string[]> {
  const { tenantId, session } = write;
  const inUse = await models.orders.aggregate<NameInUse>(
    [
      { $match: { tenantId, customerId: inList([...names.keys()]) } },
      { $group: { _id: { customerId: '$customerId', name: '$customerDisplayName' } } },
    ],
    { ...boundedAggregation(write, 'byCustomer'), session },
  );
  const outdated = inUse.filter(({ _id }) => names.get(_id.customerId) !== _id.name);
  return [...new Set(outdated.map(({ _id }) => _id.customerId))];
}

/**
 * Takes names by customer and a limit; renames up to so many orders, all in one go. Gives the customers of whom there may
 * be more.
 */
export async function renameOrders(
  models: OrdersModels,
  write: WriteCall,
  names: ReadonlyMap<string, string>,
  countMax: number,
): Promise<Set<string>> {
  if (names.size === 0) return new Set();
  const outdated = await findOutdated(models, write, names);
  const nameOf = (customerId: string): string => names.get(customerId) ?? '';
  const change = {
    customerIds: outdated,
    which: noneOf(outdated.map((customerId) => ({ customerId, customerDisplayName: nameOf(customerId) }))),
    fieldsOf: ({ customerId }: Pick<OrderDocument, 'customerId'>) => ({ customerDisplayName: nameOf(customerId) }),
  };
  const count = await changeSome(models, write, change, countMax);
  return new Set(count < countMax ? [] : outdated);
}
