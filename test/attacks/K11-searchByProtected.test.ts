// Guarantee: nothing that a caller sends finds out a protected field by searching for it: a search by one is a root field
//   of its own that carries the scope, and no argument, input field or enum value of any other is about one.
// Attack: searches by e-mail address, directly, renamed and by prefix in filters; and the three subgraphs' schemas, read
//   from end to end for anything that filters or sorts by what is protected.
// Learned from: APIs that hide a field and sort by it, so that it is read by bisection.
import { readFileSync } from 'node:fs';
import { Kind, parse, type DocumentNode, type TypeNode } from 'graphql';
import { makeAttackKeys, STOPPED, tryAttack } from '../harness/attackScopes.ts';
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';
import { SUBGRAPHS } from '../harness/testGraph.ts';

const SCOPE = 'people:pii';
/** A text without what is left to spend. */
const steady = (text: string): string => text.replace(/"available":\d+/, '');

describe('K11: search by what is protected', () => {
  let graph: GuardedGraph;
  beforeAll(async () => {
    graph = await startGuardedGraph();
  });
  afterAll(() => graph.stop());

  it.each([
    ['by name', '{ peopleByEmail(email: "a@example.com") { id } }'],
    ['renamed', '{ people: peopleByEmail(email: "a@example.com") { name } }'],
    ['by a variable', 'query ($e: String!) { peopleByEmail(email: $e) { __typename } }'],
  ])('%s: the search takes the scope', async (_, query) => {
    const keys = await makeAttackKeys(graph, SCOPE);
    const attack = { query, variables: { e: 'a' }, after: 'Query.peopleByEmail', scope: SCOPE };
    expect(await tryAttack(graph, keys, attack)).toEqual(STOPPED);
  });

  it('answers a filter or an order by it as one that is misspelt', async () => {
    const { refused } = await makeAttackKeys(graph, SCOPE);
    const shapes = [
      (name: string) => `{ peopleBy(filter: { ${name}: "a" }) { id } }`,
      (name: string) => `{ people(${name}: "a") { id } }`,
      (name: string) => `{ peopleBy(orderBy: ${name.toUpperCase()}) { id } }`,
    ];
    for (const shape of shapes) {
      const [mean, misspelt] = [await graph.ask(refused, shape('email')), await graph.ask(refused, shape('qqqqz'))];
      expect([mean.status, steady(mean.text).replace(/email/gi, 'qqqqz').toLowerCase()]).toEqual([
        400,
        steady(misspelt.text).toLowerCase(),
      ]);
    }
  });
});

/** The words of a name, as `email` and `address` of `emailAddress` and of `EMAIL_ADDRESS_ASC`. */
function wordsOf(name: string): string[] {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return words.split('_').filter((word) => word !== '');
}

function named(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : named(type.type);
}

const takesScopes = (node: { readonly directives?: readonly { readonly name: { value: string } }[] | undefined }) =>
  node.directives?.some(({ name }) => name.value === 'requiresScopes') ?? false;

/** The names of the fields that a schema protects by themselves. */
function protectedFieldsIn(document: DocumentNode): string[] {
  return document.definitions.flatMap((node) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION && !['Query', 'Mutation'].includes(node.name.value)
      ? (node.fields ?? []).filter(takesScopes).map(({ name }) => name.value)
      : [],
  );
}

/** Whether a name is about a protected field: all the words of the field's name are in it. */
function isAbout(name: string, fields: readonly string[]): boolean {
  const words = wordsOf(name);
  return fields.some((field) => wordsOf(field).every((word) => words.includes(word)));
}

/** Takes a subgraph's schema and protected fields' names; gives every place where a query could search by one. */
function searchesIn(document: DocumentNode, fields: readonly string[]): string[] {
  const inputs = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION
        ? [[node.name.value, (node.fields ?? []).map(({ name, type }) => [name.value, named(type)] as const)]]
        : node.kind === Kind.ENUM_TYPE_DEFINITION
          ? [[node.name.value, (node.values ?? []).map(({ name }) => [name.value, ''] as const)]]
          : [],
    ),
  );
  const found: string[] = [];
  const look = (place: string, name: string, type: string, seen: readonly string[]): void => {
    if (isAbout(name, fields)) found.push(`${place}.${name}`);
    if (seen.includes(type)) return;
    for (const [inner, innerType] of inputs.get(type) ?? [])
      look(`${place}.${name}`, inner, innerType, [...seen, type]);
  };
  for (const node of document.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || node.name.value === 'Mutation') continue;
    for (const field of node.fields ?? []) {
      if (takesScopes(field)) continue;
      for (const { name, type } of field.arguments ?? []) {
        look(`${node.name.value}.${field.name.value}`, name.value, named(type), []);
      }
    }
  }
  return found;
}

describe('K11: the schemas of the three subgraphs', () => {
  const documents = new Map(
    SUBGRAPHS.map((name) => [
      name,
      parse(readFileSync(new URL(`../../subgraphs/${name}/schema.graphql`, import.meta.url), 'utf8')),
    ]),
  );
  const fields = [...new Set([...documents.values()].flatMap(protectedFieldsIn))].filter(
    // Computed numbers that are protected for where they come from: no text that anybody searches by.
    (name) => !['rfm', 'attributedRevenue'].includes(name),
  );

  it('protect the fields that are to be protected', () => {
    expect(fields).toEqual(expect.arrayContaining(['email', 'phone', 'defaultAddress', 'detail', 'shippingZone']));
  });

  it.each(SUBGRAPHS)('%s lets no argument, input field or enum value of a query be about one', (name) => {
    const document = documents.get(name);
    // Campaigns are sent by channel, and an e-mail as a channel is nobody's address.
    const channels = /\.(channel|kind|channels)\.(EMAIL)$/;
    const found = document === undefined ? ['no schema'] : searchesIn(document, fields);
    expect(found.filter((place) => !channels.test(place))).toEqual([]);
  });

  it('would be told of a filter, an order and an argument that are', () => {
    const bad = parse(`
      type Query { customers(filter: Filter, orderBy: [Order!], phone: String): Int }
      input Filter { and: [Filter!] emailAddress: String } enum Order { NAME_ASC EMAIL_ASC }`);
    expect(searchesIn(bad, ['email', 'phone'])).toEqual([
      'Query.customers.filter.emailAddress',
      'Query.customers.orderBy.EMAIL_ASC',
      'Query.customers.phone',
    ]);
  });
});
