// The shape of what orders keeps, and the indexes that its queries name. Only this subgraph reads these collections.
// What belongs to one order stands in its document, in bounded lists: an order is read and changed as a whole.
import type { Connection, Model } from 'mongoose';
import { declareCollection, declareEntity, type EntityDocument } from '../kit/write/entityDocument.ts';
import { BY_TENANT, BY_TENANT_AND_ID, moment, optionalText, text, whole } from '../kit/write/fields.ts';
import type { ExternalRef } from '../kit/read/readReference.ts';

/** Where an order stands. */
export type OrderStatus = 'PLACED' | 'PAID' | 'SHIPPED' | 'CANCELLED' | 'RETURNED';

/** How money came in. */
export type PaymentMethod = 'CARD' | 'INVOICE' | 'TRANSFER' | 'WALLET' | 'CASH';

/** Who gets the credit for an order: the first touch, the last, or all alike. */
export type AttributionModel = 'FIRST_TOUCH' | 'LAST_TOUCH' | 'LINEAR';

/** What was ordered, at the price of that day; `name` is the product's as it was then. */
export interface OrderLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly priceMinor: number;
}

/** How many of a product were sent or came back. */
export interface LineQuantity {
  readonly sku: string;
  readonly quantity: number;
}

/** Money that came in, in the order's currency. */
export interface Payment {
  readonly id: string;
  readonly amountMinor: number;
  readonly method: PaymentMethod;
  readonly paidAt: Date;
}

/** Money that went back, in the order's currency. */
export interface Refund {
  readonly id: string;
  readonly amountMinor: number;
  readonly reason: string | null;
  readonly refundedAt: Date;
}

/** A parcel that was sent. */
export interface Fulfilment {
  readonly id: string;
  readonly lines: readonly LineQuantity[];
  readonly carrier: string | null;
  readonly trackingCode: string | null;
  readonly shippedAt: Date;
}

/** A parcel that came back. */
export interface Return {
  readonly id: string;
  readonly lines: readonly LineQuantity[];
  readonly reason: string | null;
  readonly returnedAt: Date;
}

/** A message that the customer saw before ordering. */
export interface Touch {
  readonly campaignId: string;
  readonly engagementId: string | null;
  readonly touchedAt: Date;
}

/** An order. */
export interface OrderDocument extends EntityDocument {
  readonly externalRef: ExternalRef;
  /** `externalKeyOf(externalRef)`; an order without a reference from outside has the source `crm` and its own id. */
  readonly externalKey: string;
  /** Made by us, for people: the year and ten characters. */
  readonly number: string;
  readonly customerId: string;
  /** A copy of the customer's name, so that a list of orders asks no other subgraph for it. */
  readonly customerDisplayName: string;
  readonly placedAt: Date;
  readonly status: OrderStatus;
  readonly currency: string;
  /** The sum of the lines. */
  readonly totalMinor: number;
  /** The sum of `refunds`, kept beside them for the database to add up. */
  readonly refundedMinor: number;
  readonly lines: readonly OrderLine[];
  readonly payments: readonly Payment[];
  readonly refunds: readonly Refund[];
  readonly fulfilments: readonly Fulfilment[];
  readonly returns: readonly Return[];
  readonly cancelledAt: Date | null;
  readonly cancelReason: string | null;
  /** Oldest first. */
  readonly touches: readonly Touch[];
  /** The distinct campaigns of the touches. */
  readonly campaignIds: readonly string[];
  /** The distinct engagements of the touches. */
  readonly engagementIds: readonly string[];
}

/** Something that is sold. */
export interface ProductDocument extends EntityDocument {
  readonly sku: string;
  readonly name: string;
  /** `fold(name)`. */
  readonly nameFolded: string;
  readonly priceMinor: number;
  readonly currency: string;
  readonly active: boolean;
}

/** What a customer's orders of one currency come to: totals less refunds. */
export interface CurrencyValue {
  readonly currency: string;
  readonly amountMinor: number;
  readonly orderCount: number;
}

/** All that a customer's orders come to, without cancelled and deleted ones; made anew with each change of one. */
export interface OrderStatsDocument {
  /** `<tenantId>:<customerId>` */
  readonly _id: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly orderCount: number;
  readonly firstOrderAt: Date | null;
  readonly lastOrderAt: Date | null;
  /** The currency of most orders first. */
  readonly values: readonly CurrencyValue[];
}

/** What orders of one currency bring a campaign under one model, without cancelled and deleted ones. */
export interface CampaignCredit extends CurrencyValue {
  readonly model: AttributionModel;
}

/** One of a campaign's newest orders. */
export interface NewestOrder {
  readonly orderId: string;
  readonly placedAt: Date;
}

/**
 * What the orders with a touch of a campaign come to. It has the ids of its newest orders, so that the first page of
 * many campaigns is one small read however many orders they have (see rollups.ts).
 */
