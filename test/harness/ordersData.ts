// Many orders at once for tests of reads: written straight into the collections, with what they come to made by the
// same pure functions that the mutations use.
import type { Model } from 'mongoose';
import type {
  CampaignTotalsDocument,
  OrderDocument,
  OrdersModels,
  OrderStatus,
  ProductDocument,
} from '../../subgraphs/orders/model.ts';
import { changeTotals, emptyTotals, statsOf } from '../../subgraphs/orders/rules/rollups.ts';

const FIRST_AT = Date.UTC(2025, 0, 1);
const MINUTE_MS = 60_000;
const CHUNK = 5_000;
const STATUSES: readonly OrderStatus[] = ['PLACED', 'PAID', 'SHIPPED', 'CANCELLED', 'RETURNED'];

/** How many of each; order `n` is that of customer `n % customers`, and its touch is of campaign `n % campaigns`. */
export interface OrdersDataSize {
  readonly orders: number;
  readonly customers: number;
  readonly campaigns: number;
  readonly products: number;
}

/** Gives the id of the n-th entity of a prefix. */
export function nthId(prefix: string, n: number): string {
  return `${prefix}_${String(n).padStart(8, '0')}`;
}

function shared(_id: string): Pick<OrderDocument, '_id' | 'tenantId' | 'version' | 'createdAt' | 'updatedAt'> & {
  createdBy: string;
  updatedBy: string;
  deletedAt: null;
} {
  const at = new Date(FIRST_AT);
  const who = { createdBy: 'test', updatedBy: 'test', deletedAt: null };
  return { _id, tenantId: 'main', version: 1, createdAt: at, updatedAt: at, ...who };
}

function makeProduct(n: number): ProductDocument {
  const name = `Product ${String(n).padStart(5, '0')}`;
  const sku = `sku-${String(n).padStart(5, '0')}`;
  return {
    ...shared(nthId('prd', n)),
    sku,
    name,
    nameFolded: name.toLowerCase(),
    priceMinor: n,
    currency: 'EUR',
    active: true,
  };
}

function makeOrder(n: number, size: OrdersDataSize): OrderDocument {
  const placedAt = new Date(FIRST_AT + n * MINUTE_MS);
  const campaignId = nthId('cmp', n % size.campaigns);
  const sku = `sku-${String(n % size.products).padStart(5, '0')}`;
  return {
    ...shared(nthId('ord', n)),
    externalRef: { source: 'test', id: String(n) },
    externalKey: `4:test:${n}`,
    number: `2025-${n}`,
    customerId: nthId('cus', n % size.customers),
    customerDisplayName: `Customer ${n % size.customers}`,
    placedAt,
    status: STATUSES[n % STATUSES.length] ?? 'PLACED',
    currency: 'EUR',
    totalMinor: 100 + n,
    refundedMinor: 0,
    lines: [{ sku, name: sku, quantity: 1, priceMinor: 100 + n }],
    payments: [],
    refunds: [],
    fulfilments: [],
    returns: [],
    cancelledAt: null,
    cancelReason: null,
    touches: [{ campaignId, engagementId: nthId('eng', n), touchedAt: placedAt }],
    campaignIds: [campaignId],
    engagementIds: [nthId('eng', n)],
  };
}

async function insertAll<D>(model: Model<D>, documents: readonly D[]): Promise<void> {
  for (let at = 0; at < documents.length; at += CHUNK) {
    await model.collection.insertMany(documents.slice(at, at + CHUNK) as never);
  }
}

/** Takes the models and how many of each; fills the collections and gives the orders. */
export async function writeOrdersData(models: OrdersModels, size: OrdersDataSize): Promise<OrderDocument[]> {
  const orders = Array.from({ length: size.orders }, (_, n) => makeOrder(n, size));
  const totals = new Map<string, CampaignTotalsDocument>();
  for (const order of orders) {
    for (const id of order.campaignIds) {
      totals.set(id, changeTotals(totals.get(id) ?? emptyTotals('main', id), undefined, order));
    }
  }
  const byCustomer = Map.groupBy(orders, ({ customerId }) => customerId);
  await insertAll(
    models.products,
    Array.from({ length: size.products }, (_, n) => makeProduct(n)),
  );
  await insertAll(models.orders, orders);
  await insertAll(
    models.stats,
    [...byCustomer].map(([id, own]) => statsOf('main', id, own)),
  );
  await insertAll(models.totals, [...totals.values()]);
  return orders;
}
