// The mutations of products over HTTP: by sku and by id, with versions, soft delete and restore.
import { ordersModels, type OrdersModels } from '../../../subgraphs/orders/model.ts';
import { drawId } from '../../../platform/random.ts';
import { startTestSubgraph, type TestSubgraph } from '../../harness/subgraphClient.ts';

interface Product {
  id: string;
  name: string;
  active: boolean;
  version: number;
  price: { amountMinor: number; currency: string };
}
interface Result {
  code: string;
  message: string | null;
  currentVersion: number | null;
  product: Product | null;
}

const INPUT_TYPES = {
  createProducts: 'ProductInput',
  upsertProducts: 'ProductInput',
  updateProducts: 'ProductPatch',
  deleteProducts: 'VersionedId',
  restoreProducts: 'VersionedId',
} as const;
const PRICE = { amountMinor: 1_250, currency: 'EUR' };

let subgraph: TestSubgraph<OrdersModels>;
beforeAll(async () => {
  subgraph = await startTestSubgraph('orders', ordersModels);
});
afterAll(() => subgraph.stop());

async function change(mutation: keyof typeof INPUT_TYPES, input: object[]): Promise<Result[]> {
  const query = `mutation ($input: [${INPUT_TYPES[mutation]}!]!, $key: ID!) {
    results: ${mutation}(input: $input, idempotencyKey: $key) { code message currentVersion
      product { id name active version price { amountMinor currency } } } }`;
  const { data, errors } = await subgraph.send<{ results: Result[] }>(query, { input, key: drawId() });
  expect(errors).toEqual([]);
  return data.results;
}

function codes(results: readonly Result[]): [string, number | null][] {
  return results.map(({ code, currentVersion }) => [code, currentVersion]);
}

describe('products', () => {
  it('are created once by sku', async () => {
    const cup = { sku: 'cup', name: 'Cup', price: PRICE };
    const [created, known] = await change('createProducts', [cup, cup]);
    expect(created).toMatchObject({
      code: 'CREATED',
      product: { name: 'Cup', active: true, version: 1, price: PRICE },
    });
    expect(known).toMatchObject({ code: 'CONFLICT', message: 'This sku is known.', product: { name: 'Cup' } });
  });

  it('are created, changed or left by an upsert', async () => {
    const jug = { sku: 'jug', name: 'Jug', price: PRICE };
    const results = await change('upsertProducts', [jug, jug, { ...jug, name: 'Jar' }, { ...jug, version: 1 }]);
    expect(codes(results)).toEqual([
      ['CREATED', 1],
      ['UNCHANGED', 1],
      ['UPDATED', 2],
      ['CONFLICT', 2],
    ]);
  });

  it('are changed by id and version; what is absent stays, and null is refused', async () => {
    const [created] = await change('createProducts', [{ sku: 'mug', name: 'Mug', price: PRICE }]);
    const id = created?.product?.id;
    const results = await change('updateProducts', [
      { id, version: 1, active: false },
      { id, version: 2, name: null },
      { id, version: 2, price: null },
      { id, version: 2, price: { amountMinor: -1, currency: 'EUR' } },
      { id, version: 2, price: { amountMinor: 1, currency: 'euro' } },
      { id, version: 1, name: 'Late' },
      { id: 'prd_unknown0', version: 1, name: 'Nobody' },
      { id: 'ord_unknown0', version: 1, name: 'Nobody' },
    ]);
    expect(codes(results)).toEqual([
      ['UPDATED', 2],
      ...Array.from({ length: 4 }, () => ['INVALID', 2]),
      ['CONFLICT', 2],
      ['NOT_FOUND', null],
      ['INVALID', null],
    ]);
    expect(results[0]?.product).toMatchObject({ name: 'Mug', active: false, price: PRICE });
  });

  it('are deleted softly and restored; meanwhile they are hidden in lists and not to be changed', async () => {
    const pan = { sku: 'pan', name: 'Pan', price: PRICE };
    const [created] = await change('createProducts', [pan]);
    const id = created?.product?.id;
    expect(codes(await change('deleteProducts', [{ id, version: 1 }]))).toEqual([['UPDATED', 2]]);
    expect(codes(await change('upsertProducts', [{ ...pan, name: 'Wok' }]))).toEqual([['CONFLICT', 2]]);
    const listed = `query ($with: Boolean) { products(includeDeleted: $with, filter: { sku: { eq: "pan" } }) { totalCount } }`;
    const count = async (variables: object): Promise<number> =>
      (await subgraph.send<{ products: { totalCount: number } }>(listed, variables)).data.products.totalCount;
    expect([await count({}), await count({ with: true })]).toEqual([0, 1]);
    expect(codes(await change('restoreProducts', [{ id, version: 2 }]))).toEqual([['UPDATED', 3]]);
    expect(await count({})).toBe(1);
  });

  it('refuse texts that are empty or too long', async () => {
    const input = [
      { sku: '', name: 'Cup', price: PRICE },
      { sku: 'x'.repeat(101), name: 'Cup', price: PRICE },
      { sku: 'y', name: ' ', price: PRICE },
      { sku: 'z', name: 'n'.repeat(201), price: PRICE },
    ];
    expect(codes(await change('createProducts', input))).toEqual(input.map(() => ['INVALID', null]));
  });
});
