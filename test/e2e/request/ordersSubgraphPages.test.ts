// The lists of orders over HTTP: pages that stay stable, filters, orderings, and what is behind the newest orders.
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

describe('pages', () => {
  const ORDERS = `query ($first: Int, $after: String, $filter: OrderFilter, $orderBy: [OrderOrder!]) {
    orders(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges { cursor node { id number placedAt status } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }`;

  async function readAll(variables: object, betweenPages?: () => Promise<unknown>): Promise<OrderNode[]> {
    const nodes: OrderNode[] = [];
    let after: string | null = null;
    do {
      const answer: SubgraphAnswer<{ orders: Page<OrderNode> }> = await subgraph.send(ORDERS, {
        first: 100,
        ...variables,
        after,
      });
      expect(answer.errors).toEqual([]);
      nodes.push(...answer.data.orders.edges.map(({ node }) => node));
      const { hasNextPage, endCursor } = answer.data.orders.pageInfo;
      after = hasNextPage ? endCursor : null;
      await betweenPages?.();
    } while (after !== null);
    return nodes;
  }

  it('hold every order once, in order, both ways', async () => {
    const down = await readAll({});
    const up = await readAll({ orderBy: ['PLACED_AT_ASC'] });
    expect(down).toHaveLength(SIZE.orders);
    expect(new Set(down.map(({ id }) => id)).size).toBe(SIZE.orders);
    expect(up).toEqual(down.toReversed());
    expect(down.map(({ placedAt }) => placedAt)).toEqual(
      down
        .map(({ placedAt }) => placedAt)
        .sort()
        .reverse(),
    );
  });

  it('stay stable when orders come in between', async () => {
    const of = nthId('cus', 199);
    const filter = { customerId: { eq: of } };
    const known = await readAll({ filter });
    const place = `mutation ($input: [OrderInput!]!, $key: ID!) { placeOrders(input: $input, idempotencyKey: $key) { code } }`;
    let placed = 0;
    const seen = await readAll({ filter, first: 2 }, () => {
      placed += 1;
      const lines = [{ sku: 'x', quantity: 1, priceMinor: 1 }];
      const order = { customerId: of, customerDisplayName: 'New', currency: 'EUR', lines };
      return subgraph.send(place, {
        input: [{ ...order, placedAt: '2026-06-01T00:00:00.000Z' }],
        key: `between-${placed}`,
      });
    });
    expect(seen).toEqual(known);
    expect(await readAll({ filter })).toHaveLength(known.length + placed);
  });

  it.each([
    ['a status', { status: ['PAID'] }, (n: number) => n % 5 === 1],
    ['two statuses', { status: ['PAID', 'RETURNED'] }, (n: number) => n % 5 === 1 || n % 5 === 4],
    ['a customer', { customerId: { eq: nthId('cus', 7) } }, (n: number) => n % 200 === 7],
    [
      'two customers',
      { customerId: { in: [nthId('cus', 7), nthId('cus', 8)] } },
      (n: number) => n % 200 === 7 || n % 200 === 8,
    ],
    [
      'times',
      { placedAt: { gte: '2025-01-01T01:00:00.000Z', lt: '2025-01-01T02:00:00.000Z' } },
      (n: number) => n >= 60 && n < 120,
    ],
    [
      'either',
      { or: [{ status: ['PAID'] }, { customerId: { eq: nthId('cus', 7) } }] },
      (n: number) => n % 5 === 1 || n % 200 === 7,
    ],
    [
      'not',
      { not: { status: ['PAID'] }, placedAt: { lt: '2025-01-01T02:00:00.000Z' } },
      (n: number) => n % 5 !== 1 && n < 120,
    ],
  ])('hold what a filter says, and its count: %s', async (_, filter, holds) => {
    const old = { and: [filter, { placedAt: { lt: '2026-01-01T00:00:00.000Z' } }] };
    const asked =
      'or' in filter || 'not' in filter ? old : { ...filter, and: [{ placedAt: { lt: '2026-01-01T00:00:00.000Z' } }] };
    const expected = Array.from({ length: SIZE.orders }, (_each, n) => n)
      .filter(holds)
      .reverse();
    const nodes = await readAll({ filter: asked });
    expect(nodes.map(({ number }) => number)).toEqual(expected.map((n) => `2025-${n}`));
    const { data } = await subgraph.send<{ orders: Page<OrderNode> }>(ORDERS, { first: 1, filter: asked });
    expect(data.orders.totalCount).toBe(expected.length);
  });

  it('refuse sizes and cursors that are none', async () => {
    const code = async (variables: object): Promise<string | undefined> =>
      (await subgraph.send(ORDERS, variables)).errors[0]?.extensions.code;
    expect(await code({ first: 0 })).toBe('PAGE_TOO_LARGE');
    expect(await code({ first: 101 })).toBe('PAGE_TOO_LARGE');
    expect(await code({ after: 'nonsense' })).toBe('INVALID_CURSOR');
    expect(await code({ orderBy: ['PLACED_AT_ASC', 'PLACED_AT_DESC'] })).toBe('BAD_USER_INPUT');
  });

  it('of a campaign go on behind the newest orders that its totals name', async () => {
    const fragment = `... on Campaign { attributedOrders(first: 4 AFTER) {
      edges { cursor node { number } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }`;
    const read = async (after: string | null, of: number[]): Promise<Page<{ number: string }>[]> => {
      const references = of.map((n) => ({ __typename: 'Campaign', id: nthId('cmp', n) }));
      const cursor = after === null ? '' : `, after: "${after}"`;
      const answer = await entities<{ attributedOrders: Page<{ number: string }> }>(
        references,
        fragment.replace(' AFTER', cursor),
      );
      return answer.data._entities.flatMap((campaign) => campaign?.attributedOrders ?? []);
    };
    const numbers = (page: Page<{ number: string }> | undefined): string[] =>
      page?.edges.map(({ node }) => node.number) ?? [];
    const [first] = await read(null, [3]);
    expect(first).toMatchObject({ totalCount: 10, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    expect(numbers(first)).toEqual(['2025-1083', '2025-963', '2025-843', '2025-723']);
    const after = first?.pageInfo.endCursor ?? null;
    expect(numbers((await read(after, [3]))[0])).toEqual(['2025-603', '2025-483', '2025-363', '2025-243']);
    const several = await read(after, [3, 4]);
    expect(several.map(numbers)).toEqual([
      ['2025-603', '2025-483', '2025-363', '2025-243'],
      ['2025-604', '2025-484', '2025-364', '2025-244'],
    ]);
  });
});

describe('products', () => {
  const PRODUCTS = `query ($filter: ProductFilter, $orderBy: [ProductOrder!]) {
    products(first: 5, filter: $filter, orderBy: $orderBy) { edges { node { sku } } totalCount } }`;

  it('are listed by sku and name, and filtered by the beginnings of both', async () => {
    const read = async (variables: object): Promise<[number | undefined, string | undefined]> => {
      const { data } = await subgraph.send<{ products: Page<{ sku: string }> }>(PRODUCTS, variables);
      return [data.products.totalCount, data.products.edges[0]?.node.sku];
    };
    expect(await read({})).toEqual([150, 'sku-00000']);
    expect(await read({ orderBy: ['NAME_ASC'], filter: { name: { startsWith: 'PRODUCT 0014' } } })).toEqual([
      10,
      'sku-00140',
    ]);
    expect(await read({ filter: { sku: { in: ['sku-00009', 'sku-00100'] } } })).toEqual([2, 'sku-00009']);
    expect(await read({ filter: { sku: { startsWith: '.*' } } })).toEqual([0, undefined]);
  });
});
