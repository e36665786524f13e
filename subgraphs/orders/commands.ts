// The mutations of orders: check, change, answer for each item. All of a batch runs in one transaction with the record
// of its idempotency key, and with what the changed orders come to for their customers and campaigns.
import { Batches, writeItems, type BatchArgs, type WriteBase } from '../kit/write/batches.ts';
import type { Call, WriteCall } from '../kit/call.ts';
import { bounded } from '../kit/read/mongo.ts';
import { inList } from '../kit/read/operators.ts';
import {
  softDeleteItems,
  writeBatch,
  type EntityKind,
  type Item,
  type ItemResult,
  type VersionedId,
} from '../kit/write/writeBatch.ts';
import { orderEvent, productEvent } from './events.ts';
import type { OrderDocument, OrdersModels, ProductDocument } from './model.ts';
import { moveOrders, type MoveInput, type MoveResult } from './changes/moveOrders.ts';
import { orderItem, type OrderInput } from './changes/orderItem.ts';
import { productItem, productPatchItem, type ProductInput, type ProductPatch } from './changes/productItems.ts';
import { writeRollups, type OrderChange } from './changes/writeRollups.ts';

/** Wraps items so that the documents they meet first are noted: those are as they were before the batch. */
function notingBefore(
  items: readonly Item<OrderDocument>[],
  before: Map<unknown, OrderDocument | undefined>,
): Item<OrderDocument>[] {
  return items.map((item) => ({
    ...item,
    decide(stored, newId) {
      if (!before.has(item.key)) before.set(item.key, stored);
      return item.decide(stored, newId);
    },
  }));
}

/** The writes of the orders subgraph. Every method gives one result an item, in the items' order. */
export class OrdersCommands {
  readonly #batches: Batches;
  readonly #models: OrdersModels;
  readonly #orders: EntityKind<OrderDocument>;
  readonly #ordersById: EntityKind<OrderDocument>;
  readonly #products: EntityKind<ProductDocument>;
  readonly #productsById: EntityKind<ProductDocument>;

  constructor(base: WriteBase, models: OrdersModels) {
    this.#batches = new Batches(base);
    this.#models = models;
    this.#orders = {
      ...{ model: models.orders, prefix: 'ord', keyField: 'externalKey', index: 'externalKey' },
      eventOf: orderEvent,
    };
    this.#ordersById = { ...this.#orders, keyField: '_id', index: '_id_' };
    this.#products = {
      ...{ model: models.products, prefix: 'prd', keyField: 'sku', index: 'sku' },
      eventOf: productEvent,
    };
    this.#productsById = { ...this.#products, keyField: '_id', index: '_id_' };
  }

  /** Places orders; a known (source, externalId) is UNCHANGED. */
  placeOrders(call: Call, args: BatchArgs<OrderInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'placeOrders', args, async (write) => {
      const names = await this.#readProductNames(write, args.input);
      const items = args.input.map((input, at) => orderItem(input, at, names));
      return this.#writeOrders(this.#orders, write, items);
    });
  }

  /** Takes a step in the life of orders; `itemOf` makes the item of one input. */
  stepOrders<I>(
    call: Call,
    mutation: string,
    args: BatchArgs<I>,
    itemOf: (input: I, now: Date) => Item<OrderDocument>,
  ): Promise<ItemResult[]> {
    return this.#batches.run(call, mutation, args, (write) => {
      const items = args.input.map((input) => itemOf(input, write.now));
      return this.#writeOrders(this.#ordersById, write, items);
    });
  }

  /** Deletes orders softly, or brings them back. */
  deleteOrders(call: Call, args: BatchArgs<VersionedId>, isRestore: boolean): Promise<ItemResult[]> {
    return this.#batches.run(call, isRestore ? 'restoreOrders' : 'deleteOrders', args, (write) =>
      this.#writeOrders(
        this.#ordersById,
        write,
        softDeleteItems(this.#ordersById, args.input, isRestore ? null : write.now),
      ),
    );
  }

  /** Makes the orders of merged duplicates those of the customers they were merged into. */
  moveOrders(call: Call, args: BatchArgs<MoveInput>): Promise<MoveResult[]> {
    return this.#batches.run(call, 'moveOrders', args, (write) => moveOrders(this.#models, write, args.input));
  }

  /** Creates products, or creates and updates them by sku. */
  createProducts(call: Call, args: BatchArgs<ProductInput>, isUpsert: boolean): Promise<ItemResult[]> {
    return this.#batches.run(call, isUpsert ? 'upsertProducts' : 'createProducts', args, async (write) => {
      const items = args.input.map((input) => productItem(input, isUpsert));
      return writeItems(this.#products, write, items);
    });
  }

  /** Changes products by id and version. */
  updateProducts(call: Call, args: BatchArgs<ProductPatch>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'updateProducts', args, async (write) =>
      writeItems(this.#productsById, write, args.input.map(productPatchItem)),
    );
  }

  /** Deletes products softly, or brings them back. */
  deleteProducts(call: Call, args: BatchArgs<VersionedId>, isRestore: boolean): Promise<ItemResult[]> {
    return this.#batches.softDelete(call, this.#productsById, { entities: 'Products', isRestore }, args);
  }

  async #readProductNames(write: WriteCall, input: readonly OrderInput[]): Promise<Map<string, string>> {
    const skus = [...new Set(input.flatMap(({ lines }) => lines.map(({ sku }) => sku)))];
    const { tenantId, session } = write;
    const options = { ...bounded(write, 'sku', skus.length + 1), session };
    const products = await this.#models.products.find({ tenantId, sku: inList(skus) }, { sku: 1, name: 1 }, options);
    return new Map(products.map(({ sku, name }) => [sku, name]));
  }

  async #writeOrders(
    kind: EntityKind<OrderDocument>,
    write: WriteCall,
    items: readonly Item<OrderDocument>[],
  ): Promise<ItemResult[]> {
    const before = new Map<unknown, OrderDocument | undefined>();
    const { results, stored } = await writeBatch(kind, write, notingBefore(items, before));
    const changes = [...before].flatMap(([key, was]): OrderChange[] => {
      const after = stored.get(key);
      return after === undefined || after === was ? [] : [{ before: was, after }];
    });
    await writeRollups(this.#models, write, changes);
    return results;
  }
}
