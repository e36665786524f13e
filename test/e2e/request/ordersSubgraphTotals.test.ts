// What orders come to, for customers and campaigns: in step with the orders after every mutation.
import { ordersModels, type OrdersModels } from '../../../subgraphs/orders/model.ts';
import { statsOf } from '../../../subgraphs/orders/rules/rollups.ts';
import { customerId, euros, naming, OrderRequests, orderInput, PAID_AT } from '../../harness/orderRequests.ts';
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
    const lifetimeValue = euros(0);
    const nothing = { orderCount: 0, firstOrderAt: null, lastOrderAt: null, lifetimeValue, valueByCurrency: [] };
    expect(await readStats('cus_nobody000')).toEqual(nothing);
  });

  it('follows placing, refunding, cancelling, deleting and restoring', async () => {
    const of = customerId('stats');
    const early = await requests.place({ customerId: of, placedAt: '2025-01-01T00:00:00.000Z' });
    const late = await requests.place({ customerId: of, placedAt: '2026-01-01T00:00:00.000Z' });
    const dollars = await requests.place({ customerId: of, currency: 'USD' });
    expect(await readStats(of)).toEqual({
      orderCount: 3,
      firstOrderAt: '2025-01-01T00:00:00.000Z',
      lastOrderAt: '2026-01-10T08:00:00.000Z',
      lifetimeValue: euros(6_000),
      valueByCurrency: [euros(6_000), { amountMinor: 3_000, currency: 'USD' }],
    });
    const paid = (await requests.pay(late, 3_000)).order;
    await requests.changeOne('refundOrders', { ...naming(paid), amount: euros(500) });
    expect(await readStats(of)).toMatchObject({ lifetimeValue: euros(5_500) });
    await requests.changeOne('cancelOrders', naming(dollars));
    expect(await readStats(of)).toMatchObject({ orderCount: 2, lastOrderAt: '2026-01-01T00:00:00.000Z' });
    await requests.changeOne('deleteOrders', { id: early.id, version: 1 });
    expect(await readStats(of)).toMatchObject({ orderCount: 1, lifetimeValue: euros(2_500) });
    await requests.changeOne('restoreOrders', { id: early.id, version: 2 });
    expect(await readStats(of)).toMatchObject({ orderCount: 2, firstOrderAt: '2025-01-01T00:00:00.000Z' });
    await expectInStep(of);
  });

  it('stays right when many requests change one customer and one campaign at once', async () => {
    const of = customerId('busy');
    const touches = [{ campaignId: 'cmp_busy0000', touchedAt: PAID_AT }];
    await Promise.all(Array.from({ length: 8 }, () => requests.place({ customerId: of, touches })));
    await expectInStep(of);
    const totals = await subgraph.models.totals.findOne({ _id: 'main:cmp_busy0000' }).lean();
    expect(totals?.orderCount).toBe(8);
    expect(totals?.credits).toContainEqual({ model: 'LINEAR', currency: 'EUR', amountMinor: 24_000, orderCount: 8 });
  });

  it('goes with the orders of a merged duplicate', async () => {
    const [from, to] = [customerId('dupe'), customerId('keeper')];
    await requests.place({ customerId: to, customerDisplayName: 'Keeper' });
    await requests.place({ customerId: from });
    await requests.place({ customerId: from });
    const move = `mutation ($input: [MoveInput!]!, $key: ID!) {
      moveOrders(input: $input, idempotencyKey: $key) { code movedCount } }`;
    const input = [
      { fromCustomerId: from, toCustomerId: to },
      { fromCustomerId: from, toCustomerId: from },
      { fromCustomerId: 'cus_nobody000', toCustomerId: to },
    ];
    const { data } = await subgraph.send<{ moveOrders: unknown }>(move, { input, key: requests.nextKey() });
    expect(data.moveOrders).toEqual([
      { code: 'UPDATED', movedCount: 2 },
      { code: 'INVALID', movedCount: 0 },
      { code: 'UNCHANGED', movedCount: 0 },
    ]);
    expect(await readStats(to)).toMatchObject({ orderCount: 3, lifetimeValue: euros(9_000) });
    expect(await readStats(from)).toMatchObject({ orderCount: 0 });
    const names = await subgraph.models.orders
      .find({ tenantId: 'main', customerId: to })
      .distinct('customerDisplayName');
    expect(names).toEqual(['Keeper']);
  });
});

