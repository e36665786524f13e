// Profiles that were there before marketing kept the orders behind them: what they say is taken as stated, so that the
// first order that an event tells of is added to it.
import type { WriteCall } from '../../kit/call.ts';
import { boundedAggregation } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import { bulkWrite } from '../changes/batchReads.ts';
import type { AudienceProfileDocument } from '../documents.ts';
import type { MarketingModels } from '../model.ts';

/** Takes the profiles of the customers whose orders are about to be noted; runs before they are. */
export async function stateOldFigures(
  models: MarketingModels,
  write: WriteCall,
  profiles: readonly AudienceProfileDocument[],
): Promise<void> {
  const { tenantId, session } = write;
  const old = profiles.filter(
    ({ orderCount, stated, version }) => orderCount > 0 && stated == null && version === undefined,
  );
  if (old.length === 0) return;
  const known = await models.orderFigures.aggregate<{ readonly _id: string }>(
    [
      { $match: { tenantId, customerId: inList(old.map(({ customerId }) => customerId)) } },
      { $group: { _id: '$customerId' } },
    ],
    { ...boundedAggregation(write, 'byCustomer'), session },
  );
  const withOrders = new Set(known.map(({ _id }) => _id));
  const operations = old
    .filter(({ customerId }) => !withOrders.has(customerId))
    .map(({ _id, orderCount, lifetimeValueMinor, currency, lastOrderAt, updatedAt: at }) => ({
      updateOne: {
        filter: { _id },
        update: { $set: { stated: { orderCount, lifetimeValueMinor, currency, lastOrderAt, at } } },
      },
    }));
  await bulkWrite(models.audienceProfiles, write, operations);
}
