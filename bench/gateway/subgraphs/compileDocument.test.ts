import { subgraphOf } from './subgraphOf.ts';
import { compileDocument } from './compileDocument.ts';

function ask(name: 'accounts' | 'inventory' | 'products' | 'reviews', query: string, variables = {}): unknown {
  const { schema, rootFields } = subgraphOf(name);
  return JSON.parse(compileDocument(query, schema, rootFields).answer(variables));
}

describe('compileDocument', () => {
  it('answers several aliased lists of entities with variables of their own', () => {
    const answer = ask(
      'products',
      'query($a: [_Any!]!, $b: [_Any!]!) { x: _entities(representations: $a) { ...on Product { name } } y: _entities(representations: $b) { ...on Product { cost: price __typename } } }',
      {
        a: [{ __typename: 'Product', upc: '3' }],
        b: [
          { __typename: 'Product', upc: '1' },
          { __typename: 'Product', upc: '99' },
        ],
      },
    );
    expect(answer).toEqual({ data: { x: [{ name: 'Glass' }], y: [{ cost: 54, __typename: 'Product' }, null] } });
  });

  it('estimates shipping from what the representation holds, and gives null where it holds too little', () => {
    const query = 'query($of: [_Any!]!) { _entities(representations: $of) { ...on Product { shippingEstimate } } }';
    const product = { __typename: 'Product', upc: '1' };
    const of = [{ ...product, price: 10, weight: 300 }, { ...product, price: 1_001, weight: 300 }, product];
    const _entities = [150, 0, null].map((shippingEstimate) => ({ shippingEstimate }));
    expect(ask('inventory', query, { of })).toEqual({ data: { _entities } });
  });

  it('merges fields that are asked twice, through fragments too, in the order of the first', () => {
    const query = '{ users { ...A id } users { name ... { id2: id } } } fragment A on User { username id }';
    const text = JSON.stringify(ask('accounts', query));
    expect(text).toContain('{"username":"@ada.lovelace","id":"1","name":"Ada Lovelace","id2":"1"}');
  });

  it('takes arguments from variables, their defaults and literals', () => {
    const count = (query: string, variables = {}): number =>
      (ask('products', query, variables) as { data: { topProducts: unknown[] } }).data.topProducts.length;
    expect(count('query($n: Int = 2) { topProducts(first: $n) { upc } }')).toBe(2);
    expect(count('query($n: Int = 2) { topProducts(first: $n) { upc } }', { n: 4 })).toBe(4);
    expect(count('{ topProducts(first: 1) { upc } }')).toBe(1);
    expect(count('{ topProducts { upc } }')).toBe(5);
  });

  it('refuses a document that asks another subgraph’s fields, or carries directives', () => {
    expect(() => ask('accounts', '{ topProducts { upc } }')).toThrow(/topProducts/);
    expect(() => ask('accounts', '{ users { id @skip(if: false) } }')).toThrow(/directives/);
  });

  it('keeps answers of documents alone whose variables are all representations', () => {
    const { schema, rootFields } = subgraphOf('products');
    const keepable = (query: string): boolean => compileDocument(query, schema, rootFields).keepable;
    expect(keepable('query($r: [_Any!]!) { _entities(representations: $r) { __typename } }')).toBe(true);
    expect(keepable('query($c: ID) { topProducts(caller: $c) { upc } }')).toBe(false);
  });
});
