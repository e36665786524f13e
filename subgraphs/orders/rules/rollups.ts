// What orders come to: statistics of a customer, credits of a campaign. Pure: the mutations and the seed make the same
// documents with it, so that `orderStats` and `attributedRevenue` are one keyed read and never a scan of orders.
import { refuse } from '../../kit/refuse.ts';
import type {
  AttributionModel,
  CampaignCredit,
  CampaignTotalsDocument,
  CurrencyValue,
  NewestOrder,
  OrderDocument,
  OrderStatsDocument,
} from '../model.ts';

/** How many of its newest orders a campaign's document names: the largest page and the one that shows there is more. */
export const NEWEST_MAX = 101;

/** The part of an order that its value depends on. */
export type ValuedOrder = Pick<
  OrderDocument,
  '_id' | 'customerId' | 'placedAt' | 'status' | 'currency' | 'totalMinor' | 'refundedMinor' | 'touches' | 'deletedAt'
>;

/** Gives what an order is worth: its total less refunds; undefined when it is cancelled or deleted. */
export function valueOf(order: ValuedOrder): number | undefined {
  if (order.status === 'CANCELLED' || order.deletedAt !== null) return undefined;
  return order.totalMinor - order.refundedMinor;
}

/** Takes values; gives them with that of most orders first, by currency among equals. */
function sortValues<V extends CurrencyValue>(values: readonly V[]): V[] {
  return values.toSorted(
    (left, right) => right.orderCount - left.orderCount || (left.currency < right.currency ? -1 : 1),
  );
}

/** The orders of one customer and currency, added up: by the database or by `statsOf`. */
export interface CurrencySum extends CurrencyValue {
  readonly firstOrderAt: Date;
  readonly lastOrderAt: Date;
}

/** Takes a customer and the sums of its orders that count, by currency; gives the statistics. */
export function joinSums(tenantId: string, customerId: string, sums: readonly CurrencySum[]): OrderStatsDocument {
  const times = sums.flatMap(({ firstOrderAt, lastOrderAt }) => [firstOrderAt.getTime(), lastOrderAt.getTime()]);
  return {
    _id: `${tenantId}:${customerId}`,
    tenantId,
    customerId,
    orderCount: sums.reduce((count, { orderCount }) => count + orderCount, 0),
    firstOrderAt: sums.length === 0 ? null : new Date(Math.min(...times)),
    lastOrderAt: sums.length === 0 ? null : new Date(Math.max(...times)),
    values: sortValues(
      sums.map(({ currency, amountMinor, orderCount }) => ({
        currency,
        amountMinor: checkedSum(amountMinor),
        orderCount,
      })),
    ),
  };
}

/** Takes a customer and all its orders; gives the statistics, the cancelled and deleted orders left out. */
export function statsOf(tenantId: string, customerId: string, orders: readonly ValuedOrder[]): OrderStatsDocument {
  const sums = new Map<string, CurrencySum>();
  for (const order of orders) {
    const amountMinor = valueOf(order);
    if (amountMinor === undefined) continue;
    const { currency, placedAt } = order;
    const sum = sums.get(currency) ?? {
      amountMinor: 0,
      orderCount: 0,
      firstOrderAt: placedAt,
      lastOrderAt: placedAt,
    };
    sums.set(currency, {
      currency,
      amountMinor: sum.amountMinor + amountMinor,
      orderCount: sum.orderCount + 1,
      firstOrderAt: placedAt < sum.firstOrderAt ? placedAt : sum.firstOrderAt,
      lastOrderAt: placedAt > sum.lastOrderAt ? placedAt : sum.lastOrderAt,
    });
  }
  return joinSums(tenantId, customerId, [...sums.values()]);
}

/** Gives a sum of amounts; refuses one that is no longer exact: a wrong total is worse than none. */
function checkedSum(amountMinor: number): number {
  if (Number.isSafeInteger(amountMinor)) return amountMinor;
  throw refuse('BAD_USER_INPUT', 'The orders come to more than 2^53-1 in minor units.');
}

/** Gives what each touch is credited with: the parts of LINEAR are whole numbers, the rest goes to the last touch. */
function shares(model: AttributionModel, amountMinor: number, touchCount: number): number[] {
  const last = touchCount - 1;
  const part = Math.floor(amountMinor / touchCount);
  return Array.from({ length: touchCount }, (_, touch) => {
    if (model === 'FIRST_TOUCH') return touch === 0 ? amountMinor : 0;
    if (model === 'LAST_TOUCH') return touch === last ? amountMinor : 0;
    return touch === last ? amountMinor - part * last : part;
  });
}

