// Keeps what orders come to in step with the orders, inside the transaction that changes them: the statistics of each
// customer are added up anew from the index, the totals of each campaign get the difference.
import type { WriteCall } from '../../kit/call.ts';
import { bounded, boundedAggregation } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import type { CampaignTotalsDocument, OrderDocument, OrdersModels, OrderStatus } from '../model.ts';
import {
  changeTotals,
  emptyTotals,
  joinSums,
  lacksNewest,
  NEWEST_MAX,
  valueOf,
  type CurrencySum,
} from '../rules/rollups.ts';

/** One order, as it was (undefined: not there) and as it is. */
export interface OrderChange {
  readonly before: OrderDocument | undefined;
  readonly after: OrderDocument;
}

const COUNTED: readonly OrderStatus[] = ['PLACED', 'PAID', 'SHIPPED', 'RETURNED'];
const CURRENCIES_MAX = 200;

/** Writes documents as they are, each by its id, whether it is there or not. */
async function writeWhole(
  collection: { bulkWrite: (operations: never, options: object) => Promise<unknown> },
  { session, callId: comment }: WriteCall,
  documents: readonly { readonly _id: string }[],
): Promise<void> {
  if (documents.length === 0) return;
  const operations = documents.map(({ _id, ...fields }) => ({
    updateOne: { filter: { _id }, update: { $set: fields }, upsert: true },
  }));
  await collection.bulkWrite(operations as never, { session, comment, ordered: true });
}

type StoredSum = Omit<CurrencySum, 'currency' | 'amountMinor'> & {
  readonly _id: { readonly customerId: string; readonly currency: string };
  readonly totalMinor: number;
  readonly refundedMinor: number;
};

function readSum({ _id, totalMinor, refundedMinor, ...rest }: StoredSum): CurrencySum {
  return { ...rest, currency: _id.currency, amountMinor: totalMinor - refundedMinor };
}

/** Takes customers; adds up their orders and writes their statistics. */
export async function writeStats(
  models: OrdersModels,
  write: WriteCall,
  customerIds: readonly string[],
): Promise<void> {
  if (customerIds.length === 0) return;
  const { tenantId, session } = write;
  const sums = await models.orders.aggregate<StoredSum>(
    [
      { $match: { tenantId, customerId: inList(customerIds), status: inList(COUNTED), deletedAt: null } },
      {
        $group: {
          _id: { customerId: '$customerId', currency: '$currency' },
          totalMinor: { $sum: '$totalMinor' },
          refundedMinor: { $sum: '$refundedMinor' },
          orderCount: { $sum: 1 },
          firstOrderAt: { $min: '$placedAt' },
          lastOrderAt: { $max: '$placedAt' },
        },
      },
      { $limit: customerIds.length * CURRENCIES_MAX },
    ],
    { ...boundedAggregation(write, 'byCustomer'), session },
  );
  const byCustomer = Map.groupBy(sums, ({ _id }) => _id.customerId);
  const documents = customerIds.map((customerId) =>
    joinSums(tenantId, customerId, (byCustomer.get(customerId) ?? []).map(readSum)),
  );
  await writeWhole(models.stats.collection, write, documents);
}

/** Fills up the list of a campaign's newest orders from the index. */
async function readNewest(
  models: OrdersModels,
  write: WriteCall,
  totals: CampaignTotalsDocument,
): Promise<CampaignTotalsDocument> {
  const { tenantId, session } = write;
  const newest = await models.orders.find(
    { tenantId, campaignIds: totals.campaignId, deletedAt: null },
    { placedAt: 1 },
    { ...bounded(write, 'byCampaign', NEWEST_MAX), sort: { placedAt: -1, _id: -1 }, session },
  );
  return { ...totals, newest: newest.map(({ _id, placedAt }) => ({ orderId: _id, placedAt })) };
}

async function writeTotals(models: OrdersModels, write: WriteCall, changes: readonly OrderChange[]): Promise<void> {
  const campaignIds = [...new Set(changes.flatMap(({ after }) => after.campaignIds))];
  if (campaignIds.length === 0) return;
  const { tenantId, session } = write;
  const keys = campaignIds.map((campaignId) => `${tenantId}:${campaignId}`);
  const stored = await models.totals
    .find({ tenantId, _id: inList(keys) }, undefined, { ...bounded(write, '_id_', keys.length), session })
    .lean<CampaignTotalsDocument[]>();
  const known = new Map(stored.map((totals) => [totals.campaignId, totals]));
  const documents: CampaignTotalsDocument[] = [];
  for (const campaignId of campaignIds) {
    const changed = changes
      .filter(({ after }) => after.campaignIds.includes(campaignId))
      .reduce(
        (totals, { before, after }) => changeTotals(totals, before, after),
        known.get(campaignId) ?? emptyTotals(tenantId, campaignId),
      );
    documents.push(lacksNewest(changed) ? await readNewest(models, write, changed) : changed);
  }
  await writeWhole(models.totals.collection, write, documents);
}

/** Takes the orders that a batch changed, already written; brings statistics and totals in step with them. */
export async function writeRollups(
  models: OrdersModels,
  write: WriteCall,
  changes: readonly OrderChange[],
): Promise<void> {
  const moved = changes.filter(({ before, after }) => {
    const isListedAsBefore = before !== undefined && (before.deletedAt === null) === (after.deletedAt === null);
    return !isListedAsBefore || valueOf(before) !== valueOf(after);
  });
  await writeStats(models, write, [...new Set(moved.map(({ after }) => after.customerId))]);
  await writeTotals(models, write, moved);
}
