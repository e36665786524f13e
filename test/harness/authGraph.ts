// A small graph that carries every auth directive in every place, for tests of what enforces them.
import { composeServices } from '@apollo/composition';
import { Kind, parse, validate, buildASTSchema, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import { OPEN_CALLER, type Caller } from '../../gateway/caller.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@requires",
  "@external", "@interfaceObject", "@context", "@fromContext", "@inaccessible", "@authenticated", "@policy",
  { name: "@requiresScopes", as: "@need" }])`;

/** The subgraphs' texts. */
export const AUTH_TEXTS: Readonly<Record<string, string>> = {
  people: `${LINK}
    scalar Secret @need(scopes: [["secret:read"]])
    type Query {
      me: Person @authenticated
      person(id: ID): Person
      node: Node
      item: Item
      found: [Found!]
      open: Int
      vetted: Int @policy(policies: [["office", "hours"], ["admin"]])
    }
    type Mutation { rename(id: ID!): Person @need(scopes: [["people:write"]]) }
    interface Node { id: ID! label: String }
    interface Item @key(fields: "id") { id: ID! price: Int }
    type Person implements Node @key(fields: "id") @context(name: "owner") @need(scopes: [["people:read"]]) {
      id: ID!
      label: String
      name: String
      email: String @need(scopes: [["people:read", "pii"], ["admin"]])
      phone: Secret
      boss: Person
      hidden: Int @inaccessible
      desk: Desk
    }
    type Desk @key(fields: "id") {
      id: ID!
      tidy(name: String @fromContext(field: "$owner { name }")): Boolean @need(scopes: [["people:read"]])
    }
    type Firm implements Node @key(fields: "id") { id: ID! label: String @need(scopes: [["firms:read"]]) }
    type Book implements Item @key(fields: "id") @need(scopes: [["books:read"]]) { id: ID! price: Int pages: Int }
    type Pen implements Item @key(fields: "id") { id: ID! price: Int @need(scopes: [["prices:read"]]) }
    union Found = Person | Firm | Pen`,
  orders: `${LINK}
    type Person @key(fields: "id") {
      id: ID!
      email: String @external
      greeting: String @requires(fields: "email") @need(scopes: [["admin"]])
    }
    type Item @key(fields: "id") @interfaceObject { id: ID! stock: Int @need(scopes: [["stock:read"]]) }`,
  texts: `${LINK}
    type Person @key(fields: "id") {
      id: ID!
      greeting: String @external
      poem: String @requires(fields: "greeting") @need(scopes: [["admin"]])
    }`,
};

/** Takes subgraphs' texts; gives the supergraph that @apollo/composition makes of them. Throws where they do not fit. */
export function composeTexts(texts: Readonly<Record<string, string>>): string {
  const services = Object.entries(texts).map(([name, sdl]) => ({ name, url: '', typeDefs: parse(sdl) }));
  const composed = composeServices(services);
  if (composed.errors !== undefined) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return composed.supergraphSdl;
}

/** Takes a stripped supergraph, a document and an operation's name; gives the document, found valid, and the operation. */
export function validOperation(
  plannerSdl: string,
  text: string,
  name?: string,
): { document: DocumentNode; operation: OperationDefinitionNode } {
  const document = parse(text, { noLocation: true });
  const schema = buildASTSchema(parse(plannerSdl), { assumeValid: true, assumeValidSDL: true });
  const errors = validate(schema, document);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const operation = operations.find((node) => name === undefined || node.name?.value === name);
  if (operation === undefined) throw new Error(`no operation is named ${name ?? ''}`);
  return { document, operation };
}

/** A caller with a key and these scopes. */
export function keyWith(scopes: readonly string[], more: Partial<Caller> = {}): Caller {
  const rights = JSON.stringify([scopes, more.denial, more.kind]);
  return { ...OPEN_CALLER, kind: 'key', id: 'key:test', scopes: new Set(scopes), rights, ...more };
}
