// Keeping audience profiles in step with consents and suppressions, in the transaction that changed them. Every change
// writes the customer's profile, so that two of them at once meet there and one is run anew.
import type { WriteCall } from '../../kit/call.ts';
import { inList } from '../../kit/read/operators.ts';
import { bulkWrite, readOptions } from './batchReads.ts';
import { consentedChannels, keyInTenant, NO_ORDERS } from '../rules/audienceProfile.ts';
import type { MarketingModels } from '../model.ts';

const CHANNELS_MAX = 4;

/** Takes the customers whose consents or suppressions changed; brings their profiles in step. */
export async function keepConsentedChannels(
  models: MarketingModels,
  write: WriteCall,
  customerIds: Iterable<string>,
): Promise<void> {
  const ids = [...new Set(customerIds)];
  if (ids.length === 0) return;
  const { tenantId, now } = write;
  const limit = ids.length * CHANNELS_MAX;
  const consents = await models.consents
    .find({ tenantId, customerId: inList(ids), current: true }, undefined, readOptions(write, 'current', limit))
    .lean();
  const suppressions = await models.suppressions
    .find({ tenantId, customerId: inList(ids) }, undefined, readOptions(write, 'naturalKey', limit))
    .lean();
  const consentsOf = Map.groupBy(consents, ({ customerId }) => customerId);
  const suppressionsOf = Map.groupBy(suppressions, ({ customerId }) => customerId);
  const operations = ids.map((customerId) => {
    const channels = consentedChannels(consentsOf.get(customerId) ?? [], suppressionsOf.get(customerId) ?? []);
    return {
      updateOne: {
        filter: { _id: keyInTenant(tenantId, customerId) },
        update: {
          $set: { consentedChannels: channels, updatedAt: now },
          $setOnInsert: { tenantId, customerId, ...NO_ORDERS },
        },
        upsert: true,
      },
    };
  });
  await bulkWrite(models.audienceProfiles, write, operations);
}
