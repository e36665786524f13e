// Mutation field → command → payload. The entity of a payload is loaded after the transaction, so it is what is stored.
import type { Load } from '../kit/loader.ts';
import type { ItemResult, VersionedId } from '../kit/writeBatch.ts';
import type { BatchArgs, OrdersCommands } from './commands.ts';
import type { MoveInput } from './moveOrders.ts';
import type { OrderInput } from './orderItem.ts';
import {
  cancelItem,
  fulfilmentItem,
  paymentItem,
  refundItem,
  returnItem,
  type CancelInput,
  type FulfilmentInput,
  type PaymentInput,
  type RefundInput,
  type ReturnInput,
} from './orderSteps.ts';
import type { ProductInput, ProductPatch } from './productItems.ts';
import type { OrdersContext } from './resolvers.ts';

/** Takes results, the payload's name for the entity and its loader; gives the payloads. */
function payloads<D>(results: readonly ItemResult[], name: string, load: Load<D>): Record<string, unknown>[] {
  return results.map(({ id, ...told }) => ({ ...told, [name]: () => (id === null ? null : load(id)) }));
}

/** Takes the commands; gives the resolvers of `Mutation`. */
export function makeOrdersMutations(commands: OrdersCommands): object {
  type Run<I> = (call: OrdersContext['call'], args: BatchArgs<I>) => Promise<ItemResult[]>;
  type Field<I> = (_: unknown, args: BatchArgs<I>, context: OrdersContext) => Promise<unknown>;

  const orders =
    <I>(run: Run<I>): Field<I> =>
    async (_, args, { call, loaders }) =>
      payloads(await run(call, args), 'order', loaders.order);
  const products =
    <I>(run: Run<I>): Field<I> =>
    async (_, args, { call, loaders }) =>
      payloads(await run(call, args), 'product', loaders.product);

  return {
    placeOrders: orders<OrderInput>((call, args) => commands.placeOrders(call, args)),
    payOrders: orders<PaymentInput>((call, args) => commands.stepOrders(call, 'payOrders', args, paymentItem)),
    cancelOrders: orders<CancelInput>((call, args) => commands.stepOrders(call, 'cancelOrders', args, cancelItem)),
    refundOrders: orders<RefundInput>((call, args) => commands.stepOrders(call, 'refundOrders', args, refundItem)),
    fulfilOrders: orders<FulfilmentInput>((call, args) =>
      commands.stepOrders(call, 'fulfilOrders', args, fulfilmentItem),
    ),
    returnOrders: orders<ReturnInput>((call, args) => commands.stepOrders(call, 'returnOrders', args, returnItem)),
    deleteOrders: orders<VersionedId>((call, args) => commands.deleteOrders(call, args, false)),
    restoreOrders: orders<VersionedId>((call, args) => commands.deleteOrders(call, args, true)),
    moveOrders: (_: unknown, args: BatchArgs<MoveInput>, { call }: OrdersContext) => commands.moveOrders(call, args),
    createProducts: products<ProductInput>((call, args) => commands.createProducts(call, args, false)),
    upsertProducts: products<ProductInput>((call, args) => commands.createProducts(call, args, true)),
    updateProducts: products<ProductPatch>((call, args) => commands.updateProducts(call, args)),
    deleteProducts: products<VersionedId>((call, args) => commands.deleteProducts(call, args, false)),
    restoreProducts: products<VersionedId>((call, args) => commands.deleteProducts(call, args, true)),
  };
}
