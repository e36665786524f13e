// Hand-written: value types, lists of lists, inputs, scalars, mutations, nulls that travel far.
import { LINK, type FederatedSchema } from '../federatedSchema.ts';

/** Arguments of every kind. */
export const INPUTS: FederatedSchema = {
  name: 'inputs',
  subgraphs: {
    find: `${LINK}
      scalar JSON scalar Date
      enum Order { ASC DESC }
      input Filter { min: Int = 3 max: Int words: [String!] = ["a", "b"] and: [Filter!] order: Order! = ASC range: Range not: Filter extra: JSON }
      input Range { from: Float! to: Float = 9.5 }
      type Query { find(filter: Filter! = { min: 1 }, first: Int = 10): [Row!] count(filter: Filter, ids: [[ID!]!]): Int! echo(value: JSON, when: Date): JSON }
      type Row @key(fields: "id") { id: ID! cell(at: Int! = 0, order: Order): JSON cells(range: Range): [[JSON]] grid: [[Int!]!] day: Date }`,
    rank: `${LINK}
      enum Order { ASC DESC }
      input Weights { a: Float! = 0.5 b: [Float] order: [Order!] = [DESC] }
      type Query { ranked(by: [Weights!] = [{ a: 1 }]): [[Row!]!] }
      type Row @key(fields: "id") { id: ID! rank(weights: Weights = {}, flag: Boolean!): Float near(k: Int): [[Row]!] }`,
  },
};

/** Value types of which each subgraph gives a part; roots that several give. */
export const SHARED_VALUES: FederatedSchema = {
  name: 'shared-values',
  subgraphs: {
    a: `${LINK}
      type Query { shop: Shop @shareable now: Int @shareable owner: Person }
      type Shop { name: String @shareable street: String address: Address @shareable open: [Day!] }
      type Address { city: String @shareable zip: Int! @shareable lat: Float }
      type Day { name: String! from: Int }
      type Person @key(fields: "id") { id: ID! address: Address @shareable }`,
    b: `${LINK}
      type Query { shop: Shop @shareable now: Int @shareable manager: Person }
      type Shop { name: String @shareable phone: String! address: Address @shareable }
      type Address { city: String @shareable zip: Int! @shareable lng: Float country: Country }
      type Country @shareable { code: String! name: String }
      type Person @key(fields: "id") { id: ID! address: Address @shareable country: Country mood: String }`,
    c: `${LINK}
      type Query { now: Int @shareable country: Country @shareable }
      type Country @shareable { code: String! name: String }`,
    d: `${LINK}
      type Query { country: Country @shareable }
      type Country @shareable { code: String! name: String }
      type Person @key(fields: "id") { id: ID! age: Int! }`,
  },
};

/** Writes in an order that crosses subgraphs. */
export const WRITES: FederatedSchema = {
  name: 'writes',
  subgraphs: {
    a: `${LINK}
      type Query { log: Log }
      type Mutation { addA(by: Int = 1): Int setA(name: String): Log! dropA: [Log] failA: Boolean! }
      type Log @key(fields: "id") { id: ID! text: String last: Log }`,
    b: `${LINK}
      type Mutation { addB(by: Int!): Int setB: Log moveB(to: Target!): Result }
      input Target { x: Int! = 1 y: Int }
      type Log @key(fields: "id") { id: ID! size: Int! tags: [String!]! }
      union Result = Log | Refused
      type Refused { why: String! }`,
    c: `${LINK}
      type Mutation { addC: Int }
      type Log @key(fields: "id") { id: ID! text: String @external short: String @requires(fields: "text") }`,
  },
};

/** Nearly nothing may be null. */
export const NO_NULLS: FederatedSchema = {
  name: 'no-nulls',
  subgraphs: {
    a: `${LINK}
      type Query { top: A! tops: [A!]! maybe: A lists: [[A!]!] }
      type A @key(fields: "id") { id: ID! x: Int! y: Int b: B! bs: [B!]! maybe: B }
      type B @key(fields: "id") { id: ID! z: String! }`,
    b: `${LINK}
      type A @key(fields: "id") { id: ID! p: Float! q: [Int!]! r: [[Int!]] up: B! }
      type B @key(fields: "id") { id: ID! u: Boolean! v: V! vs: [V!] a: A! }
      type V { m: Int! n: V o: A! }`,
    c: `${LINK}
      type Query { first: B! some: [B] }
      type A @key(fields: "id") { id: ID! s: String! t: B }
      type B @key(fields: "id") { id: ID! w: [String!]! k: Int }`,
  },
};

/** What a subgraph can give of others' entities on some ways only. */
export const PROVIDES: FederatedSchema = {
  name: 'provides',
  subgraphs: {
    people: `${LINK}
      type Query { person: Person }
      type Person @key(fields: "id") { id: ID! name: String @shareable age: Int @shareable address: Address @shareable email: String! }
      type Address @shareable { city: String street(no: Int): String }`,
    blog: `${LINK}
      type Query { posts: [Post!] lead: Post @provides(fields: "author { name age }") mixed: [Entry] @provides(fields: "... on Post { rating }") }
      union Entry = Post | Ad
      type Post @key(fields: "id") { id: ID! title: String author: Person @provides(fields: "name address { city }") editor: Person
        likers(first: Int = 2): [Person!] @provides(fields: "name") rating: Int @external }
      type Ad { text: String for: Person @provides(fields: "age") }
      type Person @key(fields: "id") { id: ID! name: String @external age: Int @external address: Address @external posts: [Post] }
      type Address { city: String @external }`,
    ratings: `${LINK}
      type Query { rated: [Post!]! }
      type Post @key(fields: "id") { id: ID! rating: Int @shareable by: Person }
      type Person @key(fields: "id") { id: ID! karma: Int }`,
  },
};

/** One subgraph alone. */
export const ALONE: FederatedSchema = {
  name: 'alone',
  subgraphs: {
    only: `${LINK}
      type Query { a(n: Int = 1): A list: [[A]!] pick: U }
      type Mutation { set(n: Int!): A unset: Boolean }
      type A { n: Int! s: String a: A u: U as(first: Int): [A!] }
      type B { n: Int k: E }
      enum E { ONE TWO }
      union U = A | B`,
  },
};