describe('what the orders of a campaign come to', () => {
  const REVENUE = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Campaign {
    first: attributedRevenue(model: FIRST_TOUCH) { amountMinor currency }
    last: attributedRevenue { amountMinor currency }
    linear: attributedRevenue(model: LINEAR) { amountMinor currency }
    attributedOrders(first: 100) { totalCount edges { node { id } } } } } }`;

  interface Campaign {
    first: object;
    last: object;
    linear: object;
    attributedOrders: { totalCount: number; edges: { node: { id: string } }[] };
  }

  async function readCampaigns(...ids: string[]): Promise<Campaign[]> {
    const of = ids.map((id) => ({ __typename: 'Campaign', id }));
    return (await subgraph.send<{ _entities: Campaign[] }>(REVENUE, { of })).data._entities;
  }

  function revenue(first: number, last: number, linear: number): object {
    return { first: euros(first), last: euros(last), linear: euros(linear) };
  }

  it('is shared by the touches to the last cent, and follows refunds, cancellations and deletions', async () => {
    const [one, two] = ['cmp_first000', 'cmp_second00'];
    const touch = (campaignId: string | undefined, day: number): object => ({
      campaignId,
      touchedAt: `2026-01-0${day}T00:00:00.000Z`,
    });
    // Given out of order: the first touch is the oldest.
    const touches = [touch(two, 3), touch(one, 1), touch(two, 2)];
    const lines = [{ sku: 'tea', quantity: 1, priceMinor: 1_000 }];
    const order = await requests.place({ lines, touches });
    expect(await readCampaigns(one, two)).toMatchObject([revenue(1_000, 0, 333), revenue(0, 1_000, 667)]);
    const paid = (await requests.pay(order, 1_000)).order;
    const refunded = await requests.changeOne('refundOrders', { ...naming(paid), amount: euros(100) });
    expect(await readCampaigns(one, two)).toMatchObject([revenue(900, 0, 300), revenue(0, 900, 600)]);
    const deleted = await requests.changeOne('deleteOrders', { id: order.id, version: refunded.order.version });
    const none = { ...revenue(0, 0, 0), attributedOrders: { totalCount: 0, edges: [] } };
    expect(await readCampaigns(one, two)).toMatchObject([none, none]);
    const restored = await requests.changeOne('restoreOrders', { id: order.id, version: deleted.order.version });
    expect(await readCampaigns(one)).toMatchObject([{ ...revenue(900, 0, 300), attributedOrders: { totalCount: 1 } }]);
    await requests.changeOne('cancelOrders', naming(restored.order));
    expect(await readCampaigns(one)).toMatchObject([{ ...revenue(0, 0, 0), attributedOrders: { totalCount: 1 } }]);
  });

  it('names the newest orders, older ones again when newer ones are deleted', async () => {
    const touches = [{ campaignId: 'cmp_long0000', touchedAt: PAID_AT }];
    const start = Date.UTC(2026, 0, 1);
    const input = Array.from({ length: 110 }, (_, n) =>
      orderInput({ touches, placedAt: new Date(start + n * 1_000).toISOString() }),
    );
    const placed = [
      ...(await requests.change('placeOrders', input.slice(0, 60))),
      ...(await requests.change('placeOrders', input.slice(60))),
    ];
    const newestFirst = placed.map(({ order }) => order.id).reverse();
    const shown = async (): Promise<string[]> => {
      const [campaign] = await readCampaigns('cmp_long0000');
      return campaign?.attributedOrders.edges.map(({ node }) => node.id) ?? [];
    };
    expect(await shown()).toEqual(newestFirst.slice(0, 100));
    await requests.change(
      'deleteOrders',
      newestFirst.slice(0, 5).map((id) => ({ id, version: 1 })),
    );
    expect(await shown()).toEqual(newestFirst.slice(5, 105));
    await requests.change(
      'restoreOrders',
      newestFirst.slice(0, 5).map((id) => ({ id, version: 2 })),
    );
    expect(await shown()).toEqual(newestFirst.slice(0, 100));
  });
});
