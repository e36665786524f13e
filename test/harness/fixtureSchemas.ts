// A small graph in the shape of the real one: three subgraphs, a @requires, a @provides, lists, a mutation. Tests of the
// gateway stand on it, so that no change of the real schemas can move them.
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable",
  "@requires", "@provides", "@external"])`;

/** The schema of each fixture subgraph. */
export const FIXTURE_SCHEMAS = {
  customers: `${LINK}
    type Query { customer(id: ID!): Customer customers(first: Int = 20): [Customer!]! company(id: ID!): Company! }
    type Mutation { renameCustomer(id: ID!, name: String!): Customer }
    type Customer @key(fields: "id") {
      id: ID! displayName: String! @shareable email: String score: Int friends: [Customer!]!
    }
    type Company { name: String! city: String! }`,
  orders: `${LINK}
    type Query { orders(first: Int = 20): [Order!]! }
    type Mutation { placeOrder(number: String!): Order }
    type Order @key(fields: "id") { id: ID! number: String! customer: Customer! @provides(fields: "displayName") }
    type Customer @key(fields: "id") {
      id: ID! displayName: String! @external orders(first: Int = 5): [Order!] orderStats: OrderStats!
    }
    type OrderStats { orderCount: Int! }`,
  marketing: `${LINK}
    type Query { campaigns: [Campaign!]! find(rule: Rule): Int }
    input Rule { channel: Channel and: [Rule!] minimum: Int }
    type Campaign { name: String! channel: Channel! }
    enum Channel { EMAIL SMS }
    type Customer @key(fields: "id") {
      id: ID! orderStats: OrderStats! @external consents: [Channel!]
      frequency: Int @requires(fields: "orderStats { orderCount }")
    }
    type OrderStats { orderCount: Int! @external }`,
} as const;

/** The name of a fixture subgraph. */
export type FixtureName = keyof typeof FIXTURE_SCHEMAS;
