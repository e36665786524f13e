import { ApolloGateway } from '@apollo/gateway';
import { getNamedType, isCompositeType, isInterfaceType, isObjectType, parse } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { AUTH_TEXTS, composeTexts, keyWith } from '../../test/harness/authGraph.ts';
import { secureSupergraph } from './secureSupergraph.ts';

const POLICIES = new Map(['office', 'hours', 'admin'].map((name) => [name, () => true]));
const ALL_SCOPES = [
  'people:read',
  'people:write',
  'pii',
  'admin',
  'secret:read',
  'firms:read',
  'books:read',
  'prices:read',
  'stock:read',
];
const supergraph = composeTexts(AUTH_TEXTS);

async function load(supergraphSdl: string): Promise<GraphQLSchema> {
  const nothing = (): void => undefined;
  const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const gateway = new ApolloGateway({ supergraphSdl, logger });
  const { schema } = await gateway.load();
  await gateway.stop();
  return schema;
}

/** One field on its own, as deep as its type needs: by a fragment on the type that it stands on. */
function askFor(schema: GraphQLSchema, type: string, field: string) {
  const parent = schema.getType(type);
  const declared = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field] : undefined;
  if (declared === undefined) return undefined;
  const inner = isCompositeType(getNamedType(declared.type)) ? ' { __typename }' : '';
  const text = `query Q { ...F } fragment F on ${type} { ${field}${inner} }`;
  const document: DocumentNode = parse(text);
  const [operation] = document.definitions;
  return { document, operation: operation as OperationDefinitionNode };
}

describe('secureSupergraph', () => {
  // Contexts are SECURITY too, and stock ApolloGateway does not know them (plan/apolloGateway.ts does).
  const { people = '', ...others } = AUTH_TEXTS;
  const stock = composeTexts({
    ...others,
    people: people.replace(' @context(name: "owner")', '').replace(/\(name: String @fromContext[^)]*\)\)/, ''),
  });

  it('gives what loads together with what enforces: refused with the directives, loaded without, and every field held', async () => {
    await expect(load(stock)).rejects.toThrow('is for: SECURITY but is unsupported');
    const { plannerSdl, authorizer, carriesAuth } = secureSupergraph(stock, POLICIES);
    const schema = await load(plannerSdl);
    expect(carriesAuth).toBe(true);
    const nobody = keyWith([], { kind: 'nobody' });
    const everybody = keyWith(ALL_SCOPES);
    const coordinates = authorizer.protectedCoordinates();
    const refused: string[] = [];
    for (const coordinate of coordinates) {
      const [type = '', field = ''] = coordinate.split('.');
      const asked = askFor(schema, type, field);
      if (asked === undefined) continue;
      const needs = authorizer.needsOf(asked.document, asked.operation);
      if (!authorizer.decide(needs, nobody).allowed) refused.push(coordinate);
      expect([coordinate, authorizer.decide(needs, everybody, new Set(POLICIES.keys()))]).toEqual([
        coordinate,
        { allowed: true },
      ]);
    }
    // What no client sees (@inaccessible) cannot be asked for.
    expect(refused).toEqual(coordinates.filter((coordinate) => coordinate !== 'Person.hidden'));
    expect(refused.length).toBeGreaterThan(20);
  });

  it('leaves no auth directive, no definition of one and no scalar of theirs', () => {
    const { plannerSdl } = secureSupergraph(supergraph, POLICIES);
    expect(plannerSdl).not.toMatch(
      /@need|@authenticated|@policy|requiresScopes__|policy__|requiresScopes\/v|"secret:read"/,
    );
    expect(plannerSdl).toContain('scalar Secret');
  });

  it('gives a supergraph without auth directives back as it came', () => {
    const plain = supergraph.replace(/@link\(url: "[^"]*\/(requiresScopes|authenticated|policy)\/v0.1"[^)]*\)/g, '');
    const open = composeTexts({ one: 'type Query { a: Int }' });
    expect(secureSupergraph(open, POLICIES)).toMatchObject({ plannerSdl: open, carriesAuth: false });
    expect(() => secureSupergraph(plain, POLICIES)).toThrow('no link');
  });

  it('refuses a policy that no function answers', () => {
    expect(() => secureSupergraph(supergraph, new Map([['hours', () => true]]))).toThrow('admin, office');
  });

  it('refuses an interface that takes less, or more, than its implementations together', () => {
    const node = /(interface Node[^{]*)@need\(scopes: \[\["people:read"\]\]\)/;
    expect(supergraph).toMatch(node);
    expect(() => secureSupergraph(supergraph.replace(node, '$1'), POLICIES)).toThrow('Node');
    const price = /(interface Item[^}]*price: Int[^\n]*)@need\(scopes: \[\["prices:read"\]\]\)/;
    expect(supergraph).toMatch(price);
    expect(() => secureSupergraph(supergraph.replace(price, '$1'), POLICIES)).toThrow('Item.price');
    const found = supergraph.replace(price, '$1@need(scopes: [["prices:read", "more"]])');
    expect(() => secureSupergraph(found, POLICIES)).toThrow('Item.price');
  });

  it.each([
    ['an argument', 'rename(id: ID! @need(scopes: [["a"]]))'],
    ['an argument, by another name', 'rename(id: ID! @authenticated)'],
  ])('refuses a directive on %s, where nobody would enforce it', (_, field) => {
    expect(() => secureSupergraph(supergraph.replace('rename(id: ID!)', field), POLICIES)).toThrow(
      'can not be enforced',
    );
  });

  it.each([
    ['an input field', 'input Odd { a: Int @authenticated }'],
    ['an input', 'input Odd @authenticated { a: Int }'],
    ['an enum value', 'enum Odd { A @authenticated }'],
    ['a union', 'union Odd @authenticated = Person'],
  ])('refuses a directive on %s', (_, definition) => {
    expect(() => secureSupergraph(`${supergraph}\n${definition}`, POLICIES)).toThrow('can not be enforced');
  });

  it.each([
    ['without scopes', '@need'],
    ['with something else than text', '@need(scopes: [[1]])'],
    ['wrapped', '@join__directive(name: "need", args: { scopes: [["a"]] })'],
    ['without a link', '@federation__requiresScopes(scopes: [["a"]])'],
  ])('refuses a directive %s', (_, directive) => {
    expect(() => secureSupergraph(supergraph.replace('boss: Person', `boss: Person ${directive}`), POLICIES)).toThrow();
  });

  it('holds what stands on an extension as well', () => {
    const { authorizer } = secureSupergraph(`${supergraph}\nextend type Desk @authenticated { more: Int }`, POLICIES);
    expect(authorizer.protectedCoordinates()).toContain('Desk.more');
  });
});
