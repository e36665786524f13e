// The four subgraphs: each one's schema as it validates fetches, its root fields over the data, and its schema in the form
// of federation 1 for a gateway that reads no other.
import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { estimateShipping, products, reviews, users } from '../graph/data.ts';
import type { RootField, Source } from './compileDocument.ts';

/** The subgraphs by name. */
export const SUBGRAPHS = ['accounts', 'inventory', 'products', 'reviews'] as const;

/** The name of a subgraph. */
export type SubgraphName = (typeof SUBGRAPHS)[number];

/** A subgraph as its server needs it. */
export interface Subgraph {
  readonly schema: GraphQLSchema;
  readonly rootFields: Readonly<Record<string, RootField>>;
}

const ENTITIES: Readonly<Record<SubgraphName, readonly string[]>> = {
  accounts: ['User'],
  inventory: ['Product'],
  products: ['Product'],
  reviews: ['Review', 'User', 'Product'],
};

const usersById = new Map<unknown, Source>(users.map((user) => [user.id, { ...user }]));
const productsByUpc = new Map<unknown, Source>(products.map((product) => [product.upc, { ...product }]));
const reviewsById = new Map<unknown, Source>(reviews.map((review) => [review.id, { ...review }]));
const estimated = new Map<string, Source>();

/** Shipping is estimated from what the gateway sends, so that a gateway that sends too little is found out. */
function estimate(representation: Source): Source | undefined {
  const known = productsByUpc.get(representation['upc']);
  const { price, weight } = representation;
  const key = `${String(representation['upc'])} ${String(price)} ${String(weight)}`;
  const kept = estimated.get(key);
  if (kept !== undefined || known === undefined) return kept;
  const both = typeof price === 'number' && typeof weight === 'number';
  const product = { ...known, shippingEstimate: both ? estimateShipping(price, weight) : null };
  if (estimated.size < products.length * 10) estimated.set(key, product);
  return product;
}

function findEntity(name: SubgraphName, representation: Source): Source | undefined {
  const type = representation['__typename'];
  if (name === 'inventory') return estimate(representation);
  if (type === 'User') return usersById.get(representation['id']);
  if (type === 'Product') return productsByUpc.get(representation['upc']);
  return reviewsById.get(representation['id']);
}

function readGraphFile(path: string): string {
  return readFileSync(new URL(`../graph/${path}.graphql`, import.meta.url), 'utf8');
}

/** Takes a subgraph's name; gives what its server answers from. */
export function subgraphOf(name: SubgraphName): Subgraph {
  const sdl = readGraphFile(name);
  const machinery = `
    scalar _Any
    type _Service { sdl: String }
    union _Entity = ${ENTITIES[name].join(' | ')}
    ${/^type Query/m.test(sdl) ? 'extend type' : 'type'} Query {
      _entities(representations: [_Any!]!): [_Entity]!
      _service: _Service!
    }`;
  const service = { __typename: '_Service', sdl: readGraphFile(`firstFederation/${name}`) };
  return {
    schema: buildSchema(sdl + machinery, { assumeValidSDL: true }),
    rootFields: {
      _entities: ({ representations }) =>
        (representations as Source[]).map((representation) => findEntity(name, representation)),
      _service: () => service,
      users: () => users,
      me: () => users[0],
      user: ({ id }) => usersById.get(id),
      topProducts: ({ first = 5 }) => products.slice(0, first as number),
    },
  };
}
