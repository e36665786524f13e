import { buildSchema, Kind, parse, validate } from 'graphql';
import { isRefusal } from '../../requestState.ts';
import { readLiveFields } from './liveFields.ts';
import { compileLive, type LiveOperation } from './liveOperation.ts';

const SUPERGRAPH = `
  enum join__Graph { ORDERS @join__graph(name: "orders", url: "") SHOP @join__graph(name: "the-shop", url: "") }
  directive @join__graph(name: String!, url: String!) on ENUM_VALUE
  directive @join__type(graph: join__Graph!) repeatable on OBJECT
  directive @join__field(graph: join__Graph) repeatable on FIELD_DEFINITION
  type Query { order(id: ID!): Order shops: [Shop!] }
  type Subscription @join__type(graph: ORDERS) @join__type(graph: SHOP) {
    orderChanged(customerId: ID, id: ID): Order @join__field(graph: ORDERS)
    orderSeen(id: ID!): Order
  }
  type Order { id: ID! number: String! note(of: String, id: ID): String customer: Customer }
  type Customer { id: ID! name: String }
  type Shop { id: ID! }`;
const schema = buildSchema(SUPERGRAPH);
const FIELDS = readLiveFields(schema, parse(SUPERGRAPH));

function compile(text: string): LiveOperation | undefined {
  const document = parse(text);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const live = compileLive(schema, FIELDS, document, operation);
  return isRefusal(live) ? undefined : live;
}

describe('the fields that send events', () => {
  it('stand on the query that gives their entity by its id, and on the subgraphs that have them', () => {
    expect(FIELDS.get('orderChanged')).toEqual({ type: 'Order', query: 'order', sources: new Set(['/crm/orders']) });
    expect(FIELDS.get('orderSeen')?.sources).toEqual(new Set(['/crm/orders', '/crm/the-shop']));
  });

  it.each([
    ['no query gives its entity by the id alone', 'type Subscription { shopOpened: Shop }'],
    ['it gives no object', 'type Subscription { ticks: Int }'],
    ['it gives a list', 'type Subscription { ordersChanged: [Order!] }'],
  ])('stop the load where %s', (_, text) => {
    const sdl = SUPERGRAPH.replace(/type Subscription[^}]*\}/, text);
    expect(() => readLiveFields(buildSchema(sdl), parse(sdl))).toThrow(/no query gives one by its id alone/);
  });
});

describe('a subscription', () => {
  it.each([
    ['subscription { orderChanged { id } }', 'order(id: $entityId) {'],
    ['subscription S { o: orderChanged(id: "x") { ...F } } fragment F on Order { id }', 'fragment F on Order'],
    ['subscription($entityId: ID) { orderChanged(id: $entityId) { note(id: $entityId) } }', 'order(id: $entityId1)'],
    [
      'subscription { ... on Subscription { ...R } } fragment R on Subscription { orderChanged { id } }',
      'order(id: $entityId)',
    ],
    ['subscription($c: ID, $n: String) { orderChanged(customerId: $c) { note(of: $n) } }', '$n: String'],
  ])('comes to a valid query: %s', (text, part) => {
    const live = compile(text);
    expect(live?.query).toContain(part);
    expect(validate(schema, parse(live?.query ?? '{ nothing }'))).toEqual([]);
  });

  it("keeps the client's names, and the variables that its selection uses alone", () => {
    const live = compile('subscription($c: ID, $n: String) { mine: orderChanged(customerId: $c) { note(of: $n) } }');
    expect([live?.key, live?.variables]).toEqual(['mine', ['n']]);
    expect(live?.query).not.toContain('$c');
    expect(live?.argumentsOf({ c: 'cus_1' })).toEqual({ customerId: 'cus_1' });
  });

  it.each([
    'subscription { a: orderChanged { id } b: orderChanged { id } }',
    'subscription { orderChanged @skip(if: false) { id } }',
    'subscription { ... @include(if: true) { orderChanged { id } } }',
    'subscription { ...R @skip(if: false) } fragment R on Subscription { orderChanged { id } }',
    'subscription { __typename }',
  ])('is refused where it is more than one field without conditions: %s', (text) => {
    expect(compile(text)).toBeUndefined();
  });

  it('is refused in a view that hides the query which completes it', () => {
    const view = buildSchema(SUPERGRAPH.replace('order(id: ID!): Order ', ''));
    const document = parse('subscription { orderChanged { id } }');
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
    expect(isRefusal(compileLive(view, FIELDS, document, operation))).toBe(true);
  });
});
