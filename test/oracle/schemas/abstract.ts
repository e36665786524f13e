// Hand-written: interfaces, unions, keys on interfaces and @interfaceObject.
import { LINK, type FederatedSchema } from '../federatedSchema.ts';

/** An interface with a key, and subgraphs that know only the interface. */
export const INTERFACE_OBJECT: FederatedSchema = {
  name: 'interface-object',
  subgraphs: {
    media: `${LINK}
      type Query { media(n: Int = 0): Media all: [Media] book: Book }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int! }
      type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int director: String }
      type Song implements Media @key(fields: "id") { id: ID! title: String key: String }`,
    reviews: `${LINK}
      type Query { best: [Media!] reviewed: Media }
      type Media @key(fields: "id") @interfaceObject { id: ID! reviews(first: Int = 2): [Review!] score: Int! }
      type Review { text: String stars: Int! }`,
    sales: `${LINK}
      type Query { sold: [Media] }
      type Media @key(fields: "id") @interfaceObject { id: ID! price: Float }`,
  },
};

/** Fields of an @interfaceObject that need fields of another @interfaceObject. */
export const INTERFACE_REQUIRES: FederatedSchema = {
  name: 'interface-requires',
  subgraphs: {
    media: `${LINK}
      type Query { media(n: Int = 0): Media all: [Media] }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int! }
      type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }`,
    reviews: `${LINK}
      type Query { best: [Media!] }
      type Media @key(fields: "id") @interfaceObject { id: ID! score: Int! }`,
    sales: `${LINK}
      type Media @key(fields: "id") @interfaceObject { id: ID! score: Int! @external
        rating: String @requires(fields: "score") }`,
  },
};

/** Unions and interfaces of entities and value types. */
export const UNIONS: FederatedSchema = {
  name: 'unions',
  subgraphs: {
    search: `${LINK}
      type Query { search(text: String): [Hit!]! hit: Hit named: [Named] }
      union Hit = User | Page | Note
      interface Named { name: String }
      type User implements Named @key(fields: "id") { id: ID! name: String @shareable }
      type Page implements Named @key(fields: "url") { url: ID! name: String inner: [Hit] }
      type Note { text: String! about: Hit at: Named }`,
    users: `${LINK}
      type Query { user: User actors: [Actor!] }
      interface Actor { id: ID! age: Int }
      type User implements Actor @key(fields: "id") { id: ID! name: String @shareable age: Int pages(first: Int): [Page!] }
      type Bot implements Actor @key(fields: "id") { id: ID! age: Int model: String! owner: User }
      type Page @key(fields: "url", resolvable: false) { url: ID! }`,
    pages: `${LINK}
      type Page @key(fields: "url") { url: ID! views: Int author: Author children: [Page!]! }
      union Author = User | Bot
      type User @key(fields: "id") { id: ID! wrote: [Page] }
      type Bot @key(fields: "id") { id: ID! wrote: [Page!] uptime: Float }`,
  },
};

/** Interfaces on interfaces, not all implementers known everywhere. */
export const INTERFACE_TREE: FederatedSchema = {
  name: 'interface-tree',
  subgraphs: {
    core: `${LINK}
      type Query { node(n: Int): Node shapes: [Shape!] deep: [[Shape]] }
      interface Node { id: ID! }
      interface Shape implements Node { id: ID! area: Float color(mix: Boolean): Color }
      enum Color { RED GREEN BLUE }
      type Circle implements Node & Shape @key(fields: "id") { id: ID! area: Float color(mix: Boolean): Color radius: Int! }
      type Square implements Node & Shape @key(fields: "id") { id: ID! area: Float color(mix: Boolean): Color side: Int }
      type Group implements Node @key(fields: "id") { id: ID! members: [Shape] first: Node }`,
    paint: `${LINK}
      type Query { painted: [Paintable!]! }
      interface Paintable { id: ID! coat: Coat cost(per: Float = 1.5): Float }
      type Circle implements Paintable @key(fields: "id") { id: ID! coat: Coat cost(per: Float = 1.5): Float @requires(fields: "area") area: Float @external }
      type Wall implements Paintable @key(fields: "id") { id: ID! coat: Coat cost(per: Float = 1.5): Float }
      type Coat { name: String layers: Int! of: Paintable }`,
    owners: `${LINK}
      type Circle @key(fields: "id") { id: ID! owner: Owner }
      type Square @key(fields: "id") { id: ID! owner: Owner! }
      type Wall @key(fields: "id") { id: ID! owner: Owner near: [Wall!] }
      type Owner @key(fields: "name") { name: String! age: Int }`,
  },
};

/** Types that no object is both of, with fields of one form and entities beneath: one response name can mean several. */
export const DISJOINT_TYPES: FederatedSchema = {
  name: 'disjoint-types',
  subgraphs: {
    items: `${LINK}
      type Query { items: [Item!] item: Item any: Any }
      interface Item { id: ID! author: User }
      union Any = Book | Film | User
      type Book implements Item @key(fields: "id") { id: ID! author: User editor: User readers(first: Int): [User!] title(upper: Boolean): String }
      type Film implements Item @key(fields: "id") { id: ID! author: User editor: User readers(first: Int): [User!] title(upper: Boolean): String }
      type Song implements Item { id: ID! author: User editor: Band readers(first: Int): [User!] title(upper: Boolean): String }
      type Band @key(fields: "id") { id: ID! }
      type User @key(fields: "id") { id: ID! }`,
    users: `${LINK}
      type User @key(fields: "id") { id: ID! name(lang: String): String nick: String phone(lang: String): String age: Int friend: User }
      type Band @key(fields: "id") { id: ID! name(lang: String): String nick: String phone(lang: String): String age: Int friend: User }`,
    ratings: `${LINK}
      type Book @key(fields: "id") { id: ID! stars(of: Int): Int price(of: Int): Int critic: User }
      type Film @key(fields: "id") { id: ID! stars(of: Int): Int price(of: Int): Int critic: User }
      type User @key(fields: "id") { id: ID! score(of: Int): Int rank: Int }`,
  },
};
