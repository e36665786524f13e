// Hand-written: keys of every kind, and ways between subgraphs that need more than one of them.
import { LINK, type FederatedSchema } from '../federatedSchema.ts';

/** Compound and nested keys. */
export const COMPOUND_KEYS: FederatedSchema = {
  name: 'compound-keys',
  subgraphs: {
    catalog: `${LINK}
      type Query { item(sku: String): Item items: [Item!]! org: Org }
      type Item @key(fields: "sku org { id }") { sku: String! org: Org! title: String parts: [Item] }
      type Org @key(fields: "id") { id: ID! name: String! }`,
    stock: `${LINK}
      type Query { stocked(first: Int = 2): [Item] }
      type Item @key(fields: "sku org { id }") { sku: String! org: Org! count: Int! place: Place }
      type Org @key(fields: "id") { id: ID! site: String places: [Place!] }
      type Place @key(fields: "code zone") { code: Int! zone: String! label: String }`,
    maps: `${LINK}
      type Query { place: Place! }
      type Place @key(fields: "code zone") { code: Int! zone: String! lat: Float lng: Float! items: [Item!] }
      type Item @key(fields: "sku org { id }", resolvable: false) { sku: String! org: Org! }
      type Org @key(fields: "id", resolvable: false) { id: ID! }`,
    meta: `${LINK}
      type Item @key(fields: "sku org { id }") { sku: String! org: Org! spec: Spec! }
      type Org { id: ID! @shareable }
      type Spec { a: Int! b: String inner: Spec }`,
  },
};

/** A chain: who wants what the last one has must find the key in the middle. */
export const KEY_CHAIN: FederatedSchema = {
  name: 'key-chain',
  subgraphs: {
    a: `${LINK}
      type Query { person(n: Int = 1): Person people: [Person] }
      type Person @key(fields: "id") { id: ID! first: String friend: Person }`,
    b: `${LINK}
      type Person @key(fields: "id") @key(fields: "email") { id: ID! email: String! last: String! }`,
    c: `${LINK}
      type Query { mailed: [Person!]! }
      type Person @key(fields: "email") @key(fields: "phone { number }") { email: String! phone: Phone! mails(first: Int): [String] }
      type Phone { number: String! @shareable }`,
    d: `${LINK}
      type Query { caller: Person }
      type Person @key(fields: "phone { number }") { phone: Phone! calls: Int city: City }
      type Phone { number: String! @shareable country: String }
      type City { name: String! people: [Person!] }`,
  },
};

/** A key that is not resolvable stands first where a @requires must come back (case a). */
export const UNRESOLVABLE_FIRST: FederatedSchema = {
  name: 'unresolvable-first',
  subgraphs: {
    a: `${LINK}
      type Query { thing: Thing things: [Thing!] }
      type Thing @key(fields: "id") @key(fields: "code") { id: ID! code: String! size: Int tags: [String] }`,
    b: `${LINK}
      type Query { made: [Thing] }
      type Thing @key(fields: "id", resolvable: false) @key(fields: "code") {
        id: ID! code: String! size: Int @external tags: [String] @external
        area: Int @requires(fields: "size") words: [String!] @requires(fields: "tags size") plain: Float }`,
    c: `${LINK}
      type Query { seen: Thing }
      type Thing @key(fields: "id", resolvable: false) { id: ID! }`,
  },
};
