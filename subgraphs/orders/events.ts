// The events of orders: what is told to the other subgraphs and to other systems of each change, and the schemas of it.
// What is personal stands in `personal`, sealed with the customer's key.
import { ANSWERING_EVENTS } from '../kit/dataSubject/dataSubjectEvents.ts';
import { entityKey } from '../../contracts/event.ts';
import {
  externalRef,
  id,
  iso,
  moment,
  momentOrNull,
  refOf,
  stamps,
  stampsOf,
  textOrNull,
  whole,
  z,
} from '../kit/events/eventFields.ts';
import { lifecycle, lifeStepOf, type EventSchema, type NewEvent } from '../kit/events/eventType.ts';
import type { LineQuantity, OrderDocument, ProductDocument } from './model.ts';

const lineQuantities = z.array(z.object({ sku: z.string(), quantity: whole }));

const ORDER = lifecycle({
  aggregate: 'Order',
  word: 'order',
  steps: { created: 'placed' },
  data: {
    externalRef,
    number: z.string(),
    customerId: id,
    placedAt: moment,
    status: z.enum(['PLACED', 'PAID', 'SHIPPED', 'CANCELLED', 'RETURNED']),
    currency: z.string(),
    totalMinor: whole,
    refundedMinor: whole,
    lines: z.array(z.object({ sku: z.string(), name: z.string(), quantity: whole, priceMinor: whole })),
    payments: z.array(
      z.object({
        id,
        amountMinor: whole,
        method: z.enum(['CARD', 'INVOICE', 'TRANSFER', 'WALLET', 'CASH']),
        paidAt: moment,
      }),
    ),
    refunds: z.array(z.object({ id, amountMinor: whole, refundedAt: moment })),
    fulfilments: z.array(z.object({ id, lines: lineQuantities, carrier: textOrNull, shippedAt: moment })),
    returns: z.array(z.object({ id, lines: lineQuantities, returnedAt: moment })),
    cancelledAt: momentOrNull,
    touches: z.array(z.object({ campaignId: id, engagementId: id.nullable(), touchedAt: moment })),
    ...stamps,
  },
  personal: {
    customerDisplayName: z.string(),
    cancelReason: textOrNull,
    /** Of refunds and returns that have one. */
    reasons: z.array(z.object({ id, reason: z.string() })),
  },
});

const PRODUCT = lifecycle({
  aggregate: 'Product',
  word: 'product',
  data: {
    sku: z.string(),
    name: z.string(),
    priceMinor: whole,
    currency: z.string(),
    active: z.boolean(),
    ...stamps,
  },
});

/** The event types of orders. */
export const ORDERS_EVENTS: readonly EventSchema[] = [
  ...ANSWERING_EVENTS,
  ...Object.values(ORDER),
  ...Object.values(PRODUCT),
];

/** What the database may add to the parts of lists stays out. */
function quantitiesOf(lines: readonly LineQuantity[]): LineQuantity[] {
  return lines.map(({ sku, quantity }) => ({ sku, quantity }));
}

function orderData(order: OrderDocument) {
  const { number, customerId, placedAt, status, currency, totalMinor, refundedMinor, cancelledAt } = order;
  return {
    ...{ externalRef: refOf(order), number, customerId, status, currency, totalMinor, refundedMinor },
    placedAt: iso(placedAt),
    cancelledAt: iso(cancelledAt),
    lines: order.lines.map(({ sku, name, quantity, priceMinor }) => ({ sku, name, quantity, priceMinor })),
    payments: order.payments.map(({ paidAt, ...payment }) => ({ ...payment, paidAt: iso(paidAt) })),
    refunds: order.refunds.map(({ refundedAt, ...refund }) => ({ ...refund, refundedAt: iso(refundedAt) })),
    fulfilments: order.fulfilments.map((parcel) => ({
      ...{ id: parcel.id, lines: quantitiesOf(parcel.lines), carrier: parcel.carrier },
      shippedAt: iso(parcel.shippedAt),
    })),
    returns: order.returns.map((parcel) => ({
      ...{ id: parcel.id, lines: quantitiesOf(parcel.lines) },
      returnedAt: iso(parcel.returnedAt),
    })),
    touches: order.touches.map(({ touchedAt, ...touch }) => ({ ...touch, touchedAt: iso(touchedAt) })),
    ...stampsOf(order),
  };
}

function orderPersonal({ customerId, customerDisplayName, cancelReason, refunds, returns }: OrderDocument) {
  const reasons = [...refunds, ...returns].flatMap(({ id, reason }) => (reason === null ? [] : [{ id, reason }]));
  return { customerId, fields: { customerDisplayName, cancelReason, reasons } };
}

/** Takes an order as it was (undefined: not there) and as it is; gives the event of the change. */
export function orderEvent(before: OrderDocument | undefined, after: OrderDocument): NewEvent {
  const { _id, version, customerId, campaignIds, engagementIds } = after;
  const keys = [
    entityKey('Order', _id),
    entityKey('Customer', customerId),
    ...(before === undefined ? [] : [entityKey('Customer', before.customerId)]),
    ...campaignIds.map((campaignId) => entityKey('Campaign', campaignId)),
    ...engagementIds.map((engagementId) => entityKey('Engagement', engagementId)),
  ];
  const state = { data: orderData(after), personal: orderPersonal(after) };
  return ORDER[lifeStepOf(before, after)].make({ id: _id, version, keys }, state);
}

/** Takes a product as it was (undefined: not there) and as it is; gives the event of the change. */
export function productEvent(before: ProductDocument | undefined, after: ProductDocument): NewEvent {
  const { _id, version, sku, name, priceMinor, currency, active } = after;
  const data = { sku, name, priceMinor, currency, active, ...stampsOf(after) };
  return PRODUCT[lifeStepOf(before, after)].make({ id: _id, version, keys: [entityKey('Product', _id)] }, { data });
}
