import fc from 'fast-check';
import type { AnswerPlace, Fields } from '../compiledOperation.ts';
import { SharedEntities } from './shareEntities.ts';

const PRODUCT: AnswerPlace = { inner: [], key: 'upc', fields: ['upc', 'tags', 'size'] };
const REVIEW: AnswerPlace = { inner: [['product', PRODUCT]], key: 'id', fields: ['id', 'product'] };
const ROOT: AnswerPlace = {
  inner: [
    ['products', PRODUCT],
    ['reviews', REVIEW],
    ['first', { ...PRODUCT }],
  ],
  key: undefined,
  fields: [],
};

function share(data: Fields): SharedEntities {
  const shared = new SharedEntities();
  shared.shareWithin(data, ROOT);
  return shared;
}

describe('equal entities of an answer', () => {
  it('become one object at one place, lists in lists included', () => {
    const data = {
      products: [
        [{ upc: 'a', size: 1 }],
        [
          { upc: 'b', size: 1 },
          { upc: 'a', size: 1 },
        ],
      ],
    };
    const shared = share(data);
    expect(data.products[1]?.[1]).toBe(data.products[0]?.[0]);
    expect(data.products[1]?.[0]).not.toBe(data.products[0]?.[0]);
    expect(shared.has(data.products[0]?.[0] ?? {})).toBe(true);
    expect(shared.has(data.products[1]?.[0] ?? {})).toBe(false);
  });

  it('become one where what they hold became one first', () => {
    const review = () => ({ id: 1, product: { upc: 'a' } });
    const data = { reviews: [review(), review()] };
    share(data);
    expect(data.reviews[1]).toBe(data.reviews[0]);
  });

  it.each([
    ['a value', { upc: 'a', size: 2 }],
    ['a missing value', { upc: 'a' }],
    ['a value deep within', { upc: 'a', size: 1, tags: [{ x: 1 }] }],
  ])('stay two where %s differs', (_, other) => {
    const data = { products: [{ upc: 'a', size: 1, tags: [{ x: 0 }] }, other] };
    expect(share(data).isEmpty).toBe(true);
    expect(data.products[1]).toBe(other);
  });

  it('stay two at two places, as other things may be asked of each', () => {
    const data = { products: [{ upc: 'a' }], first: { upc: 'a' } };
    expect(share(data).isEmpty).toBe(true);
  });

  it('stay two where their values are nested too deep to compare', () => {
    const deep = (): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < 30; level++) value = [value];
      return value;
    };
    expect(
      share({
        products: [
          { upc: 'a', tags: deep() },
          { upc: 'a', tags: deep() },
        ],
      }).isEmpty,
    ).toBe(true);
  });

  it('takes whatever a subgraph sends in their place', () => {
    expect(share({ products: 'none', reviews: [1, null, { product: [null, 'x'] }] }).isEmpty).toBe(true);
    expect(share({ products: [{}, {}] }).isEmpty).toBe(false);
  });

  it('say the same after as before', () => {
    const product = fc.record({ upc: fc.constantFrom('a', 'b'), size: fc.constantFrom(1, 2, null), tags: fc.json() });
    const review = fc.record({ id: fc.constantFrom(1, 2), product: fc.option(product) });
    const answer = fc.record({ products: fc.array(fc.array(product)), reviews: fc.array(review), first: product });
    fc.assert(
      fc.property(answer, (data) => {
        const before = JSON.stringify(data);
        share(data);
        expect(JSON.stringify(data)).toBe(before);
      }),
    );
  });
});
