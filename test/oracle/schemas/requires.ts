// Hand-written: fields that need fields of other subgraphs, in chains, nested, with arguments.
import { LINK, type FederatedSchema } from '../federatedSchema.ts';

/** Chains of @requires over four subgraphs, nested selections, lists and abstract types in them. */
export const REQUIRES_CHAIN: FederatedSchema = {
  name: 'requires-chain',
  subgraphs: {
    base: `${LINK}
      type Query { car(id: ID!): Car cars: [Car] }
      type Car @key(fields: "id") { id: ID! mass: Int dims: Dims wheels: [Wheel!] owner: Owner load: Load }
      type Dims { w: Int! h: Int deep: Deep } type Deep { a: String b: [Int] }
      type Wheel { size: Int maker: String! }
      type Owner @key(fields: "id") { id: ID! name: String }
      union Load = Box | Sack
      type Box { volume: Int label: String } type Sack { weight: Int label: String! }`,
    engine: `${LINK}
      type Car @key(fields: "id") { id: ID! mass: Int @external dims: Dims @external
        power: Int @requires(fields: "mass") drag: Float @requires(fields: "dims { w h deep { a } }") fuel: String }
      type Dims @external { w: Int! h: Int deep: Deep } type Deep @external { a: String }`,
    road: `${LINK}
      type Query { race: [Car!] }
      type Car @key(fields: "id") { id: ID! power: Int @external drag: Float @external wheels: [Wheel!] @external
        speed: Float @requires(fields: "power drag") grip: Int! @requires(fields: "wheels { size maker }") lane: Int }
      type Wheel @external { size: Int maker: String! }`,
    tax: `${LINK}
      type Car @key(fields: "id") { id: ID! speed: Float @external fuel: String @external owner: Owner @external load: Load @external
        tax(year: Int = 2026): Int @requires(fields: "speed fuel") bill: Bill @requires(fields: "owner { id name score }")
        toll: Int @requires(fields: "load { ... on Box { volume } ... on Sack { weight } }") }
      type Owner @key(fields: "id") { id: ID! name: String @external score: Int }
      type Bill { total: Int! for: Owner lines: [String!] }
      union Load = Box | Sack
      type Box @external { volume: Int } type Sack @external { weight: Int }`,
  },
};

/** A required field has arguments; clients ask it with others (cases b and c). */
export const REQUIRES_ARGUMENTS: FederatedSchema = {
  name: 'requires-arguments',
  subgraphs: {
    posts: `${LINK}
      type Query { post: Post posts(first: Int): [Post!]! }
      type Post @key(fields: "id") { id: ID! comments(limit: Int = 5): [String] title(upper: Boolean): String
        replies(limit: Int, by: String): [Reply!] rank(scale: Scale = FULL): Int }
      type Reply { text(limit: Int): String stars: Int }
      enum Scale { FULL HALF }`,
    feed: `${LINK}
      type Query { feed: [Post] }
      type Post @key(fields: "id") { id: ID! comments(limit: Int = 5): [String] @external title(upper: Boolean): String @external
        replies(limit: Int, by: String): [Reply!] @external rank(scale: Scale = FULL): Int @external
        first: String @requires(fields: "comments(limit: 1)") top: String @requires(fields: "comments(limit: 3)")
        head(big: Boolean): String @requires(fields: "title(upper: true)")
        thread: Int @requires(fields: "replies(limit: 2, by: \\"x\\") { text(limit: 3) stars }")
        mood: String @requires(fields: "rank(scale: HALF) title") other: Int }
      type Reply @external { text(limit: Int): String stars: Int }
      enum Scale { FULL HALF }`,
    stats: `${LINK}
      type Post @key(fields: "id") { id: ID! top: String @external rank(scale: Scale = FULL): Int @external
        score: Int! @requires(fields: "top rank") views: Int }
      enum Scale { FULL HALF }`,
  },
};

/** Required fields share names with what clients call other fields. */
export const REQUIRES_CROSSED: FederatedSchema = {
  name: 'requires-crossed',
  subgraphs: {
    left: `${LINK}
      type Query { l: [Node!]! one: Node }
      type Node @key(fields: "id") { id: ID! a: Int b: String d: Int @external e: String @requires(fields: "d") next: Node list: [Node] }`,
    right: `${LINK}
      type Query { r(n: Int): Node }
      type Node @key(fields: "id") { id: ID! a: Int @external b: String @external d: Int @requires(fields: "a")
        f: [Int!] @requires(fields: "b") next: Node @external g: Int @requires(fields: "next { a b }") list: [Node] @external
        h: String @requires(fields: "list { a next { b } }") }`,
    third: `${LINK}
      type Node @key(fields: "id") { id: ID! e: String @external f: [Int!] @external i: Boolean @requires(fields: "e f") k: Int! }`,
  },
};