export interface CampaignTotalsDocument {
  /** `<tenantId>:<campaignId>` */
  readonly _id: string;
  readonly tenantId: string;
  readonly campaignId: string;
  /** The orders that are not deleted; cancelled ones are among them. */
  readonly orderCount: number;
  readonly credits: readonly CampaignCredit[];
  /** Newest first, at most NEWEST_MAX; complete when it is shorter than `orderCount` asks for. */
  readonly newest: readonly NewestOrder[];
}

const lineQuantities = [{ sku: text, quantity: whole, _id: false }];
const value = { currency: text, amountMinor: whole, orderCount: whole, _id: false };

const orderSchema = declareEntity<OrderDocument>({
  collection: 'orders',
  shardKey: BY_TENANT,
  fields: {
    externalRef: { source: text, id: text, _id: false },
    externalKey: text,
    number: text,
    customerId: text,
    customerDisplayName: text,
    placedAt: moment,
    status: text,
    currency: text,
    totalMinor: whole,
    refundedMinor: whole,
    lines: [{ sku: text, name: text, quantity: whole, priceMinor: whole, _id: false }],
    payments: [{ id: text, amountMinor: whole, method: text, paidAt: moment, _id: false }],
    refunds: [{ id: text, amountMinor: whole, reason: optionalText, refundedAt: moment, _id: false }],
    fulfilments: [
      {
        id: text,
        lines: lineQuantities,
        carrier: optionalText,
        trackingCode: optionalText,
        shippedAt: moment,
        _id: false,
      },
    ],
    returns: [{ id: text, lines: lineQuantities, reason: optionalText, returnedAt: moment, _id: false }],
    cancelledAt: { type: Date, default: null },
    cancelReason: optionalText,
    touches: [{ campaignId: text, engagementId: optionalText, touchedAt: moment, _id: false }],
    campaignIds: [String],
    engagementIds: [String],
  },
  indexes: [
    { name: 'externalKey', keys: { tenantId: 1, externalKey: 1 }, unique: true },
    { name: 'number', keys: { tenantId: 1, number: 1 }, unique: true },
    { name: 'byPlacedAt', keys: { tenantId: 1, placedAt: 1, _id: 1 } },
    { name: 'byStatus', keys: { tenantId: 1, status: 1, placedAt: 1, _id: 1 } },
    // Newest first behind the customer: the order in which the pages of many customers are read at once.
    { name: 'byCustomer', keys: { tenantId: 1, customerId: 1, placedAt: -1, _id: -1 } },
    { name: 'byCampaign', keys: { tenantId: 1, campaignIds: 1, placedAt: -1, _id: -1 } },
    { name: 'byEngagement', keys: { tenantId: 1, engagementIds: 1 } },
  ],
});

const productSchema = declareEntity<ProductDocument>({
  collection: 'products',
  shardKey: BY_TENANT,
  fields: {
    sku: text,
    name: text,
    nameFolded: text,
    priceMinor: whole,
    currency: text,
    active: { type: Boolean, required: true },
  },
  indexes: [
    { name: 'sku', keys: { tenantId: 1, sku: 1 }, unique: true },
    { name: 'bySku', keys: { tenantId: 1, sku: 1, _id: 1 } },
    { name: 'byName', keys: { tenantId: 1, nameFolded: 1, _id: 1 } },
  ],
});

const statsSchema = declareCollection<OrderStatsDocument>({
  collection: 'order_stats',
  shardKey: BY_TENANT_AND_ID,
  fields: {
    _id: text,
    tenantId: text,
    customerId: text,
    orderCount: whole,
    firstOrderAt: { type: Date, default: null },
    lastOrderAt: { type: Date, default: null },
    values: [value],
  },
  indexes: [],
});

const totalsSchema = declareCollection<CampaignTotalsDocument>({
  collection: 'campaign_totals',
  shardKey: BY_TENANT_AND_ID,
  fields: {
    _id: text,
    tenantId: text,
    campaignId: text,
    orderCount: whole,
    credits: [{ model: text, ...value }],
    newest: [{ orderId: text, placedAt: moment, _id: false }],
  },
  indexes: [],
});

/** The collections of orders on one connection. */
export interface OrdersModels {
  readonly orders: Model<OrderDocument>;
  readonly products: Model<ProductDocument>;
  readonly stats: Model<OrderStatsDocument>;
  readonly totals: Model<CampaignTotalsDocument>;
}

/** Takes an open connection; gives the collections of orders on it. */
export function ordersModels(connection: Connection): OrdersModels {
  return {
    orders: connection.model<OrderDocument>('Order', orderSchema),
    products: connection.model<ProductDocument>('Product', productSchema),
    stats: connection.model<OrderStatsDocument>('OrderStats', statsSchema),
    totals: connection.model<CampaignTotalsDocument>('CampaignTotals', totalsSchema),
  };
}
