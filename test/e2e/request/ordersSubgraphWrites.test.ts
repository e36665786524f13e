// The mutations of orders over HTTP: every code, one effect for an idempotency key, and totals that stay in step.
import { ordersModels, type OrdersModels } from '../../../subgraphs/orders/model.ts';
import { statsOf } from '../../../subgraphs/orders/rollups.ts';
import { startTestSubgraph, type TestSubgraph } from '../../harness/subgraphClient.ts';

interface Result {
  code: string;
  message: string | null;
  currentVersion: number | null;
  order: Record<string, unknown> & { id: string; number: string; status: string; version: number };
}

const ORDER_FIELDS = `id number status version total { amountMinor currency } externalRef { source id }
  customer { id displayName } lines { sku name quantity price { amountMinor currency } product { name } }
  payments { id amount { amountMinor } method } refunds { id amount { amountMinor } reason }
  fulfilments { id lines { sku quantity } carrier trackingCode } returns { id reason } deletedAt`;
const RESULT = `{ code message currentVersion order { ${ORDER_FIELDS} } }`;
const INPUT_TYPES: Record<string, string> = {
  placeOrders: 'OrderInput',
  payOrders: 'PaymentInput',
  cancelOrders: 'CancelInput',
  refundOrders: 'RefundInput',
  fulfilOrders: 'FulfilmentInput',
  returnOrders: 'ReturnInput',
  deleteOrders: 'VersionedId',
  restoreOrders: 'VersionedId',
};
const PAID_AT = '2026-02-01T10:00:00.000Z';
const EUR = (amountMinor: number): object => ({ amountMinor, currency: 'EUR' });

let subgraph: TestSubgraph<OrdersModels>;
let keyCount = 0;

function nextKey(): string {
  keyCount += 1;
  return `key-${keyCount}`;
}

function customerId(name: string): string {
  return `cus_${name.padEnd(8, '0')}`;
}

