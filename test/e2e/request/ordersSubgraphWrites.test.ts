// The mutations of orders over HTTP: every code, every step of an order's life, one effect for an idempotency key.
import { ordersModels, type OrdersModels } from '../../../subgraphs/orders/model.ts';
import {
  customerId,
  euros,
  naming,
  OrderRequests,
  orderInput,
  PAID_AT,
  type OrderAnswer,
  type OrderResult,
} from '../../harness/orderRequests.ts';
import { startTestSubgraph, type TestSubgraph } from '../../harness/subgraphClient.ts';

let subgraph: TestSubgraph<OrdersModels>;
let requests: OrderRequests;

beforeAll(async () => {
  subgraph = await startTestSubgraph('orders', ordersModels);
  requests = new OrderRequests(subgraph);
});
afterAll(async () => {
  await subgraph.stop();
});

describe('placeOrders', () => {
  it('answers CREATED with number, total and the names that the products have', async () => {
    const query = `mutation ($input: [ProductInput!]!) { createProducts(input: $input, idempotencyKey: "tea") { code } }`;
    await subgraph.send(query, { input: [{ sku: 'tea', name: 'Green tea', price: euros(600) }] });
    const result = await requests.changeOne('placeOrders', orderInput());
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
    const [first, second] = await requests.change('placeOrders', [input, { ...input, currency: 'USD' }]);
    const again = await requests.changeOne('placeOrders', input);
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
    const results = await requests.change('placeOrders', [orderInput(fields), orderInput()]);
    expect(results.map(({ code, order }) => [code, (order as unknown) === null])).toEqual([
      ['INVALID', true],
      ['CREATED', false],
    ]);
  });

  it('has one effect for one idempotency key and refuses it for another input', async () => {
    const input = [orderInput({ customerId: customerId('once') })];
    const first = await requests.change('placeOrders', input, 'the-key');
    const second = await requests.change('placeOrders', input, 'the-key');
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
    const results = await Promise.all(Array.from({ length: 4 }, () => requests.changeOne('placeOrders', input)));
    expect(results.map(({ code }) => code).sort()).toEqual(['CREATED', 'UNCHANGED', 'UNCHANGED', 'UNCHANGED']);
    expect(new Set(results.map(({ order }) => order.id)).size).toBe(1);
  });

  it('refuses an empty batch and one of 101 items', async () => {
    const query = `mutation ($input: [OrderInput!]!, $key: ID!) { placeOrders(input: $input, idempotencyKey: $key) { code } }`;
    for (const length of [0, 101]) {
      const input = Array.from({ length }, () => orderInput());
      const { errors } = await subgraph.send(query, { input, key: requests.nextKey() });
      expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('the life of an order', () => {
  it('goes from PLACED over PAID and SHIPPED to RETURNED in parts', async () => {
    const placed = await requests.place();
    const half = await requests.pay(placed, 1_000);
    expect(half).toMatchObject({ code: 'UPDATED', order: { status: 'PLACED', version: 2 } });
    const paid = await requests.pay(half.order, 2_000);
    expect(paid.order.status).toBe('PAID');
    const tea = { sku: 'tea', quantity: 2 };
    const pot = { sku: 'pot', quantity: 1 };
    const sent = await requests.changeOne('fulfilOrders', {
      ...naming(paid.order),
      lines: [tea],
      carrier: 'DHL',
      trackingCode: 'T1',
    });
    expect(sent.order).toMatchObject({
      status: 'PAID',
      fulfilments: [{ lines: [tea], carrier: 'DHL', trackingCode: 'T1' }],
    });
    const shipped = await requests.changeOne('fulfilOrders', { ...naming(sent.order), lines: [pot] });
    expect(shipped.order.status).toBe('SHIPPED');
    const back = await requests.changeOne('returnOrders', { ...naming(shipped.order), lines: [pot], reason: 'broken' });
    expect(back.order).toMatchObject({ status: 'SHIPPED', returns: [{ reason: 'broken' }] });
    const returned = await requests.changeOne('returnOrders', { ...naming(back.order), lines: [tea] });
    expect(returned.order).toMatchObject({ status: 'RETURNED', version: 7 });
  });

  it('refuses a wrong step with a sentence that names both ends', async () => {
    const order = await requests.place();
    const lines = [{ sku: 'tea', quantity: 1 }];
    const sent = await requests.changeOne('fulfilOrders', { ...naming(order), lines });
    expect(sent).toMatchObject({ code: 'INVALID', currentVersion: 1 });
    expect(sent.message).toBe('An order that is PLACED cannot become SHIPPED: it has to be PAID.');
    expect((await requests.changeOne('returnOrders', { ...naming(order), lines })).code).toBe('INVALID');
    const cancelled = await requests.changeOne('cancelOrders', { ...naming(order), reason: 'too late' });
    expect(cancelled.order.status).toBe('CANCELLED');
    expect((await requests.pay(cancelled.order, 3_000)).message).toContain('CANCELLED cannot become PAID');
    expect((await requests.changeOne('cancelOrders', naming(cancelled.order))).code).toBe('INVALID');
  });

  it('refuses to pay too much, in another currency, or nothing', async () => {
    const order = await requests.place();
    const wrong = [euros(3_001), euros(0), euros(-1), { amountMinor: 3_000, currency: 'USD' }];
    const input = wrong.map((amount) => ({ ...naming(order), amount, method: 'CASH', paidAt: PAID_AT }));
    expect((await requests.change('payOrders', input)).map(({ code }) => code)).toEqual(wrong.map(() => 'INVALID'));
  });

  it('gives back no more than was paid, after a cancellation too', async () => {
    const paid = (await requests.pay(await requests.place(), 3_000)).order;
    const refund = (order: OrderAnswer, amountMinor: number): Promise<OrderResult> =>
      requests.changeOne('refundOrders', { ...naming(order), amount: euros(amountMinor), reason: 'kindness' });
    const first = await refund(paid, 1_000);
    expect(first.order).toMatchObject({ status: 'PAID', refunds: [{ amount: { amountMinor: 1_000 } }] });
    expect((await refund(first.order, 2_001)).code).toBe('INVALID');
    const cancelled = await requests.changeOne('cancelOrders', naming(first.order));
    const rest = await refund(cancelled.order, 2_000);
    expect(rest).toMatchObject({ code: 'UPDATED', order: { status: 'CANCELLED' } });
    expect((await refund(rest.order, 1)).code).toBe('INVALID');
  });

  it('sends no more than was ordered and takes back no more than was sent', async () => {
    const paid = (await requests.pay(await requests.place(), 3_000)).order;
    const tooMany = {
      ...naming(paid),
      lines: [
        { sku: 'tea', quantity: 1 },
        { sku: 'tea', quantity: 2 },
      ],
    };
    expect((await requests.changeOne('fulfilOrders', tooMany)).message).toBe('Of tea there are 2, not 3.');
    expect(
      (await requests.changeOne('fulfilOrders', { ...naming(paid), lines: [{ sku: 'cup', quantity: 1 }] })).code,
    ).toBe('INVALID');
    const sent = await requests.changeOne('fulfilOrders', { ...naming(paid), lines: [{ sku: 'tea', quantity: 1 }] });
    const back = { ...naming(sent.order), lines: [{ sku: 'tea', quantity: 2 }] };
    expect((await requests.changeOne('returnOrders', back)).message).toBe('Of tea there are 1, not 2.');
    expect((await requests.changeOne('cancelOrders', naming(sent.order))).code).toBe('INVALID');
  });

  it('answers CONFLICT for another version, NOT_FOUND and INVALID for ids that are none', async () => {
    const order = await requests.place();
    const input = [
      { orderId: order.id, version: 9 },
      { orderId: 'ord_unknown0', version: 1 },
      { orderId: 'cus_unknown0', version: 1 },
      naming(order),
    ];
    const results = await requests.change('cancelOrders', input);
    expect(results.map(({ code, currentVersion }) => [code, currentVersion])).toEqual([
      ['CONFLICT', 1],
      ['NOT_FOUND', null],
      ['INVALID', null],
      ['UPDATED', 2],
    ]);
  });

  it('deletes softly, refuses steps meanwhile, and restores', async () => {
    const order = await requests.place({ customerId: customerId('gone') });
    const deleted = await requests.changeOne('deleteOrders', { id: order.id, version: 1 });
    expect(deleted.order.deletedAt).toEqual(expect.any(String));
    expect((await requests.changeOne('deleteOrders', { id: order.id, version: 2 })).code).toBe('UNCHANGED');
    expect(await requests.pay(deleted.order, 3_000)).toMatchObject({ code: 'CONFLICT', currentVersion: 2 });
    const listed = `query ($with: Boolean, $of: ID!) {
      orders(includeDeleted: $with, filter: { customerId: { eq: $of } }) { edges { node { id } } } }`;
    const count = async (withDeleted: boolean): Promise<number> => {
      const variables = { with: withDeleted, of: customerId('gone') };
      return (await subgraph.send<{ orders: { edges: unknown[] } }>(listed, variables)).data.orders.edges.length;
    };
    expect([await count(false), await count(true)]).toEqual([0, 1]);
    const restored = await requests.changeOne('restoreOrders', { id: order.id, version: 2 });
    expect(restored).toMatchObject({ code: 'UPDATED', order: { deletedAt: null, version: 3 } });
    expect(await count(false)).toBe(1);
  });
});
