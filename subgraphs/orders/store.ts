// Every read of orders' collections, each with the index it uses. Writes are in commands.ts, inside transactions.
import type { Call } from '../kit/call.ts';
import { dateField, enumField, fold, idField, readFilter, textField, asksFor } from '../kit/read/filter.ts';
import { boundedAggregation } from '../kit/read/mongo.ts';
import { inList, type Condition } from '../kit/read/operators.ts';
import { sortOf, type Ordering, type PageRequest } from '../kit/read/page.ts';
import {
  countRows,
  countRowsPerParent,
  readByKeys,
  readRows,
  readRowsPerParent,
  unlessDeleted,
  type Selection,
} from '../kit/read/readPages.ts';
import type {
  CampaignTotalsDocument,
  OrderDocument,
  OrdersModels,
  OrderStatsDocument,
  OrderStatus,
  ProductDocument,
} from './model.ts';

/** The orders that orders can be listed in. */
export const ORDER_ORDERINGS = {
  PLACED_AT_ASC: { name: 'p+', field: 'placedAt', direction: 1, kind: 'date', index: 'byPlacedAt' },
  PLACED_AT_DESC: { name: 'p-', field: 'placedAt', direction: -1, kind: 'date', index: 'byPlacedAt' },
} as const satisfies Record<string, Ordering>;

/** The orders that products can be listed in. */
export const PRODUCT_ORDERINGS = {
  SKU_ASC: { name: 's+', field: 'sku', direction: 1, kind: 'text', index: 'bySku' },
  NAME_ASC: { name: 'n+', field: 'nameFolded', direction: 1, kind: 'text', index: 'byName' },
} as const satisfies Record<string, Ordering>;

/** One status is an equality, so that its index gives the order of the page too. */
function readStatus(value: unknown): Condition {
  const statuses = value as readonly OrderStatus[];
  return statuses.length === 1 ? { status: statuses[0] } : enumField('status')(statuses);
}

const ORDER_FIELDS = {
  status: readStatus,
  customerId: idField('customerId', 'cus'),
  placedAt: dateField('placedAt'),
};

const PRODUCT_FIELDS = { name: textField('nameFolded', fold), sku: textField('sku') };

/** What a client lists: a filter as it came in, and whether deleted ones are wanted. */
export interface Listing {
  readonly filter?: object | null;
  readonly includeDeleted?: boolean | null;
}

function selectOrders({ filter, includeDeleted }: Listing): Selection {
  const conditions = [...unlessDeleted(includeDeleted), readFilter(filter, ORDER_FIELDS)];
  const { customerId, status } = (filter ?? {}) as { customerId?: object | null; status?: readonly OrderStatus[] };
  if (asksFor(customerId, 'eq') || asksFor(customerId, 'in')) return { conditions, index: 'byCustomer' };
  return { conditions, index: status?.length === 1 ? 'byStatus' : 'byPlacedAt' };
}

function selectProducts({ filter, includeDeleted }: Listing, orderingIndex: string): Selection {
  const conditions = [...unlessDeleted(includeDeleted), readFilter(filter, PRODUCT_FIELDS)];
  if (asksFor(filter, 'sku')) return { conditions, index: 'bySku' };
  return { conditions, index: asksFor(filter, 'name') ? 'byName' : orderingIndex };
}

function byCustomer(status: readonly OrderStatus[] | null): {
  parentField: string;
  conditions: Condition[];
  index: string;
} {
  const conditions = [...unlessDeleted(false), ...(status === null ? [] : [readStatus(status)])];
  return { parentField: 'customerId', conditions, index: 'byCustomer' };
}

/** The reads of the orders subgraph. Every method costs one database query. */
export class OrdersStore {
  readonly #models: OrdersModels;

  constructor(models: OrdersModels) {
    this.#models = models;
  }

