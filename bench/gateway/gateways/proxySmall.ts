// The small query by hand: the top products, then inventory and reviews at once. Three calls.
import type { Ask } from './proxyNested.ts';

const TOP = JSON.stringify('query($caller:ID){topProducts(first:3,caller:$caller){upc name price weight}}');
const STOCKS = JSON.stringify(
  'query($of:[_Any!]!){_entities(representations:$of){...on Product{inStock shippingEstimate}}}',
);
const REVIEWS = JSON.stringify('query($of:[_Any!]!){_entities(representations:$of){...on Product{reviews{id body}}}}');

interface Top {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
}
interface Stock {
  readonly inStock: boolean;
  readonly shippingEstimate: number;
}
interface Entities<T> {
  readonly _entities: readonly T[];
}

/** Takes how to call and the caller; gives the small query's data. */
export async function answerSmall(ask: Ask, caller: string): Promise<unknown> {
  const body = `{"query":${TOP},"variables":{"caller":${JSON.stringify(caller)}}}`;
  const { topProducts } = (await ask('products', body)) as { topProducts: Top[] };
  const known = topProducts.map(({ upc, price, weight }) => ({ __typename: 'Product', upc, price, weight }));
  const keys = topProducts.map(({ upc }) => ({ __typename: 'Product', upc }));
  const [stocks, told] = await Promise.all([
    ask('inventory', `{"query":${STOCKS},"variables":{"of":${JSON.stringify(known)}}}`) as Promise<Entities<Stock>>,
    ask('reviews', `{"query":${REVIEWS},"variables":{"of":${JSON.stringify(keys)}}}`) as Promise<
      Entities<{ readonly reviews: readonly unknown[] }>
    >,
  ]);
  return {
    topProducts: topProducts.map(({ upc, name, price }, at) => {
      const { inStock, shippingEstimate } = stocks._entities[at] ?? {};
      return { upc, name, price, inStock, shippingEstimate, reviews: told._entities[at]?.reviews };
    }),
  };
}
