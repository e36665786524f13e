// Recency, frequency and money of a customer, each from 1 to 5, from the statistics that orders hands over. Pure.

/** What `Customer.rfm` requires of orders, as the gateway sends it: any part may be wrong or missing. */
export interface OrderStatsReference {
  readonly orderCount: number;
  readonly lastOrderAt: Date | null;
  readonly amountMinor: number;
}

/** Each from 1 (least) to 5. */
export interface RfmScore {
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
/** The bounds of the scores 5, 4, 3 and 2; beyond the last stands 1. */
const RECENCY_DAYS_MAX = [30, 90, 180, 365];
const FREQUENCY_ORDERS_MIN = [20, 10, 5, 2];
/** In minor units, whatever the currency: scores compare the customers of one shop. */
const MONETARY_MINOR_MIN = [500_000, 200_000, 50_000, 10_000];

function scoreOf(bounds: readonly number[], isWithin: (bound: number) => boolean): number {
  const at = bounds.findIndex(isWithin);
  return at === -1 ? 1 : 5 - at;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Takes the `orderStats` of a representation; gives its values, or undefined when one has not the type it must have. */
export function readOrderStats(value: unknown): OrderStatsReference | undefined {
  const { orderCount, lastOrderAt, lifetimeValue } = (value ?? {}) as Record<string, unknown>;
  const { amountMinor } = (lifetimeValue ?? {}) as Record<string, unknown>;
  if (!isCount(orderCount) || !isCount(amountMinor)) return undefined;
  if (lastOrderAt === null) return { orderCount, lastOrderAt, amountMinor };
  const moment = typeof lastOrderAt === 'string' ? new Date(lastOrderAt) : undefined;
  if (moment === undefined || Number.isNaN(moment.getTime())) return undefined;
  return { orderCount, lastOrderAt: moment, amountMinor };
}

/** Takes a customer's order statistics and the time; gives the scores. Without an order all are 1. */
export function rfmOf({ orderCount, lastOrderAt, amountMinor }: OrderStatsReference, now: Date): RfmScore {
  if (orderCount === 0 || lastOrderAt === null) return { recency: 1, frequency: 1, monetary: 1 };
  const days = (now.getTime() - lastOrderAt.getTime()) / DAY_MS;
  return {
    recency: scoreOf(RECENCY_DAYS_MAX, (daysMax) => days <= daysMax),
    frequency: scoreOf(FREQUENCY_ORDERS_MIN, (ordersMin) => orderCount >= ordersMin),
    monetary: scoreOf(MONETARY_MINOR_MIN, (minorMin) => amountMinor >= minorMin),
  };
}
