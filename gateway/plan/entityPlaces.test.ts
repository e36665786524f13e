import { buildSchema, Kind, parse, type OperationDefinitionNode } from 'graphql';
import { openEntityPlaces } from './entityPlaces.ts';
import { objectSelection } from './fetchDocument.ts';

const typesOf = (fieldMark = '') =>
  buildSchema(
    `
  directive @join__type(graph: String!, key: String) repeatable on OBJECT | INTERFACE
  directive @join__field(contextArguments: [String!]) repeatable on FIELD_DEFINITION
  union _Entity = Product | Person
  scalar _Any
  type Query { _entities(representations: [_Any!]!): [_Entity]! products: [Product!] media: [Media] }
  interface Media { id: ID }
  type Film implements Media @join__type(graph: "a", key: "id") { id: ID }
  type Product @join__type(graph: "a", key: "upc") @join__type(graph: "b", key: "sku { id }") @join__type(graph: "c", key: " maker  number ") {
    upc: ID name: String price(in: String): Int maker: String number: Int sku: Sku seller: Person similar(first: Int): [Product!]
  }
  type Sku { id: ID }
  type Person @join__type(graph: "a", key: "id") { id: ID name: String ${fieldMark} }`,
    { assumeValidSDL: true },
  );

function placesOf(query: string, types = typesOf()) {
  const operation = parse(query).definitions.find(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
  if (operation === undefined) throw new Error('no operation');
  return openEntityPlaces(types)(operation, objectSelection(operation));
}

/** The keys by which the products of a fetch are told apart. */
const keyOf = (selection: string) => placesOf(`{ products { ${selection} } }`)?.inner[0]?.[1].key;

describe('the places of entities in a fetch', () => {
  it.each([
    ['upc name', 'upc'],
    ['name number maker', 'maker'],
    ['... on Product { upc }', 'upc'],
  ])('are told by a key that is asked in full: %s', (selection, key) => {
    expect(keyOf(selection)).toBe(key);
  });

  it.each([
    ['no key', 'name'],
    ['half a key', 'maker name'],
    ['a key of objects', 'sku { id }'],
    ['a key under another name', 'id: upc'],
    ['another field under the name of a key', 'upc: name'],
  ])('are none with %s', (_, selection) => {
    expect(keyOf(selection)).toBeUndefined();
  });

  it('hold all that is asked of them, by the names in the answer', () => {
    const place = placesOf('{ products { upc cost: price(in: "EUR") similar(first: 2) { upc } } }')?.inner[0]?.[1];
    expect(place?.fields).toEqual(['upc', 'cost', 'similar']);
    expect(place?.inner.map(([key, { key: told }]) => [key, told])).toEqual([['similar', 'upc']]);
  });

  it('lie beneath the entities that a fetch is about, and not at them', () => {
    const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { seller { id } } ... on Person { name } } }`;
    const place = placesOf(query);
    expect(place?.key).toBeUndefined();
    expect(place?.inner.map(([key, { key: told }]) => [key, told])).toEqual([['seller', 'id']]);
  });

  it('are none where a name may stand for two fields', () => {
    const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { seller { id } } ... on Person { seller: best { id } } } }`;
    expect(placesOf(query, typesOf('best: Person'))).toBeUndefined();
  });

  it('are none for an interface, and where fragments ask more of some', () => {
    expect(placesOf('{ media { id } }')).toBeUndefined();
    expect(placesOf('{ media { id ... on Film { id } } }')).toBeUndefined();
  });

  it('are none in a graph where fields take values from what stands above them', () => {
    const types = typesOf('ranked(by: Int): Int @join__field(contextArguments: ["x"])');
    expect(placesOf('{ products { upc } }', types)).toBeUndefined();
  });
});
