// Field → loader: no database here. What a field answers stands in schema.graphql, and nothing more is decided here.
import type { SubgraphContext } from '../kit/call.ts';
import { makeConnection, readOrdering, readPage, type Connection, type PageArgs } from '../kit/read/page.ts';
import { readId, readKeyText } from '../kit/read/readReference.ts';
import type { Resolvers } from '../kit/serve/startSubgraph.ts';
import { SafeInt } from '../kit/serve/scalars.ts';
import type { OrdersLoaders } from './loaders.ts';
import type {
  AttributionModel,
  CurrencyValue,
  OrderDocument,
  OrderLine,
  OrderStatsDocument,
  OrderStatus,
  ProductDocument,
} from './model.ts';
import { shippingZoneOf } from './rules/shippingZone.ts';
import { ORDER_ORDERINGS, PRODUCT_ORDERINGS, type Listing, type OrdersStore } from './store.ts';

/** What a resolver of orders gets as its context. */
export type OrdersContext = SubgraphContext<OrdersLoaders>;

interface OrdersArgs extends Listing, PageArgs {
  readonly orderBy?: readonly (keyof typeof ORDER_ORDERINGS)[] | null;
}
interface ProductsArgs extends Listing, PageArgs {
  readonly orderBy?: readonly (keyof typeof PRODUCT_ORDERINGS)[] | null;
}
interface CustomerOrdersArgs extends PageArgs {
  readonly status?: readonly OrderStatus[] | null;
}

/** An entity of another subgraph, as the gateway's reference names it. */
interface Foreign {
  readonly id: string;
  /** What `@requires` brings along: anything. */
  readonly defaultAddress?: unknown;
}

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

const id = ({ _id }: { _id: string }): string => _id;

/** The currency of an amount that nothing stands behind. */
const NOTHING: Money = { amountMinor: 0, currency: 'EUR' };

function firstValue(values: readonly CurrencyValue[] | undefined): Money {
  return values?.[0] ?? NOTHING;
}

/** Gives the elements of an order's list, each with its amount as money. */
function inMoney<E extends { amountMinor: number }>(
  elements: readonly E[],
  currency: string,
): (E & { amount: Money })[] {
  return elements.map((element) => ({ ...element, amount: { amountMinor: element.amountMinor, currency } }));
}

const Order = {
  id,
  __resolveReference(reference: Record<string, unknown>, { loaders }: OrdersContext) {
    if (reference['id'] !== undefined) return loaders.order(readId('ord', reference['id']));
    return loaders.orderByNumber(readKeyText('number', reference['number']));
  },
  total: ({ totalMinor, currency }: OrderDocument): Money => ({ amountMinor: totalMinor, currency }),
  /** From the order itself: a list of orders with names asks nobody else (`@provides`). */
  customer: ({ customerId, customerDisplayName }: OrderDocument) => ({
    id: customerId,
    displayName: customerDisplayName,
  }),
  lines: ({ lines, currency }: OrderDocument) =>
    lines.map((line) => ({ ...line, price: { amountMinor: line.priceMinor, currency } })),
  payments: ({ payments, currency }: OrderDocument) => inMoney(payments, currency),
  refunds: ({ refunds, currency }: OrderDocument) => inMoney(refunds, currency),
};

const Product = {
  id,
  __resolveReference(reference: Record<string, unknown>, { loaders }: OrdersContext) {
    if (reference['id'] !== undefined) return loaders.product(readId('prd', reference['id']));
    return loaders.productBySku(readKeyText('sku', reference['sku']));
  },
  price: ({ priceMinor, currency }: ProductDocument): Money => ({ amountMinor: priceMinor, currency }),
};

