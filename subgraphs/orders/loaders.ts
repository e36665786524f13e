// The loaders of one request to orders: each batches the loads of a fetch into one query of the store.
import type { Call } from '../kit/call.ts';
import { makeListLoader, makeLoader, mapBy, type Load, type LoadList } from '../kit/read/loader.ts';
import { readPage } from '../kit/read/page.ts';
import type {
  CampaignTotalsDocument,
  OrderDocument,
  OrderStatsDocument,
  OrderStatus,
  ProductDocument,
} from './model.ts';
import { ORDER_ORDERINGS, type OrdersStore } from './store.ts';

/** The part of a connection's arguments that its loader groups by. */
export interface PageKey {
  readonly first: number;
  readonly after: string | null;
}

/** The same for a customer's orders; the statuses in alphabetical order. */
export interface CustomerOrdersKey extends PageKey {
  readonly status: readonly OrderStatus[] | null;
}

/** What the resolvers of orders load through. */
export interface OrdersLoaders {
  readonly order: Load<OrderDocument>;
  readonly orderByNumber: Load<OrderDocument>;
  readonly ordersOfCustomer: LoadList<CustomerOrdersKey, OrderDocument[]>;
  readonly orderCountOfCustomer: LoadList<Pick<CustomerOrdersKey, 'status'>, number>;
  readonly ordersOfCampaign: LoadList<PageKey, OrderDocument[]>;
  readonly orderOfEngagement: Load<OrderDocument>;
  readonly product: Load<ProductDocument>;
  readonly productBySku: Load<ProductDocument>;
  /** By the customer's id. */
  readonly stats: Load<OrderStatsDocument>;
  /** By the campaign's id. */
  readonly totals: Load<CampaignTotalsDocument>;
}

/**
 * Gives the first page of the orders of each campaign. The campaigns' totals name their newest orders, so this is one
 * keyed read of totals (shared with the revenue) and one of orders, of just the rows that are shown. An aggregation over
 * the index cannot stop after a few rows of each campaign: for 10 campaigns of 6,000 orders each it took 550 ms on a real
 * engine, this takes 7 ms. An array of all orders would grow without bound; NEWEST_MAX ids are a full page.
 */
async function readNewest(
  store: OrdersStore,
  call: Call,
  { totals, first }: { totals: readonly CampaignTotalsDocument[]; first: number },
): Promise<Map<string, OrderDocument[]>> {
  const idsOf = ({ newest }: CampaignTotalsDocument): string[] =>
    newest.slice(0, first + 1).map(({ orderId }) => orderId);
  const ids = [...new Set(totals.flatMap(idsOf))];
  const orders = mapBy(ids.length === 0 ? [] : await store.findOrders(call, ids), ({ _id }) => _id);
  return new Map(totals.map((each) => [each.campaignId, idsOf(each).flatMap((id) => orders.get(id) ?? [])]));
}

/** Takes the store and the call; gives the loaders of this request. */
export function makeOrdersLoaders(store: OrdersStore, call: Call): OrdersLoaders {
  const totals = makeLoader(async (ids) => mapBy(await store.findTotals(call, ids), ({ campaignId }) => campaignId));
  return {
    order: makeLoader(async (ids) => mapBy(await store.findOrders(call, ids), ({ _id }) => _id)),
    orderByNumber: makeLoader(async (keys) => mapBy(await store.findByNumbers(call, keys), ({ number }) => number)),
    ordersOfCustomer: makeListLoader((ids, { status, ...key }) =>
      store.listByCustomer(call, ids, { status, page: readPage(key, ORDER_ORDERINGS.PLACED_AT_DESC) }),
    ),
    orderCountOfCustomer: makeListLoader((ids, { status }) => store.countByCustomer(call, ids, status)),
    ordersOfCampaign: makeListLoader(async (ids, key) => {
      const page = readPage(key, ORDER_ORDERINGS.PLACED_AT_DESC);
      if (page.hasCursor) return store.listByCampaign(call, ids, page);
      const found = (await Promise.all(ids.map(totals))).filter((each) => each !== undefined);
      return readNewest(store, call, { totals: found, first: page.first });
    }),
    orderOfEngagement: makeLoader((ids) => store.findByEngagements(call, ids)),
    product: makeLoader(async (ids) => mapBy(await store.findProducts(call, ids), ({ _id }) => _id)),
    productBySku: makeLoader(async (skus) => mapBy(await store.findBySkus(call, skus), ({ sku }) => sku)),
    stats: makeLoader(async (ids) => mapBy(await store.findStats(call, ids), ({ customerId }) => customerId)),
    totals,
  };
}
