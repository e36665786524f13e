// The nested query by hand. Both root fields at once, reviews with everything that it knows under them, then the authors
// and the products that reviews named, then what inventory adds: seven calls, or six where reviews is asked once for both.

/** Calls a subgraph with a body; gives the answer's data. */
export type Ask = (subgraph: string, body: string) => Promise<unknown>;

interface ProductPart {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
}
interface Stock {
  readonly inStock: boolean;
  readonly shippingEstimate: number;
}
interface UserPart {
  readonly id: string;
  readonly username: string;
  readonly name: string;
}
interface Told {
  readonly id: string;
  readonly body: string;
  readonly product?: { readonly upc: string; readonly reviews?: readonly Told[] };
  readonly author?: { readonly id: string; readonly reviews: readonly Told[] };
}
interface Holder {
  readonly reviews: readonly Told[];
}

const OF_AUTHOR = 'author{id reviews{id body product{upc}}}';
const OF_USER = `...on User{reviews{id body product{upc reviews{id body ${OF_AUTHOR}}}}}`;
const OF_PRODUCT = `...on Product{reviews{id body ${OF_AUTHOR}}}`;
const USERS = JSON.stringify('query($caller:ID){users(caller:$caller){id username name}}');
const TOP = JSON.stringify('query($caller:ID){topProducts(caller:$caller){upc name price weight}}');
const entities = (selection: string): string =>
  JSON.stringify(`query($of:[_Any!]!){_entities(representations:$of){${selection}}}`);
const USER_REVIEWS = entities(OF_USER);
const PRODUCT_REVIEWS = entities(OF_PRODUCT);
const BOTH_REVIEWS = JSON.stringify(
  `query($users:[_Any!]!,$products:[_Any!]!){users:_entities(representations:$users){${OF_USER}}products:_entities(representations:$products){${OF_PRODUCT}}}`,
);
const AUTHORS = entities('...on User{username name}');
const PRODUCTS = entities('...on Product{name price weight}');
const STOCKS = entities('...on Product{inStock shippingEstimate}');

const ofUsers = (ids: Iterable<string>): string =>
  JSON.stringify(Array.from(ids, (id) => ({ __typename: 'User', id })));
const ofProducts = (upcs: Iterable<string>): string =>
  JSON.stringify(Array.from(upcs, (upc) => ({ __typename: 'Product', upc })));
const bodyOf = (query: string, variables: string): string => `{"query":${query},"variables":{${variables}}}`;

async function askEntities(ask: Ask, subgraph: string, query: string, of: string): Promise<unknown[]> {
  const data = (await ask(subgraph, bodyOf(query, `"of":${of}`))) as { _entities: unknown[] };
  return data._entities;
}

/** What reviews named: every author and every product, once. */
function findNamed(reviews: readonly Told[], authors: Set<string>, upcs: Set<string>): void {
  for (const { product, author } of reviews) {
    if (product !== undefined) {
      upcs.add(product.upc);
      if (product.reviews !== undefined) findNamed(product.reviews, authors, upcs);
    }
    if (author !== undefined) {
      authors.add(author.id);
      findNamed(author.reviews, authors, upcs);
    }
  }
}

interface Known {
  readonly authors: ReadonlyMap<string, UserPart>;
  readonly products: ReadonlyMap<string, ProductPart & Stock>;
}

function shapeProduct({ inStock, name, price, shippingEstimate, upc, weight }: ProductPart & Stock) {
  return { inStock, name, price, shippingEstimate, upc, weight };
}

function need<T>(map: ReadonlyMap<string, T>, key: string): T {
  const found = map.get(key);
  if (found === undefined) throw new Error(`nothing known of ${key}`);
  return found;
}

function shapeAuthored(reviews: readonly Told[], { authors, products }: Known) {
  return reviews.map(({ id, body, author }) => {
    const { id: authorId, username, name } = need(authors, author?.id ?? '');
    const theirs = (author?.reviews ?? []).map((review) => ({
      id: review.id,
      body: review.body,
      product: shapeProduct(need(products, review.product?.upc ?? '')),
    }));
    return { id, body, author: { id: authorId, username, name, reviews: theirs } };
  });
}

