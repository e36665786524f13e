// References to orders' entities over HTTP: what they cost in database commands, and keys from outside that are none.
import { ordersModels, type OrdersModels } from '../../../subgraphs/orders/model.ts';
import { nthId, writeOrdersData } from '../../harness/ordersData.ts';
import { startTestSubgraph, type SubgraphAnswer, type TestSubgraph } from '../../harness/subgraphClient.ts';

const SIZE = { orders: 1_200, customers: 200, campaigns: 120, products: 150 };

interface Page<N> {
  edges: { cursor: string; node: N }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
  totalCount?: number;
}
interface Entities<T> {
  _entities: (T | null)[];
}
interface OrderNode {
  id: string;
  number: string;
  placedAt: string;
  status: string;
}

let subgraph: TestSubgraph<OrdersModels>;

beforeAll(async () => {
  subgraph = await startTestSubgraph('orders', ordersModels);
  await writeOrdersData(subgraph.models, SIZE);
});
afterAll(async () => {
  await subgraph.stop();
});

function entities<T>(representations: object[], fragment: string): Promise<SubgraphAnswer<Entities<T>>> {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ${fragment} } }`;
  return subgraph.send<Entities<T>>(query, { of: representations });
}

/** Gives how many commands a request sent, by collection. */
function countByCollection(answer: SubgraphAnswer<unknown>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { collection } of answer.commands) counts[collection] = (counts[collection] ?? 0) + 1;
  return counts;
}

const ORDER_LIST = '{ edges { node { number customer { displayName } lines { sku product { name } } } } }';

describe('the database commands of one fetch', () => {
  it.each([
    ['Customer.orders', 'Customer', 'cus', `orders(first: 3) ${ORDER_LIST}`, { orders: 1, products: 1 }],
    [
      'Customer.orders by status',
      'Customer',
      'cus',
      `orders(first: 3, status: [PAID, PLACED]) ${ORDER_LIST}`,
      { orders: 1, products: 1 },
    ],
    ['Customer.orders with its count', 'Customer', 'cus', 'orders { totalCount edges { node { id } } }', { orders: 2 }],
    ['Customer.orderStats', 'Customer', 'cus', 'orderStats { orderCount }', { order_stats: 1 }],
    [
      'Campaign.attributedOrders and attributedRevenue',
      'Campaign',
      'cmp',
      `attributedOrders(first: 3) { totalCount ${ORDER_LIST.slice(1)} attributedRevenue { amountMinor }`,
      { campaign_totals: 1, orders: 1, products: 1 },
    ],
    ['Engagement.attributedOrder', 'Engagement', 'eng', 'attributedOrder { number }', { orders: 1 }],
    ['Order', 'Order', 'ord', 'number lines { product { name } }', { orders: 1, products: 1 }],
    ['Product', 'Product', 'prd', 'name price { amountMinor }', { products: 1 }],
  ])(
    'are at most one for each collection, and equal for 1, 10 and 100 references: %s',
    async (_, type, prefix, fields, expected) => {
      for (const count of [1, 10, 100]) {
        const references = Array.from({ length: count }, (_each, n) => ({ __typename: type, id: nthId(prefix, n) }));
        const answer = await entities(references, `... on ${type} { ${fields} }`);
        expect(answer.errors).toEqual([]);
        expect(answer.data._entities.filter((entity) => entity !== null)).toHaveLength(count);
        expect(countByCollection(answer)).toEqual(expected);
      }
    },
  );

  it('are none for a reference to another subgraph by itself, and for an order list with names one', async () => {
    const zone = await entities(
      [{ __typename: 'Customer', id: nthId('cus', 1) }],
      '... on Customer { id shippingZone }',
    );
    expect(zone.commands).toEqual([]);
    for (const first of [1, 10, 100]) {
      const query = `query ($first: Int) { orders(first: $first) { edges { node { number customer { id displayName } } } } }`;
      const answer = await subgraph.send<{ orders: Page<OrderNode> }>(query, { first });
      expect(answer.data.orders.edges).toHaveLength(first);
      expect(countByCollection(answer)).toEqual({ orders: 1 });
    }
  });
});

describe('references', () => {
  it('find orders by id and number and products by id and sku, in one fetch', async () => {
    const { data } = await entities<{ id: string }>(
      [
        { __typename: 'Order', id: nthId('ord', 5) },
        { __typename: 'Order', number: '2025-6' },
        { __typename: 'Product', sku: 'sku-00007' },
        { __typename: 'Order', number: 'nowhere' },
      ],
      '... on Order { id } ... on Product { id }',
    );
    expect(data._entities.map((entity) => entity?.id)).toEqual([
      nthId('ord', 5),
      nthId('ord', 6),
      nthId('prd', 7),
      undefined,
    ]);
  });

  it('that are no keys are an error for themselves alone', async () => {
    const bad = [{ $gt: '' }, ['ord_00000001'], 7, '', 'cus_00000001', null, `ord_${'0'.repeat(60)}`];
    const references = [...bad, nthId('ord', 1)].map((id) => ({ __typename: 'Order', id }));
    const { data, errors } = await entities<{ number: string }>(references, '... on Order { number }');
    expect(data._entities).toEqual([...bad.map(() => null), { number: '2025-1' }]);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(bad.map(() => 'INVALID_ID'));
    const others = await entities(
      [
        { __typename: 'Order', number: { $gt: '' } },
        { __typename: 'Product', sku: { $ne: null } },
        { __typename: 'Customer', id: { $gt: '' } },
        { __typename: 'Campaign', id: { $gt: '' } },
        { __typename: 'Engagement', id: { $gt: '' } },
      ],
      '... on Order { id } ... on Product { id } ... on Customer { id } ... on Campaign { id } ... on Engagement { id }',
    );
    expect(others.data._entities).toEqual([null, null, null, null, null]);
    expect(others.errors).toHaveLength(5);
    expect(others.commands).toEqual([]);
  });

  it('of another tenant find nothing', async () => {
    const query = `query { order(id: "${nthId('ord', 1)}") { id } orders { edges { node { id } } } }`;
    const { data } = await subgraph.send<{ order: null; orders: Page<OrderNode> }>(query, {}, 'other');
    expect(data).toEqual({ order: null, orders: { edges: [] } });
  });

  it('bring the address from which the shipping zone is told, and a wrong one is refused', async () => {
    const addresses = [
      { countryCode: 'DE', postalCode: '10115' },
      { countryCode: 'AT', postalCode: '1010' },
      null,
      { countryCode: { $gt: '' } },
    ];
    const references = addresses.map((defaultAddress, n) => ({
      __typename: 'Customer',
      id: nthId('cus', n),
      defaultAddress,
    }));
    const { data, errors } = await entities(references, '... on Customer { shippingZone }');
    expect(data._entities.map((customer) => customer)).toEqual(
      ['DE-1', 'AT', null, null].map((shippingZone) => ({ shippingZone })),
    );
    expect(errors.map(({ path, extensions }) => [path?.[1], extensions.code])).toEqual([[3, 'BAD_USER_INPUT']]);
  });
});
