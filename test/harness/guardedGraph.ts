// A graph with something protected behind every feature of federation: for attacks on scopes and contracts. Its gateway
// asks for keys; its subgraphs remember what they were asked.
import { composeSchema } from '../oracle/federatedSchema.ts';
import { startKeyedGateway, type KeyedGateway, type KeyedGatewayOptions } from './keyedGateway.ts';
import { startRecordingSubgraphs, valueAt, type RecordingSubgraphs } from './recordingSubgraphs.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@tag",
  "@requires", "@provides", "@external", "@override", "@interfaceObject", "@requiresScopes", "@listSize"])`;
const PII = '@requiresScopes(scopes: [["people:pii"]]) @tag(name: "pii")';
const INTERNAL = '@tag(name: "internal")';

/** The subgraphs' schemas. */
export const GUARDED_TEXTS = {
  people: `${LINK}
    type Query {
      me: Person
      person(id: ID!): Person
      people(first: Int = 3, stale: Boolean ${INTERNAL}): [Person!] @listSize(slicingArguments: ["first"])
      peopleByEmail(email: String!): [Person!] ${PII} @listSize(assumedSize: 3)
      peopleBy(filter: PersonFilter, orderBy: PersonOrder): [Person!] @listSize(assumedSize: 3)
      node(id: ID!): Node
      found: [Found!] @listSize(assumedSize: 3)
      thing(id: ID!): Thing
      ledger: Ledger ${INTERNAL}
      open: String
    }
    type Mutation {
      rename(id: ID!, name: String!): Person @requiresScopes(scopes: [["people:write"]])
      drop(id: ID!): String ${INTERNAL}
    }
    interface Node { id: ID! label: String }
    type Person implements Node @key(fields: "id") {
      id: ID!
      label: String
      name: String
      email: String @shareable ${PII}
      badge: String! ${PII}
      nickname: String @requiresScopes(scopes: [["people:pii"]])
      boss: Person
      friends: [Person!] @listSize(assumedSize: 3)
      ledger: Ledger ${INTERNAL}
      note: String ${INTERNAL}
    }
    type Ledger ${INTERNAL} { lines: String }
    type Firm implements Node @key(fields: "id") { id: ID! label: String @requiresScopes(scopes: [["firms:read"]]) }
    type Vault @requiresScopes(scopes: [["vault:read"]]) { gold: String }
    union Found = Person | Vault
    interface Thing @key(fields: "id") { id: ID! title: String }
    type Book implements Thing @key(fields: "id") { id: ID! title: String }
    type Tape implements Thing @key(fields: "id") { id: ID! title: String @requiresScopes(scopes: [["tapes:read"]]) }
    enum PersonOrder { NAME RANK ${INTERNAL} }
    input PersonFilter { name: String rank: Int ${INTERNAL} }`,
  orders: `${LINK}
    type Query { order(id: ID!): Order orders: [Order!] @listSize(assumedSize: 3) }
    type Mutation { ship(id: ID!): Order @requiresScopes(scopes: [["orders:write"]]) }
    type Order @key(fields: "id") { id: ID! number: String customer: Person @provides(fields: "email") }
    type Person @key(fields: "id") {
      id: ID!
      email: String @external
      greeting: String @requires(fields: "email") @requiresScopes(scopes: [["people:pii"]]) @tag(name: "pii")
      nickname: String @override(from: "people")
      orders(first: Int = 3): [Order!] @listSize(slicingArguments: ["first"])
    }
    type Thing @key(fields: "id") @interfaceObject { id: ID! stock: String @requiresScopes(scopes: [["stock:read"]]) }`,
} as const satisfies Record<string, string>;

/** Which coordinates a scope guards: what nobody without it may find in an answer, or have asked of a subgraph. */
export const GUARDED: Readonly<Record<string, readonly string[]>> = {
  'people:pii': ['Person.email', 'Person.badge', 'Person.nickname', 'Person.greeting', 'Query.peopleByEmail'],
  'firms:read': ['Firm.label'],
  'vault:read': ['Vault.gold'],
  'tapes:read': ['Tape.title'],
  'stock:read': ['Thing.stock'],
};

/** What subgraphs answer in the place of what is guarded, whoever it is about. */
const GUARDED_VALUES = Object.values(GUARDED)
  .flat()
  .map((coordinate) => ({ kind: `the value of ${coordinate}`, text: valueAt(coordinate) }));

/** The contracts of the graph. */
export const GUARDED_CONTRACTS = 'partner: { exclude: [pii, internal] }\n';

/** A graph under attack. */
export interface GuardedGraph extends KeyedGateway {
  readonly subgraphs: RecordingSubgraphs;
}

/** Starts the graph. */
export async function startGuardedGraph(
  more: Partial<Omit<KeyedGatewayOptions, 'addresses'>> = {},
): Promise<GuardedGraph> {
  const supergraph = more.supergraph ?? (await composeSchema({ name: 'guarded', subgraphs: GUARDED_TEXTS })).supergraph;
  const subgraphs = await startRecordingSubgraphs(GUARDED_TEXTS);
  const gateway = await startKeyedGateway({
    ...{ contracts: GUARDED_CONTRACTS, addresses: subgraphs.addresses, canaries: GUARDED_VALUES },
    ...more,
    supergraph,
  }).catch(async (error: unknown) => {
    await subgraphs.stop();
    throw error;
  });
  return {
    ...gateway,
    subgraphs,
    async stop() {
      await gateway.stop().finally(() => subgraphs.stop());
    },
  };
}