const Customer = {
  __resolveReference: (reference: Record<string, unknown>): Foreign => ({
    id: readId('cus', reference['id']),
    defaultAddress: reference['defaultAddress'],
  }),
  async orders(customer: Foreign, args: CustomerOrdersArgs, { loaders }: OrdersContext) {
    const page = readPage(args, ORDER_ORDERINGS.PLACED_AT_DESC);
    const status = args.status == null ? null : [...new Set(args.status)].sort();
    const key = { first: page.first, after: args.after ?? null, status };
    const rows = await loaders.ordersOfCustomer(customer.id, key);
    return makeConnection(
      page,
      rows ?? [],
      async () => (await loaders.orderCountOfCustomer(customer.id, { status })) ?? 0,
    );
  },
  async orderStats(customer: Foreign, _: unknown, { loaders }: OrdersContext) {
    const stats: Partial<OrderStatsDocument> = (await loaders.stats(customer.id)) ?? {};
    const { orderCount = 0, firstOrderAt = null, lastOrderAt = null, values = [] } = stats;
    return { orderCount, firstOrderAt, lastOrderAt, lifetimeValue: firstValue(values), valueByCurrency: values };
  },
  shippingZone: ({ defaultAddress }: Foreign): string | null => shippingZoneOf(defaultAddress),
};

const Campaign = {
  __resolveReference: (reference: Record<string, unknown>): Foreign => ({ id: readId('cmp', reference['id']) }),
  async attributedOrders(campaign: Foreign, args: PageArgs, { loaders }: OrdersContext) {
    const page = readPage(args, ORDER_ORDERINGS.PLACED_AT_DESC);
    const rows = await loaders.ordersOfCampaign(campaign.id, { first: page.first, after: args.after ?? null });
    return makeConnection(page, rows ?? [], async () => (await loaders.totals(campaign.id))?.orderCount ?? 0);
  },
  async attributedRevenue(
    campaign: Foreign,
    { model }: { model?: AttributionModel | null },
    { loaders }: OrdersContext,
  ): Promise<Money> {
    const credits = (await loaders.totals(campaign.id))?.credits;
    return firstValue(credits?.filter((credit) => credit.model === (model ?? 'LAST_TOUCH')));
  },
};

const Engagement = {
  __resolveReference: (reference: Record<string, unknown>): Foreign => ({ id: readId('eng', reference['id']) }),
  attributedOrder: (engagement: Foreign, _: unknown, { loaders }: OrdersContext) =>
    loaders.orderOfEngagement(engagement.id),
};

/** Takes the store, which lists are read from, directly since no list stands under another; gives the resolvers. */
export function makeOrdersResolvers(store: OrdersStore): Resolvers {
  const Query = {
    order: (_: unknown, args: { id: string }, { loaders }: OrdersContext) => loaders.order(readId('ord', args.id)),
    orderByNumber: (_: unknown, args: { number: string }, { loaders }: OrdersContext) =>
      loaders.orderByNumber(readKeyText('number', args.number)),
    async orders(_: unknown, args: OrdersArgs, { call }: OrdersContext): Promise<Connection<OrderDocument>> {
      const page = readPage(args, readOrdering(args.orderBy, ORDER_ORDERINGS, 'PLACED_AT_DESC'));
      return makeConnection(page, await store.listOrders(call, args, page), () => store.countOrders(call, args));
    },
    product: (_: unknown, args: { sku: string }, { loaders }: OrdersContext) =>
      loaders.productBySku(readKeyText('sku', args.sku)),
    async products(_: unknown, args: ProductsArgs, { call }: OrdersContext): Promise<Connection<ProductDocument>> {
      const page = readPage(args, readOrdering(args.orderBy, PRODUCT_ORDERINGS, 'SKU_ASC'));
      return makeConnection(page, await store.listProducts(call, args, page), () => store.countProducts(call, args));
    },
  };
  const OrderLine = {
    product: ({ sku }: OrderLine, _: unknown, { loaders }: OrdersContext) => loaders.productBySku(sku),
  };
  return { SafeInt, Query, Order, OrderLine, Product, Customer, Campaign, Engagement };
}
