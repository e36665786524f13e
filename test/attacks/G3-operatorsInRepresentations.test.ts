// Guarantee: of a representation only its key fields count, each of the exact type; what is not is refused for itself
//   alone and never reaches the database. Whatever else stands in it changes nothing.
// Attack: operators as keys (`{"$gt": ""}`), lists, numbers, other types' names, prototype keys, `$where` and another
//   tenant beside the key.
// Learned from: reliability.md, F11 and F12: `_Any` takes any JSON, and mongoose passes `{"$gt": ""}` on.
import { ordersModels, type OrdersModels } from '../../subgraphs/orders/model.ts';
import { nthId, writeOrdersData } from '../harness/ordersData.ts';
import { startTestSubgraph, type SubgraphAnswer, type TestSubgraph } from '../harness/subgraphClient.ts';

const SIZE = { orders: 40, customers: 10, campaigns: 4, products: 10 };
const ORDER = { __typename: 'Order', id: nthId('ord', 1) };

type Entities = SubgraphAnswer<{ _entities: (Record<string, unknown> | null)[] } | null>;

const HOSTILE: readonly unknown[] = [
  { $gt: '' },
  { $ne: null },
  { $in: ['a'] },
  { $regex: '.*' },
  { $where: 'while (true) {}' },
  { $expr: { $function: { body: 'return true', args: [], lang: 'js' } } },
  [ORDER.id],
  [],
  {},
  1,
  true,
  null,
  '',
  `${ORDER.id} `,
  `${ORDER.id}\u0000`,
  ORDER.id.toUpperCase(),
  { toString: ORDER.id },
  'x'.repeat(100_000),
];

describe('G3: representations with what is no key', () => {
  let subgraph: TestSubgraph<OrdersModels>;
  const entities = (representations: readonly unknown[]): Promise<Entities> =>
    subgraph.send(
      `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Order { id number }
        ... on Product { sku } ... on Customer { orders(first: 1) { totalCount } } } }`,
      { of: representations },
    );

  beforeAll(async () => {
    subgraph = await startTestSubgraph('orders', ordersModels);
    await writeOrdersData(subgraph.models, SIZE);
  });
  afterAll(() => subgraph.stop());

  it.each([
    ['Order', 'id', 'INVALID_ID'],
    ['Order', 'number', 'BAD_USER_INPUT'],
    ['Product', 'sku', 'BAD_USER_INPUT'],
    ['Product', 'id', 'INVALID_ID'],
    ['Customer', 'id', 'INVALID_ID'],
  ])('as the key of %s by %s are refused each for itself, and the others are answered', async (type, key, code) => {
    const hostile = HOSTILE.map((value) => ({ __typename: type, [key]: value }));
    const { data, errors } = await entities([ORDER, ...hostile, ORDER]);
    const found = data?._entities ?? [];
    expect([found[0], found.at(-1)]).toEqual([found[0], found[0]]);
    expect(found[0]).toMatchObject({ id: ORDER.id });
    // A text that is no key of anything is a key that finds nothing; everything else is refused.
    expect(found.slice(1, -1).filter((each) => each !== null)).toEqual([]);
    const objects = HOSTILE.flatMap((value, at) => (typeof value === 'object' ? [at + 1] : []));
    const refused = errors.map(({ path, extensions }) => [path?.[1], extensions.code]);
    for (const at of objects) expect(refused).toContainEqual([at, code]);
    expect(errors.filter(({ extensions }) => extensions.code === 'INTERNAL')).toEqual([]);
  });

  it('as other fields beside the key change nothing, and no other tenant is read', async () => {
    const plain = await entities([ORDER]);
    for (const more of [
      { tenantId: 'other' },
      { $where: 'while (true) {}' },
      { $or: [{}] },
      { number: { $gt: '' } },
      { deletedAt: { $ne: 1 } },
      { createdBy: 'somebody', total: { amountMinor: 1, currency: 'EUR' } },
      JSON.parse('{"__proto__": {"tenantId": "other"}}') as object,
    ]) {
      const answer = await entities([{ ...ORDER, ...more }]);
      expect([more, answer.data, answer.errors]).toEqual([more, plain.data, []]);
      expect(answer.commands.map(({ command, collection }) => [command, collection])).toEqual(
        plain.commands.map(({ command, collection }) => [command, collection]),
      );
    }
  });

  it.each(['Query', 'Mutation', 'Money', '__proto__', 'constructor', 'Nothing', ''])(
    'as the name of a type, %p, are an error and find nothing',
    async (type) => {
      const { status, data, errors } = await entities([{ __typename: type, id: ORDER.id }]);
      expect([status < 500, data?._entities[0] ?? null, errors.length > 0]).toEqual([true, null, true]);
      expect(JSON.stringify(errors)).not.toMatch(/stack|node_modules/);
    },
  );
});
