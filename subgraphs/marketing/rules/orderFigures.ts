// What marketing makes of orders: the figures of one, and of all of a customer. Pure: followers keep profiles by it, and
// the seed makes the same documents.
import type { OrderFigureDocument, StatedFigures } from '../documents.ts';
import { addFigures, keyInTenant, NO_ORDERS, type OrderFigures } from './audienceProfile.ts';

/** The part of an order that marketing knows. */
export interface KnownOrder {
  readonly customerId: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly refundedMinor: number;
  readonly status: string;
  readonly placedAt: Date;
  readonly createdAt: Date;
  readonly deletedAt: Date | string | null;
}

/** Takes the tenant, an order's id and the order; gives its figures. */
export function orderFigureOf(tenantId: string, orderId: string, order: KnownOrder): OrderFigureDocument {
  const { customerId, currency, totalMinor, refundedMinor, status, placedAt, createdAt, deletedAt } = order;
  return {
    _id: keyInTenant(tenantId, orderId),
    tenantId,
    orderId,
    customerId,
    currency,
    amountMinor: totalMinor - refundedMinor,
    placedAt,
    createdAt,
    isCounted: status !== 'CANCELLED' && deletedAt === null,
  };
}

/** What the counted orders of a customer in one currency come to. */
export interface CurrencySum {
  readonly currency: string;
  readonly orderCount: number;
  readonly amountMinor: number;
  readonly lastOrderAt: Date;
}

/** Takes what a customer's orders come to, by currency; gives the figures: the value in the currency of most orders. */
function joinSums(sums: readonly CurrencySum[]): OrderFigures {
  const [most] = sums.toSorted(
    (left, right) => right.orderCount - left.orderCount || (left.currency < right.currency ? -1 : 1),
  );
  if (most === undefined) return NO_ORDERS;
  return {
    orderCount: sums.reduce((count, { orderCount }) => count + orderCount, 0),
    lifetimeValueMinor: most.amountMinor,
    currency: most.currency,
    lastOrderAt: new Date(Math.max(...sums.map(({ lastOrderAt }) => lastOrderAt.getTime()))),
  };
}

/** Takes what a customer's later orders come to, and what was stated before them; gives the figures of the profile. */
export function figuresOf(sums: readonly CurrencySum[], stated: StatedFigures | null | undefined): OrderFigures {
  const later = joinSums(sums);
  if (stated == null) return later;
  const { orderCount, lifetimeValueMinor, currency, lastOrderAt } = stated;
  const base = { orderCount, lifetimeValueMinor, currency, lastOrderAt };
  return later.orderCount === 0 ? base : addFigures(base, later);
}
