// Hand-written: keys of every kind over a shop.
import { LINK, type FederatedSchema } from '../federatedSchema.ts';

export const SHOP: FederatedSchema = {
  name: 'shop',
  subgraphs: {
    users: `${LINK}
      type Query { me: User users(first: Int = 2): [User!] }
      type Mutation { rename(id: ID!, name: String): User touch: Int }
      type User @key(fields: "id") { id: ID! name: String @shareable age: Int! email: String @tag(name: "private") }`,
    products: `${LINK}
      type Query { top(first: Int = 3): [Product] product(upc: ID!): Product }
      type Mutation { restock(upc: ID!): Product! }
      type Product @key(fields: "upc") { upc: ID! name: String price: Int weight: Int dims: Dims tags: [[String!]] }
      type Dims { w: Int! h: Int }`,
    reviews: `${LINK}
      type Query { latest: [Review!]! }
      type Review @key(fields: "id") { id: ID! text(limit: Int = 5): String stars: Int author: User @provides(fields: "name") product: Product! }
      type User @key(fields: "id") { id: ID! name: String @external reviews(first: Int): [Review] }
      type Product @key(fields: "upc") { upc: ID! reviews: [Review!] }`,
    inventory: `${LINK}
      type Product @key(fields: "upc") { upc: ID! weight: Int @external price: Int @external dims: Dims @external inStock: Boolean
        estimate(zone: Int): Int @requires(fields: "weight price") volume: Float @requires(fields: "dims { w h }") }
      type Dims @external { w: Int! h: Int }`,
  },
};
