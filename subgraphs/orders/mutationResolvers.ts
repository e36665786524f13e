// Mutation field → command → payload. The entity of a payload is loaded after the transaction, so it is what is stored.
import { fieldsWith } from '../kit/write/mutationFields.ts';
import type { BatchArgs } from '../kit/write/batches.ts';
import type { VersionedId } from '../kit/write/writeBatch.ts';
import type { OrdersCommands } from './commands.ts';
import type { OrdersLoaders } from './loaders.ts';
import type { MoveInput } from './changes/moveOrders.ts';
import type { OrderInput } from './changes/orderItem.ts';
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
} from './changes/orderSteps.ts';
import type { ProductInput, ProductPatch } from './changes/productItems.ts';
import type { OrdersContext } from './resolvers.ts';

const orders = fieldsWith('order', ({ order }: OrdersLoaders) => order);
const products = fieldsWith('product', ({ product }: OrdersLoaders) => product);

/** Takes the commands; gives the resolvers of `Mutation`. */
export function makeOrdersMutations(commands: OrdersCommands): object {
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