  /** Gives orders by their ids, deleted ones too. */
  findOrders(call: Call, ids: readonly string[]): Promise<OrderDocument[]> {
    return readByKeys(this.#models.orders, call, { field: '_id', keys: ids, index: '_id_' });
  }

  /** Gives orders by their numbers, deleted ones too. */
  findByNumbers(call: Call, numbers: readonly string[]): Promise<OrderDocument[]> {
    return readByKeys(this.#models.orders, call, { field: 'number', keys: numbers, index: 'number' });
  }

  /** Gives a page of orders. */
  listOrders(call: Call, listing: Listing, page: PageRequest): Promise<OrderDocument[]> {
    return readRows(this.#models.orders, call, selectOrders(listing), page);
  }

  /** Counts the orders of a listing. */
  countOrders(call: Call, listing: Listing): Promise<number> {
    return countRows(this.#models.orders, call, selectOrders(listing));
  }

  /** Gives a page of the orders of each customer, those of some statuses or all. */
  listByCustomer(
    call: Call,
    parentIds: readonly string[],
    { status, page }: { status: readonly OrderStatus[] | null; page: PageRequest },
  ): Promise<Map<string, OrderDocument[]>> {
    return readRowsPerParent(this.#models.orders, call, { ...byCustomer(status), parentIds, page });
  }

  /** Counts the orders of each customer. */
  countByCustomer(
    call: Call,
    parentIds: readonly string[],
    status: readonly OrderStatus[] | null,
  ): Promise<Map<string, number>> {
    return countRowsPerParent(this.#models.orders, call, { ...byCustomer(status), parentIds });
  }

  /**
   * Gives a page of the orders of each campaign behind a cursor. For one campaign the index gives the rows in order.
   * For several it reads all that lie behind the cursor: no client has use for one cursor in many campaigns, and the
   * first page, which is asked for under lists, comes from the campaigns' totals instead.
   */
  async listByCampaign(
    call: Call,
    parentIds: readonly string[],
    page: PageRequest,
  ): Promise<Map<string, OrderDocument[]>> {
    const [only, ...others] = parentIds;
    if (only !== undefined && others.length === 0) {
      const selection = { conditions: [{ campaignIds: only }, ...unlessDeleted(false)], index: 'byCampaign' };
      return new Map([[only, await readRows(this.#models.orders, call, selection, page)]]);
    }
    const ofCampaigns = { campaignIds: inList(parentIds) };
    const groups = await this.#models.orders.aggregate<{ _id: string; rows: OrderDocument[] }>(
      [
        { $match: { $and: [{ tenantId: call.tenantId }, ofCampaigns, ...unlessDeleted(false), page.after] } },
        { $unwind: '$campaignIds' },
        { $match: ofCampaigns },
        { $sort: { campaignIds: 1, ...sortOf(page.ordering) } },
        { $group: { _id: '$campaignIds', rows: { $firstN: { n: page.first + 1, input: '$$ROOT' } } } },
        { $limit: parentIds.length },
      ],
      boundedAggregation(call, 'byCampaign'),
    );
    return new Map(groups.map(({ _id, rows }) => [_id, rows]));
  }

  /** Gives the first order that each engagement led to. */
  async findByEngagements(call: Call, engagementIds: readonly string[]): Promise<Map<string, OrderDocument>> {
    const ofEngagements = { engagementIds: inList(engagementIds) };
    const groups = await this.#models.orders.aggregate<{ _id: string; order: OrderDocument }>(
      [
        { $match: { $and: [{ tenantId: call.tenantId }, ofEngagements, ...unlessDeleted(false)] } },
        { $unwind: '$engagementIds' },
        { $match: ofEngagements },
        { $sort: { placedAt: 1, _id: 1 } },
        { $group: { _id: '$engagementIds', order: { $first: '$$ROOT' } } },
        { $limit: engagementIds.length },
      ],
      boundedAggregation(call, 'byEngagement'),
    );
    return new Map(groups.map(({ _id, order }) => [_id, order]));
  }

  /** Gives products by their ids, deleted ones too. */
  findProducts(call: Call, ids: readonly string[]): Promise<ProductDocument[]> {
    return readByKeys(this.#models.products, call, { field: '_id', keys: ids, index: '_id_' });
  }

  /** Gives products by their skus, deleted ones too. */
  findBySkus(call: Call, skus: readonly string[]): Promise<ProductDocument[]> {
    return readByKeys(this.#models.products, call, { field: 'sku', keys: skus, index: 'sku' });
  }

  /** Gives a page of products. */
  listProducts(call: Call, listing: Listing, page: PageRequest): Promise<ProductDocument[]> {
    return readRows(this.#models.products, call, selectProducts(listing, page.ordering.index), page);
  }

  /** Counts the products of a listing. */
  countProducts(call: Call, listing: Listing): Promise<number> {
    return countRows(this.#models.products, call, selectProducts(listing, 'bySku'));
  }

  /** Gives the statistics of customers; those who never ordered have none. */
  findStats(call: Call, customerIds: readonly string[]): Promise<OrderStatsDocument[]> {
    const keys = customerIds.map((customerId) => `${call.tenantId}:${customerId}`);
    return readByKeys(this.#models.stats, call, { field: '_id', keys, index: '_id_' });
  }

  /** Gives the totals of campaigns; those that no order has a touch of have none. */
  findTotals(call: Call, campaignIds: readonly string[]): Promise<CampaignTotalsDocument[]> {
    const keys = campaignIds.map((campaignId) => `${call.tenantId}:${campaignId}`);
    return readByKeys(this.#models.totals, call, { field: '_id', keys, index: '_id_' });
  }
}
