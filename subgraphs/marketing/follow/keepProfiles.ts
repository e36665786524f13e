// Brings audience profiles in step with the orders that marketing knows, and with them who belongs to which segment.
import type { WriteCall } from '../../kit/call.ts';
import { boundedAggregation } from '../../kit/read/mongo.ts';
import { inList, within } from '../../kit/read/operators.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import { bulkWrite, readByIds } from '../changes/batchReads.ts';
import type { AudienceProfileDocument, StatedFigures } from '../documents.ts';
import { profileEvent } from '../eventsOfCustomers.ts';
import type { MarketingModels } from '../model.ts';
import { keyInTenant, NO_ORDERS, type OrderFigures } from '../rules/audienceProfile.ts';
import { figuresOf, type CurrencySum } from '../rules/orderFigures.ts';
import { keepMemberships } from './keepMemberships.ts';

const CURRENCIES_MAX = 200;

type StoredSum = Omit<CurrencySum, 'currency'> & {
  readonly _id: { readonly customerId: string; readonly currency: string };
};

/** Adds up the orders of customers that came to be known after a moment. */
async function readSums(
  models: MarketingModels,
  write: WriteCall,
  customerIds: readonly string[],
  after?: Date,
): Promise<Map<string, CurrencySum[]>> {
  if (customerIds.length === 0) return new Map();
  const { tenantId, session } = write;
  const since = after === undefined ? {} : { createdAt: within({ gt: after }) };
  const sums = await models.orderFigures.aggregate<StoredSum>(
    [
      { $match: { tenantId, customerId: inList(customerIds), isCounted: true, ...since } },
      {
        $group: {
          _id: { customerId: '$customerId', currency: '$currency' },
          orderCount: { $sum: 1 },
          amountMinor: { $sum: '$amountMinor' },
          lastOrderAt: { $max: '$placedAt' },
        },
      },
      { $limit: customerIds.length * CURRENCIES_MAX },
    ],
    { ...boundedAggregation(write, 'byCustomer'), session },
  );
  const read = sums.map(({ _id, ...sum }) => ({ customerId: _id.customerId, sum: { ...sum, currency: _id.currency } }));
  return new Map(
    [...Map.groupBy(read, ({ customerId }) => customerId)].map(([id, own]) => [id, own.map(({ sum }) => sum)]),
  );
}

/** Gives the figures of customers; of those for whom something was stated, the orders after that are added to it. */
async function readFigures(
  models: MarketingModels,
  write: WriteCall,
  customerIds: readonly string[],
  stated: ReadonlyMap<string, StatedFigures>,
): Promise<Map<string, OrderFigures>> {
  const unstated = customerIds.filter((id) => !stated.has(id));
  const sums = await readSums(models, write, unstated);
  const figures = new Map(unstated.map((id) => [id, figuresOf(sums.get(id) ?? [], undefined)]));
  for (const [id, statement] of stated) {
    const later = (await readSums(models, write, [id], statement.at)).get(id) ?? [];
    figures.set(id, figuresOf(later, statement));
  }
  return figures;
}

function isSame(left: OrderFigures, right: OrderFigures): boolean {
  return (
    left.orderCount === right.orderCount &&
    left.lifetimeValueMinor === right.lifetimeValueMinor &&
    left.currency === right.currency &&
    left.lastOrderAt?.getTime() === right.lastOrderAt?.getTime()
  );
}

/** Takes customers whose orders are other, nobody forgotten; writes their profiles, tells of those, keeps segments. */
export async function keepProfiles(
  models: MarketingModels,
  write: WriteCall,
  customerIds: readonly string[],
): Promise<void> {
  if (customerIds.length === 0) return;
  const { tenantId, now } = write;
  const keys = customerIds.map((id) => keyInTenant(tenantId, id));
  const stored = new Map((await readByIds(models.audienceProfiles, write, keys)).map((one) => [one.customerId, one]));
  const stated = new Map([...stored].flatMap(([id, one]) => (one.stated == null ? [] : [[id, one.stated] as const])));
  const figures = await readFigures(models, write, customerIds, stated);
  const changed = customerIds.flatMap((customerId): AudienceProfileDocument[] => {
    const before = stored.get(customerId);
    const next = figures.get(customerId) ?? NO_ORDERS;
    if (isSame(before ?? NO_ORDERS, next)) return [];
    const { orderCount, lifetimeValueMinor, currency, lastOrderAt } = next;
    const consentedChannels = before?.consentedChannels ?? [];
    const version = (before?.version ?? 0) + 1;
    const own = { _id: keyInTenant(tenantId, customerId), tenantId, customerId, consentedChannels };
    return [{ ...own, orderCount, lifetimeValueMinor, currency, lastOrderAt, updatedAt: now, version }];
  });
  const operations = changed.map(({ _id, customerId, consentedChannels, ...set }) => ({
    updateOne: {
      filter: { _id },
      update: { $set: set, $setOnInsert: { customerId, consentedChannels } },
      upsert: true,
    },
  }));
  await bulkWrite(models.audienceProfiles, write, operations);
  await emitEvents(write, changed.map(profileEvent));
  await keepMemberships(models, write, changed);
}