function orderInput(fields: object = {}): object {
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

async function change(mutation: string, input: object[], idempotencyKey = nextKey()): Promise<Result[]> {
  const query = `mutation ($input: [${INPUT_TYPES[mutation] ?? ''}!]!, $key: ID!) {
    results: ${mutation}(input: $input, idempotencyKey: $key) ${RESULT} }`;
  const { data, errors } = await subgraph.send<{ results: Result[] }>(query, { input, key: idempotencyKey });
  expect(errors).toEqual([]);
  return data.results;
}

async function changeOne(mutation: string, input: object): Promise<Result> {
  const [result] = await change(mutation, [input]);
  if (result === undefined) throw new Error('no result');
  return result;
}

async function place(fields: object = {}): Promise<Result['order']> {
  return (await changeOne('placeOrders', orderInput(fields))).order;
}

/** Names an order and its version for a mutation. */
function naming({ id, version }: Result['order']): { orderId: string; version: number } {
  return { orderId: id, version };
}

async function pay(order: Result['order'], amountMinor: number): Promise<Result> {
  return changeOne('payOrders', { ...naming(order), amount: EUR(amountMinor), method: 'CARD', paidAt: PAID_AT });
}

beforeAll(async () => {
  subgraph = await startTestSubgraph('orders', ordersModels);
});
afterAll(async () => {
  await subgraph.stop();
});

describe('placeOrders', () => {
  it('answers CREATED with number, total and the names that the products have', async () => {
    const query = `mutation ($input: [ProductInput!]!) { createProducts(input: $input, idempotencyKey: "tea") { code } }`;
    await subgraph.send(query, { input: [{ sku: 'tea', name: 'Green tea', price: EUR(600) }] });
    const result = await changeOne('placeOrders', orderInput());
    expect(result).toMatchObject({ code: 'CREATED', currentVersion: 1, message: null });
    expect(result.order).toMatchObject({
      status: 'PLACED',
      total: { amountMinor: 3_000, currency: 'EUR' },
      externalRef: { source: 'crm', id: result.order.id },
      customer: { id: customerId('ada'), displayName: 'Ada Lovelace' },
      lines: [
        { sku: 'tea', name: 'Green tea', price: { amountMinor: 500, currency: 'EUR' }, product: { name: 'Green tea' } },
        { sku: 'pot', name: 'pot', product: null },
      ],
    });
    expect(result.order.number).toMatch(/^2026-[0-9a-z]{10}$/);
  });

  it('answers UNCHANGED and the placed order for a known reference, in one batch too', async () => {
    const input = orderInput({ source: 'shop', externalId: '77' });
    const [first, second] = await change('placeOrders', [input, { ...input, currency: 'USD' }]);
    const again = await changeOne('placeOrders', input);
    expect([first?.code, second?.code, again.code]).toEqual(['CREATED', 'UNCHANGED', 'UNCHANGED']);
    expect([second?.order.id, again.order.id]).toEqual([first?.order.id, first?.order.id]);
  });

  it.each([
    ['a customer that is none', { customerId: 'ord_12345678' }],
    ['no name', { customerDisplayName: ' ' }],
    ['a currency in small letters', { currency: 'eur' }],
    ['a time before 1970', { placedAt: '1969-12-31T00:00:00.000Z' }],
    ['no lines', { lines: [] }],
    ['a quantity of 0', { lines: [{ sku: 'tea', quantity: 0, priceMinor: 1 }] }],
    ['a price below 0', { lines: [{ sku: 'tea', quantity: 1, priceMinor: -1 }] }],
    ['a total over the limit', { lines: [{ sku: 'tea', quantity: 10_000, priceMinor: 1e13 }] }],
    ['half a reference', { source: 'shop' }],
    ['a touch of no campaign', { touches: [{ campaignId: 'cus_12345678', touchedAt: PAID_AT }] }],
  ])('answers INVALID for %s and places the others', async (_, fields) => {
    const results = await change('placeOrders', [orderInput(fields), orderInput()]);
    expect(results.map(({ code, order }) => [code, order === null])).toEqual([
      ['INVALID', true],
      ['CREATED', false],
    ]);
  });

  it('has one effect for one idempotency key and refuses it for another input', async () => {
    const input = [orderInput({ customerId: customerId('once') })];
    const first = await change('placeOrders', input, 'the-key');
    const second = await change('placeOrders', input, 'the-key');
    expect(second).toEqual(first);
    expect(await subgraph.models.orders.countDocuments({ customerId: customerId('once') })).toBe(1);
    const other = await subgraph.send<null>(
      `mutation ($input: [OrderInput!]!) { placeOrders(input: $input, idempotencyKey: "the-key") { code } }`,
      { input: [orderInput()] },
    );
    expect(other.errors[0]?.extensions.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('places one order when two requests bring it at once', async () => {
    const input = orderInput({ source: 'shop', externalId: 'at-once', customerId: customerId('twice') });
    const results = await Promise.all(Array.from({ length: 4 }, () => changeOne('placeOrders', input)));
    expect(results.map(({ code }) => code).sort()).toEqual(['CREATED', 'UNCHANGED', 'UNCHANGED', 'UNCHANGED']);
    expect(new Set(results.map(({ order }) => order.id)).size).toBe(1);
  });

  it('refuses an empty batch and one of 101 items', async () => {
    const query = `mutation ($input: [OrderInput!]!, $key: ID!) { placeOrders(input: $input, idempotencyKey: $key) { code } }`;
    for (const length of [0, 101]) {
      const input = Array.from({ length }, () => orderInput());
      const { errors } = await subgraph.send(query, { input, key: nextKey() });
      expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('the life of an order', () => {
  it('goes from PLACED over PAID and SHIPPED to RETURNED in parts', async () => {
    const placed = await place();
    const half = await pay(placed, 1_000);
    expect(half).toMatchObject({ code: 'UPDATED', order: { status: 'PLACED', version: 2 } });
    const paid = await pay(half.order, 2_000);
    expect(paid.order.status).toBe('PAID');
    const tea = { sku: 'tea', quantity: 2 };
    const pot = { sku: 'pot', quantity: 1 };
    const sent = await changeOne('fulfilOrders', {
      ...naming(paid.order),
      lines: [tea],
      carrier: 'DHL',
      trackingCode: 'T1',
    });
    expect(sent.order).toMatchObject({
      status: 'PAID',
      fulfilments: [{ lines: [tea], carrier: 'DHL', trackingCode: 'T1' }],
    });
    const shipped = await changeOne('fulfilOrders', { ...naming(sent.order), lines: [pot] });
    expect(shipped.order.status).toBe('SHIPPED');
    const back = await changeOne('returnOrders', { ...naming(shipped.order), lines: [pot], reason: 'broken' });
    expect(back.order).toMatchObject({ status: 'SHIPPED', returns: [{ reason: 'broken' }] });
    const returned = await changeOne('returnOrders', { ...naming(back.order), lines: [tea] });
    expect(returned.order).toMatchObject({ status: 'RETURNED', version: 7 });
  });

  it('refuses a wrong step with a sentence that names both ends', async () => {
    const order = await place();
    const lines = [{ sku: 'tea', quantity: 1 }];
    const sent = await changeOne('fulfilOrders', { ...naming(order), lines });
    expect(sent).toMatchObject({ code: 'INVALID', currentVersion: 1 });
    expect(sent.message).toBe('An order that is PLACED cannot become SHIPPED: it has to be PAID.');
    expect((await changeOne('returnOrders', { ...naming(order), lines })).code).toBe('INVALID');
    const cancelled = await changeOne('cancelOrders', { ...naming(order), reason: 'too late' });
    expect(cancelled.order.status).toBe('CANCELLED');
    expect((await pay(cancelled.order, 3_000)).message).toContain('CANCELLED cannot become PAID');
    expect((await changeOne('cancelOrders', naming(cancelled.order))).code).toBe('INVALID');
  });

  it('refuses to pay too much, in another currency, or nothing', async () => {
    const order = await place();
    const wrong = [EUR(3_001), EUR(0), EUR(-1), { amountMinor: 3_000, currency: 'USD' }];
    const input = wrong.map((amount) => ({ ...naming(order), amount, method: 'CASH', paidAt: PAID_AT }));
    expect((await change('payOrders', input)).map(({ code }) => code)).toEqual(wrong.map(() => 'INVALID'));
  });

  it('gives back no more than was paid, after a cancellation too', async () => {
    const paid = (await pay(await place(), 3_000)).order;
    const refund = (order: Result['order'], amountMinor: number): Promise<Result> =>
      changeOne('refundOrders', { ...naming(order), amount: EUR(amountMinor), reason: 'kindness' });
    const first = await refund(paid, 1_000);
    expect(first.order).toMatchObject({ status: 'PAID', refunds: [{ amount: { amountMinor: 1_000 } }] });
    expect((await refund(first.order, 2_001)).code).toBe('INVALID');
    const cancelled = await changeOne('cancelOrders', naming(first.order));
    const rest = await refund(cancelled.order, 2_000);
    expect(rest).toMatchObject({ code: 'UPDATED', order: { status: 'CANCELLED' } });
    expect((await refund(rest.order, 1)).code).toBe('INVALID');
  });

  it('sends no more than was ordered and takes back no more than was sent', async () => {
    const paid = (await pay(await place(), 3_000)).order;
    const tooMany = {
      ...naming(paid),
      lines: [
        { sku: 'tea', quantity: 1 },
        { sku: 'tea', quantity: 2 },
      ],
    };
    expect((await changeOne('fulfilOrders', tooMany)).message).toBe('Of tea there are 2, not 3.');
    expect((await changeOne('fulfilOrders', { ...naming(paid), lines: [{ sku: 'cup', quantity: 1 }] })).code).toBe(
      'INVALID',
    );
    const sent = await changeOne('fulfilOrders', { ...naming(paid), lines: [{ sku: 'tea', quantity: 1 }] });
    const back = { ...naming(sent.order), lines: [{ sku: 'tea', quantity: 2 }] };
    expect((await changeOne('returnOrders', back)).message).toBe('Of tea there are 1, not 2.');
    expect((await changeOne('cancelOrders', naming(sent.order))).code).toBe('INVALID');
  });

  it('answers CONFLICT for another version, NOT_FOUND and INVALID for ids that are none', async () => {
    const order = await place();
    const input = [
      { orderId: order.id, version: 9 },
      { orderId: 'ord_unknown0', version: 1 },
      { orderId: 'cus_unknown0', version: 1 },
      naming(order),
    ];
    const results = await change('cancelOrders', input);
    expect(results.map(({ code, currentVersion }) => [code, currentVersion])).toEqual([
      ['CONFLICT', 1],
      ['NOT_FOUND', null],
      ['INVALID', null],
      ['UPDATED', 2],
    ]);
  });

  it('deletes softly, refuses steps meanwhile, and restores', async () => {
    const order = await place({ customerId: customerId('gone') });
    const deleted = await changeOne('deleteOrders', { id: order.id, version: 1 });
    expect(deleted.order.deletedAt).toEqual(expect.any(String));
    expect((await changeOne('deleteOrders', { id: order.id, version: 2 })).code).toBe('UNCHANGED');
    expect(await pay(deleted.order, 3_000)).toMatchObject({ code: 'CONFLICT', currentVersion: 2 });
    const listed = `query ($with: Boolean, $of: ID!) {
      orders(includeDeleted: $with, filter: { customerId: { eq: $of } }) { edges { node { id } } } }`;
    const count = async (withDeleted: boolean): Promise<number> => {
      const variables = { with: withDeleted, of: customerId('gone') };
      return (await subgraph.send<{ orders: { edges: unknown[] } }>(listed, variables)).data.orders.edges.length;
    };
    expect([await count(false), await count(true)]).toEqual([0, 1]);
    const restored = await changeOne('restoreOrders', { id: order.id, version: 2 });
    expect(restored).toMatchObject({ code: 'UPDATED', order: { deletedAt: null, version: 3 } });
    expect(await count(false)).toBe(1);
  });
});

describe('what orders come to', () => {
  const STATS = `query ($id: ID!) { _entities(representations: [{ __typename: "Customer", id: $id }]) { ... on Customer {
    orderStats { orderCount firstOrderAt lastOrderAt lifetimeValue { amountMinor currency }
      valueByCurrency { amountMinor currency } } } } }`;

  async function readStats(id: string): Promise<unknown> {
    const { data } = await subgraph.send<{ _entities: { orderStats: unknown }[] }>(STATS, { id });
    return data._entities[0]?.orderStats;
  }

  async function expectInStep(id: string): Promise<void> {
    const orders = await subgraph.models.orders.find({ tenantId: 'main', customerId: id }).lean();
    const stored = await subgraph.models.stats.findOne({ _id: `main:${id}` }).lean();
    expect(stored).toEqual(statsOf('main', id, orders));
  }

  it('is nothing for a customer who never ordered', async () => {
    const lifetimeValue = EUR(0);
    const nothing = { orderCount: 0, firstOrderAt: null, lastOrderAt: null, lifetimeValue, valueByCurrency: [] };
    expect(await readStats('cus_nobody000')).toEqual(nothing);
  });

  it('follows placing, refunding, cancelling, deleting and restoring', async () => {
    const of = customerId('stats');
    const early = await place({ customerId: of, placedAt: '2025-01-01T00:00:00.000Z' });
    const late = await place({ customerId: of, placedAt: '2026-01-01T00:00:00.000Z' });
    const dollars = await place({ customerId: of, currency: 'USD' });
    expect(await readStats(of)).toEqual({
      orderCount: 3,
      firstOrderAt: '2025-01-01T00:00:00.000Z',
      lastOrderAt: '2026-01-10T08:00:00.000Z',
      lifetimeValue: EUR(6_000),
      valueByCurrency: [EUR(6_000), { amountMinor: 3_000, currency: 'USD' }],
    });
    const paid = (await pay(late, 3_000)).order;
    await changeOne('refundOrders', { ...naming(paid), amount: EUR(500) });
    expect(await readStats(of)).toMatchObject({ lifetimeValue: EUR(5_500) });
    await changeOne('cancelOrders', naming(dollars));
    expect(await readStats(of)).toMatchObject({ orderCount: 2, lastOrderAt: '2026-01-01T00:00:00.000Z' });
    await changeOne('deleteOrders', { id: early.id, version: 1 });
    expect(await readStats(of)).toMatchObject({ orderCount: 1, lifetimeValue: EUR(2_500) });
    await changeOne('restoreOrders', { id: early.id, version: 2 });
    expect(await readStats(of)).toMatchObject({ orderCount: 2, firstOrderAt: '2025-01-01T00:00:00.000Z' });
    await expectInStep(of);
  });

  it('stays right when many requests change one customer and one campaign at once', async () => {
    const of = customerId('busy');
    const touches = [{ campaignId: 'cmp_busy0000', touchedAt: PAID_AT }];
    await Promise.all(Array.from({ length: 8 }, () => place({ customerId: of, touches })));
    await expectInStep(of);
    const totals = await subgraph.models.totals.findOne({ _id: 'main:cmp_busy0000' }).lean();
    expect(totals?.orderCount).toBe(8);
    expect(totals?.credits).toContainEqual({ model: 'LINEAR', currency: 'EUR', amountMinor: 24_000, orderCount: 8 });
  });

  it('goes with the orders of a merged duplicate', async () => {
    const [from, to] = [customerId('dupe'), customerId('keeper')];
    await place({ customerId: to, customerDisplayName: 'Keeper' });
    await place({ customerId: from });
    await place({ customerId: from });
    const move = `mutation ($input: [MoveInput!]!, $key: ID!) {
      moveOrders(input: $input, idempotencyKey: $key) { code movedCount } }`;
    const input = [
      { fromCustomerId: from, toCustomerId: to },
      { fromCustomerId: from, toCustomerId: from },
      { fromCustomerId: 'cus_nobody000', toCustomerId: to },
    ];
    const { data } = await subgraph.send<{ moveOrders: unknown }>(move, { input, key: nextKey() });
    expect(data.moveOrders).toEqual([
      { code: 'UPDATED', movedCount: 2 },
      { code: 'INVALID', movedCount: 0 },
      { code: 'UNCHANGED', movedCount: 0 },
    ]);
    expect(await readStats(to)).toMatchObject({ orderCount: 3, lifetimeValue: EUR(9_000) });
    expect(await readStats(from)).toMatchObject({ orderCount: 0 });
    const names = await subgraph.models.orders
      .find({ tenantId: 'main', customerId: to })
      .distinct('customerDisplayName');
    expect(names).toEqual(['Keeper']);
  });
});
