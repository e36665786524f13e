// Hand-written: contexts, overrides, hidden parts, renamed links and root types.
import { LINK, type FederatedSchema } from '../federatedSchema.ts';

/** Fields that take an argument from an ancestor. */
export const CONTEXTS: FederatedSchema = {
  name: 'contexts',
  subgraphs: {
    bank: `${LINK}
      type Query { customer(id: ID): Customer customers: [Customer!] shop: Shop }
      type Customer @key(fields: "id") @context(name: "where") { id: ID! currency: String accounts: [Account!] home: Home main: Account }
      type Shop @key(fields: "id") @context(name: "where") { id: ID! currency: String till: Account open: Boolean }
      type Home { city: String }
      type Account @key(fields: "id") { id: ID! number: Int
        balance(in: String @fromContext(field: "$where { currency }"), round: Boolean): Float
        note: String }`,
    rates: `${LINK}
      type Query { rate(of: String): Float }
      type Account @key(fields: "id") { id: ID! rate: Float }
      type Customer @key(fields: "id") { id: ID! level: Int }`,
  },
};

/** Contexts with conditions on types and values of another subgraph. */
export const CONTEXTS_APART: FederatedSchema = {
  name: 'contexts-apart',
  subgraphs: {
    tree: `${LINK}
      type Query { forest: [Tree!]! bush: Bush }
      type Tree @key(fields: "id") @context(name: "plant") { id: ID! kind: String @external leaf: Leaf leaves: [Leaf!] }
      type Bush @key(fields: "id") @context(name: "plant") { id: ID! height: String leaf: Leaf }
      type Leaf @key(fields: "id") { id: ID!
        color(of: String @fromContext(field: "$plant ... on Tree { kind } ... on Bush { height }")): String! }`,
    kinds: `${LINK}
      type Tree @key(fields: "id") { id: ID! kind: String age: Int }
      type Leaf @key(fields: "id") { id: ID! veins: Int }`,
  },
};

/** Fields that moved, wholly or for part of the requests, and fields that clients do not see. */
export const OVERRIDES: FederatedSchema = {
  name: 'overrides',
  subgraphs: {
    old: `${LINK}
      type Query { order(n: Int): Order @tag(name: "old") orders: [Order] }
      type Order @key(fields: "id") { id: ID! total: Float state: State items: [Item!] note: String secret: Int @inaccessible }
      enum State { OPEN CLOSED HIDDEN @inaccessible }
      type Item { name: String count: Int! }`,
    fresh: `${LINK}
      type Query { recent: [Order!] }
      type Order @key(fields: "id") { id: ID! total: Float @override(from: "old") note: String @override(from: "old", label: "percent(30)")
        secret: Int @external hint: String @requires(fields: "secret") ghost: Ghost @inaccessible state: State @override(from: "old") }
      enum State { OPEN CLOSED HIDDEN @inaccessible }
      type Ghost @inaccessible { boo: String }`,
    extra: `${LINK}
      type Order @key(fields: "id") { id: ID! total: Float @external vat: Float @requires(fields: "total") @cost(weight: 3) boxes: [Int] @listSize(assumedSize: 4) weight: Int @tag(name: "x") @tag(name: "y") }`,
  },
};

/** Names of the specification changed by @link, root types by schema, a directive of the graph's own. */
export const RENAMED: FederatedSchema = {
  name: 'renamed',
  subgraphs: {
    one: `schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{ name: "@key", as: "@primary" }, "@shareable"])
        { query: Reads mutation: Writes }
      type Reads { thing: Thing things(all: Boolean = false): [Thing!]! }
      type Writes { make(name: String!): Thing }
      type Thing @primary(fields: "id") { id: ID! name: String size: Size @shareable }
      type Size @shareable { w: Int h: Int! }`,
    two: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@requires"])
      type Query { other: Thing }
      type Mutation { undo: Thing! }
      type Thing @federation__key(fields: "id") { id: ID! name: String @federation__external label: String @requires(fields: "name")
        size: Size @federation__shareable owner: Owner @federation__tag(name: "own") }
      type Size @federation__shareable { w: Int h: Int! }
      type Owner { name: String! }`,
    three: `schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
        @link(url: "https://example.com/cost/v1.0", import: ["@price"]) @composeDirective(name: "@price") { query: Root }
      directive @price(cents: Int!) on FIELD_DEFINITION
      type Root { answer_: String top: Thing }
      type Thing @key(fields: "id") { id: ID! worth: Int @price(cents: 3) parts: [Thing!] }`,
  },
};
