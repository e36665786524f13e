import { fileURLToPath } from 'node:url';
import { Supergraph } from '@apollo/federation-internals';
import {
  getVariableValues,
  graphqlSync,
  isObjectType,
  Kind,
  lexicographicSortSchema,
  parse,
  printSchema,
  validate,
} from 'graphql';
import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { composeSupergraph } from '../../registry/compose.ts';
import { composeSchema } from '../../test/oracle/federatedSchema.ts';
import type { TagFilter } from '../../supergraph/composeContract.ts';
import { ContractError, openContracts, type ContractView } from './contractView.ts';
import { secureSupergraph } from './secureSupergraph.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable",
  {name: "@tag", as: "@label"}, "@inaccessible", {name: "@requiresScopes", as: "@need"}, "@authenticated"])`;
/** Renamed directives, auth directives, an interface, a union, enums and inputs with hidden parts, in two subgraphs. */
const SUBGRAPHS = {
  people: `${LINK}
    type Query {
      person(id: ID!, secret: Boolean = false @label(name: "pii")): Person
      find(rule: Rule, kind: Kind = A): [Person!]
      any: Any
      node: Node
      always: Int @label(name: "open")
      quietly: Int @inaccessible
    }
    interface Node { id: ID! }
    "Somebody"
    type Person implements Node @key(fields: "id") {
      id: ID! name: String email: String @label(name: "pii") @need(scopes: [["pii"]])
      abode: Place @label(name: "pii") kind: Kind
    }
    type Place { street: String }
    type Ghost implements Node @label(name: "internal") { id: ID! seen: Int }
    union Any = Person | Ghost
    enum Kind { A B @label(name: "internal") }
    input Rule { name: String memo: String @label(name: "internal") }`,
  orders: `${LINK}
    type Person @key(fields: "id") { id: ID! owes: Int @authenticated @label(name: "money") spent: Int }`,
};

const showing = (...include: string[]): TagFilter => ({ include: new Set(include), exclude: new Set() });
const hiding = (...exclude: string[]): TagFilter => ({ include: new Set(), exclude: new Set(exclude) });

async function viewOf(sdl: string, filter: TagFilter): Promise<ContractView> {
  const view = (await openContracts(sdl, new Map([['partner', filter]]))).get('partner');
  if (view === undefined) throw new Error('there is no view');
  return view;
}

async function faultsOf(sdl: string, contracts: Readonly<Record<string, TagFilter>>): Promise<readonly string[]> {
  try {
    await openContracts(sdl, new Map(Object.entries(contracts)));
    return [];
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return error.faults;
  }
}

function sentences(schema: GraphQLSchema, document: string): string[] {
  return validate(schema, parse(document)).map(({ message, locations }) => `${message} ${JSON.stringify(locations)}`);
}

describe('the view of a contract', () => {
  let sdl: string;
  let view: GraphQLSchema;
  beforeAll(async () => {
    sdl = (await composeSchema({ name: 'contracts', subgraphs: SUBGRAPHS })).supergraph;
    view = (await viewOf(sdl, hiding('pii', 'internal'))).apiSchema;
  });

  it('has no trace of what is hidden, nor of how the graph is made', () => {
    const printed = printSchema(view);
    expect(printed).toContain('"""Somebody"""');
    for (const hidden of ['email', 'abode', 'Place', 'Ghost', 'seen', 'memo', 'secret', 'quietly', '  B\n']) {
      expect(printed).not.toContain(hidden);
    }
    expect(printed).not.toMatch(/@(?!deprecated|specifiedBy|oneOf)|directive|__|[sS]cope|[pP]olicy/);
  });

  it.each([
    ['a field', '{ person(id: 1) { email } }', 'email', 'emaix'],
    ['a field and what is in it', '{ person(id: 1) { abode { street } } }', 'abode', 'abodx'],
    ['a field that is hidden from everybody', '{ quietly }', 'quietly', 'quietlx'],
    ['a type', '{ node { ...on Ghost { id } } }', 'Ghost', 'Ghosx'],
    ['a type of a named fragment', '{ node { ...F } } fragment F on Place { street }', 'Place', 'Placx'],
    ['a type of a variable', 'query ($a: Place) { always }', 'Place', 'Placx'],
    ['an argument', '{ person(id: 1, secret: true) { id } }', 'secret', 'secrex'],
    ['an input field', '{ find(rule: { memo: "" }) { id } }', 'memo', 'mexx'],
    ['an enum value', '{ find(kind: B) { id } }', 'kind: B', 'kind: X'],
    ['a directive of the graph', '{ always @label(name: "pii") }', '@label', '@labex'],
  ])('answers %s that is hidden as one that was never there', (_, document, hidden, misspelt) => {
    const said = sentences(view, document);
    const saidOfMisspelt = sentences(view, document.replace(hidden, misspelt));
    const [bare, bareMisspelt] = [hidden, misspelt].map((name) => name.replace(/^(?:kind: |@)/, ''));
    expect(said.length).toBeGreaterThan(0);
    expect(saidOfMisspelt.map((text) => text.replaceAll(String(bareMisspelt), String(bare)))).toEqual(said);
  });

  it('suggests nothing that is hidden', () => {
    const misspelt = ['{ person(id: 1) { emai abod } }', '{ node { ...on Ghos { id } } }', '{ quietl }'].flatMap(
      (document) => sentences(view, document),
    );
    expect(misspelt.join('\n')).not.toMatch(/email|abode|Ghost"|quietly/);
  });

  it('takes no hidden input field or enum value by way of a variable', () => {
    const document = parse('query ($rule: Rule, $kind: Kind) { find(rule: $rule, kind: $kind) { id } }');
    const operation = document.definitions.find((node): node is OperationDefinitionNode => {
      return node.kind === Kind.OPERATION_DEFINITION;
    });
    const given = { rule: { memo: 'n' }, kind: 'B' };
    const { errors } = getVariableValues(view, operation?.variableDefinitions ?? [], given);
    expect(errors?.map(({ message }) => message)).toEqual([
      'Variable "$rule" got invalid value { memo: "n" }; Field "memo" is not defined by type "Rule".',
      'Variable "$kind" got invalid value "B"; Value "B" does not exist in "Kind" enum. Did you mean the enum value "A"?',
    ]);
  });

  it('shows itself alone to introspection', () => {
    const source = '{ __type(name: "Ghost") { name } node: __type(name: "Node") { possibleTypes { name } } }';
    expect(graphqlSync({ schema: view, source })).toEqual({
      data: { __type: null, node: { possibleTypes: [{ name: 'Person' }] } },
    });
  });

  it('is one object for all contracts that show the same', async () => {
    const views = await openContracts(
      sdl,
      new Map([
        ['one', hiding('pii', 'internal')],
        ['two', hiding('internal', 'pii')],
        ['three', hiding('money')],
        ['four', { include: new Set<string>(), exclude: new Set(['pii', 'internal', 'pii']) }],
      ]),
    );
    expect(views.get('one')?.apiSchema).toBe(views.get('two')?.apiSchema);
    expect(views.get('one')?.apiSchema).toBe(views.get('four')?.apiSchema);
    expect(views.get('one')?.mark).not.toBe(views.get('three')?.mark);
  });

  it('shows only what carries an included tag', async () => {
    const { apiSchema } = await viewOf(sdl, showing('open'));
    expect(printSchema(apiSchema)).toBe('type Query {\n  always: Int\n}');
  });

  it('tells every fault of every contract', async () => {
    const faults = await faultsOf(sdl, {
      empty: showing('pii'),
      typo: hiding('pi'),
      good: hiding('pii'),
      torn: { include: new Set(['open', 'money']), exclude: new Set(['open']) },
    });
    expect(faults).toEqual([
      'the contract empty cannot be served: no field of Query is left: no tag of the graph fits the filter',
      'the contract typo cannot be served: the tag pi stands nowhere in the graph',
      'the contract torn cannot be served: no field of Query is left: no tag of the graph fits the filter',
    ]);
  });

  it('is refused where what is shown needs what is hidden', async () => {
    const subgraphs = {
      one: `${LINK} type Query { find(rule: Rule!): Int at(place: Int! @label(name: "pii")): Int }
        input Rule { name: String! @label(name: "pii") note: String }`,
    };
    const needing = (await composeSchema({ name: 'needing', subgraphs })).supergraph;
    const faults = await faultsOf(needing, { partner: hiding('pii') });
    expect(faults).toHaveLength(2);
    expect(faults.join('\n')).toContain('"Rule.name" is @inaccessible but is a required input field');
    expect(faults.join('\n')).toContain('"Query.at(place:)" is @inaccessible but is a required argument');
  });

  it('keeps the loop for one contract at a time, and lets requests go on between', async () => {
    let turns = 0;
    const turn = setInterval(() => turns++, 0);
    await openContracts(sdl, new Map(['pii', 'internal', 'money'].map((tag) => [tag, hiding(tag)])));
    clearInterval(turn);
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});

describe("the CRM graph's views", () => {
  let sdl: string;
  beforeAll(async () => {
    const composed = await composeSupergraph(fileURLToPath(new URL('../../supergraph.yaml', import.meta.url)));
    if (!composed.ok) throw new Error(composed.messages.join('\n'));
    sdl = composed.supergraph;
  });

  it('are the public schema but for what is hidden', async () => {
    // A tag on one field more, so that everything of the real graph is shown.
    const tagged = sdl.replace(/^type Query$/m, 'type Hidden @tag(name: "none") { field: Int }\n\n$&');
    const { apiSchema } = await viewOf(tagged, hiding('none'));
    const { plannerSdl } = secureSupergraph(sdl, new Map());
    const ofApollo = Supergraph.build(plannerSdl).apiSchema().toGraphQLJSSchema();
    const print = (schema: GraphQLSchema): string => printSchema(lexicographicSortSchema(schema));
    expect(print(apiSchema)).toBe(print(ofApollo));
  });

  it('show a partner neither personal data nor record keeping', async () => {
    const { apiSchema } = await viewOf(sdl, hiding('pii', 'internal'));
    const customer = apiSchema.getType('Customer');
    const fields = isObjectType(customer) ? Object.keys(customer.getFields()) : [];
    expect(fields).toEqual(expect.arrayContaining(['id', 'displayName', 'orders', 'segments']));
    expect(fields).not.toEqual(expect.arrayContaining(['email']));
    for (const hidden of ['phone', 'defaultAddress', 'createdBy', 'mergeRecords']) expect(fields).not.toContain(hidden);
    expect(apiSchema.getType('Address')).toBeUndefined();
    expect(sentences(apiSchema, '{ customer(id: 1) { displayName orders { edges { node { number } } } } }')).toEqual(
      [],
    );
  });
});