function shapeReviews(reviews: readonly Told[], known: Known) {
  return reviews.map(({ id, body, product }) => ({
    id,
    body,
    product: {
      ...shapeProduct(need(known.products, product?.upc ?? '')),
      reviews: shapeAuthored(product?.reviews ?? [], known),
    },
  }));
}

async function askRoots(ask: Ask, caller: string, joined: boolean) {
  const variables = `"caller":${JSON.stringify(caller)}`;
  const usersAsked = ask('accounts', bodyOf(USERS, variables)) as Promise<{ users: UserPart[] }>;
  const topAsked = ask('products', bodyOf(TOP, variables)) as Promise<{ topProducts: ProductPart[] }>;
  const idsOf = (users: readonly UserPart[]): string => ofUsers(users.map(({ id }) => id));
  const upcsOf = (top: readonly ProductPart[]): string => ofProducts(top.map(({ upc }) => upc));
  if (joined) {
    const [{ users }, { topProducts: top }] = await Promise.all([usersAsked, topAsked]);
    const of = `"users":${idsOf(users)},"products":${upcsOf(top)}`;
    const both = (await ask('reviews', bodyOf(BOTH_REVIEWS, of))) as { users: Holder[]; products: Holder[] };
    return { users, top, ofUser: both.users, ofProduct: both.products };
  }
  const [[users, ofUser], [top, ofProduct]] = await Promise.all([
    usersAsked.then(
      async (data) => [data.users, await askEntities(ask, 'reviews', USER_REVIEWS, idsOf(data.users))] as const,
    ),
    topAsked.then(async (data) => {
      return [data.topProducts, await askEntities(ask, 'reviews', PRODUCT_REVIEWS, upcsOf(data.topProducts))] as const;
    }),
  ]);
  return { users, top, ofUser: ofUser as Holder[], ofProduct: ofProduct as Holder[] };
}

/** Takes how to call, the caller, and whether reviews is asked once for both lists; gives the nested query's data. */
export async function answerNested(ask: Ask, caller: string, joined: boolean): Promise<unknown> {
  const { users, top, ofUser, ofProduct } = await askRoots(ask, caller, joined);
  const authorIds = new Set<string>();
  const upcs = new Set<string>();
  for (const { reviews } of [...ofUser, ...ofProduct]) findNamed(reviews, authorIds, upcs);
  const parts = new Map(top.map((product) => [product.upc, product]));
  const missing = [...upcs].filter((upc) => !parts.has(upc));
  const authorsAsked = askEntities(ask, 'accounts', AUTHORS, ofUsers(authorIds)) as Promise<UserPart[]>;
  const added = (await askEntities(ask, 'products', PRODUCTS, ofProducts(missing))) as ProductPart[];
  added.forEach((product, at) => {
    const upc = missing[at] ?? '';
    parts.set(upc, { ...product, upc });
  });
  const all = [...parts.values()];
  const wanted = all.map(({ upc, price, weight }) => ({ __typename: 'Product', upc, price, weight }));
  const [stocks, authors] = await Promise.all([
    askEntities(ask, 'inventory', STOCKS, JSON.stringify(wanted)) as Promise<Stock[]>,
    authorsAsked,
  ]);
  const products = new Map(all.map((product, at) => [product.upc, { ...product, ...(stocks[at] as Stock) }] as const));
  const ids = [...authorIds];
  const known = {
    products,
    authors: new Map(authors.map((author, at) => [ids[at] ?? '', { ...author, id: ids[at] ?? '' }])),
  };
  return {
    users: users.map(({ id, username, name }, at) => {
      return { id, username, name, reviews: shapeReviews(ofUser[at]?.reviews ?? [], known) };
    }),
    topProducts: top.map(({ upc }, at) => ({
      ...shapeProduct(need(products, upc)),
      reviews: shapeAuthored(ofProduct[at]?.reviews ?? [], known),
    })),
  };
}
