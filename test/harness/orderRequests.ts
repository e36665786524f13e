// What the tests of orders send and expect: inputs, mutations by name, results.
import type { OrdersModels } from '../../subgraphs/orders/model.ts';
import type { TestSubgraph } from './subgraphClient.ts';

/** An order as a mutation answers it. */
export interface OrderAnswer {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly version: number;
  readonly deletedAt: string | null;
}

/** What became of one item. */
export interface OrderResult {
  readonly code: string;
  readonly message: string | null;
  readonly currentVersion: number | null;
  /** Null in truth when there is none; a test that expects none says so. */
  readonly order: OrderAnswer;
}

const RESULT = `{ code message currentVersion order { id number status version total { amountMinor currency }
  externalRef { source id } customer { id displayName }
  lines { sku name quantity price { amountMinor currency } product { name } }
  payments { id amount { amountMinor } method } refunds { id amount { amountMinor } reason }
  fulfilments { id lines { sku quantity } carrier trackingCode } returns { id reason } deletedAt } }`;

const INPUT_TYPES = {
  placeOrders: 'OrderInput',
  payOrders: 'PaymentInput',
  cancelOrders: 'CancelInput',
  refundOrders: 'RefundInput',
  fulfilOrders: 'FulfilmentInput',
  returnOrders: 'ReturnInput',
  deleteOrders: 'VersionedId',
  restoreOrders: 'VersionedId',
} as const;

/** When everything is paid and touched. */
export const PAID_AT = '2026-02-01T10:00:00.000Z';

/** Gives an amount of euros. */
export function euros(amountMinor: number): { amountMinor: number; currency: string } {
  return { amountMinor, currency: 'EUR' };
}

/** Gives the id of a customer with a name of its own. */
export function customerId(name: string): string {
  return `cus_${name.padEnd(8, '0')}`;
}

/** Gives an order of 30.00 euros, with what is given instead. */
export function orderInput(fields: object = {}): object {
  return {
    customerId: customerId('ada'),
    customerDisplayName: 'Ada Lovelace',
    placedAt: '2026-01-10T08:00:00.000Z',
    currency: 'EUR',
    lines: [
      { sku: 'tea', quantity: 2, priceMinor: 500 },
      { sku: 'pot', quantity: 1, priceMinor: 2_000 },
    ],
    ...fields,
  };
}

/** Names an order and its version for a mutation. */
export function naming({ id, version }: OrderAnswer): { orderId: string; version: number } {
  return { orderId: id, version };
}

/** The mutations of orders, each with a fresh idempotency key. */
export class OrderRequests {
  readonly #subgraph: TestSubgraph<OrdersModels>;
  #keyCount = 0;

  constructor(subgraph: TestSubgraph<OrdersModels>) {
    this.#subgraph = subgraph;
  }

  nextKey(): string {
    this.#keyCount += 1;
    return `key-${this.#keyCount}`;
  }

  async change(
    mutation: keyof typeof INPUT_TYPES,
    input: readonly object[],
    key = this.nextKey(),
  ): Promise<OrderResult[]> {
    const query = `mutation ($input: [${INPUT_TYPES[mutation]}!]!, $key: ID!) {
      results: ${mutation}(input: $input, idempotencyKey: $key) ${RESULT} }`;
    const { data, errors } = await this.#subgraph.send<{ results: OrderResult[] }>(query, { input, key });
    expect(errors).toEqual([]);
    return data.results;
  }

  async changeOne(mutation: keyof typeof INPUT_TYPES, input: object): Promise<OrderResult> {
    const [result] = await this.change(mutation, [input]);
    if (result === undefined) throw new Error('a batch of one has one result');
    return result;
  }

  async place(fields: object = {}): Promise<OrderAnswer> {
    return (await this.changeOne('placeOrders', orderInput(fields))).order;
  }

  pay(order: OrderAnswer, amountMinor: number): Promise<OrderResult> {
    const payment = { amount: euros(amountMinor), method: 'CARD', paidAt: PAID_AT };
    return this.changeOne('payOrders', { ...naming(order), ...payment });
  }
}