/** Takes an order; gives what it credits each campaign of its touches with, by model; nothing when it has no value. */
export function revenueOf(order: ValuedOrder): (CampaignCredit & { campaignId: string })[] {
  const amountMinor = valueOf(order);
  if (amountMinor === undefined || order.touches.length === 0) return [];
  const { currency, touches } = order;
  return (['FIRST_TOUCH', 'LAST_TOUCH', 'LINEAR'] as const).flatMap((model) => {
    const byCampaign = new Map<string, number>();
    shares(model, amountMinor, touches.length).forEach((share, index) => {
      const campaignId = touches[index]?.campaignId;
      const isCredited = model === 'LINEAR' || index === (model === 'FIRST_TOUCH' ? 0 : touches.length - 1);
      if (campaignId === undefined || !isCredited) return;
      byCampaign.set(campaignId, (byCampaign.get(campaignId) ?? 0) + share);
    });
    return [...byCampaign].map(([campaignId, sum]) => ({
      campaignId,
      model,
      currency,
      amountMinor: sum,
      orderCount: 1,
    }));
  });
}

/** Takes a campaign; gives the totals of one without orders. */
export function emptyTotals(tenantId: string, campaignId: string): CampaignTotalsDocument {
  return { _id: `${tenantId}:${campaignId}`, tenantId, campaignId, orderCount: 0, credits: [], newest: [] };
}

function addCredits(
  credits: readonly CampaignCredit[],
  added: readonly CampaignCredit[],
  sign: 1 | -1,
): CampaignCredit[] {
  const sums = new Map(credits.map((credit) => [`${credit.model} ${credit.currency}`, credit]));
  for (const { model, currency, amountMinor, orderCount } of added) {
    const sum = sums.get(`${model} ${currency}`);
    sums.set(`${model} ${currency}`, {
      model,
      currency,
      amountMinor: checkedSum((sum?.amountMinor ?? 0) + sign * amountMinor),
      orderCount: (sum?.orderCount ?? 0) + sign * orderCount,
    });
  }
  return sortValues([...sums.values()].filter(({ orderCount }) => orderCount > 0));
}

function isNewer(left: NewestOrder, right: NewestOrder): boolean {
  const byTime = left.placedAt.getTime() - right.placedAt.getTime();
  return byTime === 0 ? left.orderId > right.orderId : byTime > 0;
}

/** Puts an order where it belongs among the newest, which are in order; too old a one falls off the end. */
function insertNewest(totals: CampaignTotalsDocument, order: ValuedOrder): readonly NewestOrder[] {
  const { newest, orderCount } = totals;
  const entry = { orderId: order._id, placedAt: order.placedAt };
  const behind = newest.findIndex((other) => isNewer(entry, other));
  if (behind >= 0) return newest.toSpliced(behind, 0, entry).slice(0, NEWEST_MAX);
  // Behind the last one of a list that is not complete there may be others: only the database knows them.
  return newest.length < NEWEST_MAX && newest.length === orderCount ? [...newest, entry] : newest;
}

function isListed(order: ValuedOrder | undefined): order is ValuedOrder {
  return order !== undefined && order.deletedAt === null;
}

/** Says whether the totals miss some of the newest orders, because a deleted one left a gap: then they are read anew. */
export function lacksNewest({ newest, orderCount }: CampaignTotalsDocument): boolean {
  return newest.length < Math.min(orderCount, NEWEST_MAX);
}

/**
 * Takes a campaign's totals and an order that has a touch of it, as it was and as it is (undefined: not there); gives
 * the totals with the change. Afterwards `lacksNewest` tells whether the list of the newest has to be filled up.
 */
export function changeTotals(
  totals: CampaignTotalsDocument,
  before: ValuedOrder | undefined,
  after: ValuedOrder | undefined,
): CampaignTotalsDocument {
  const creditsOf = (order: ValuedOrder | undefined): CampaignCredit[] =>
    order === undefined ? [] : revenueOf(order).filter(({ campaignId }) => campaignId === totals.campaignId);
  const credits = addCredits(addCredits(totals.credits, creditsOf(before), -1), creditsOf(after), 1);
  if (isListed(before) === isListed(after)) return { ...totals, credits };
  if (isListed(after)) {
    return { ...totals, credits, newest: insertNewest(totals, after), orderCount: totals.orderCount + 1 };
  }
  const newest = totals.newest.filter(({ orderId }) => orderId !== before?._id);
  return { ...totals, credits, newest, orderCount: totals.orderCount - 1 };
}
