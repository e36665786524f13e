// Guarantee: for a key with a contract there is nothing outside of it: what the contract hides is answered byte for byte
//   as what was never there, and the whole graph looks, errors and introspection included, as one composed without it.
// Attack: ask for hidden fields, types, arguments, input fields and enum values, directly, renamed, in fragments, by
//   variables and `__type`; compare with a misspelt name, and with a gateway over schemas from which all of it was cut.
// Learned from: filtered schemas whose planner, suggestions or error texts still knew the whole.
import { Kind, parse, print, visit, type ASTNode } from 'graphql';
import { composeSchema } from '../oracle/federatedSchema.ts';
import { GUARDED_TEXTS, startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';
import type { ClientAnswer } from '../harness/testGateway.ts';

const HIDDEN_TAGS = /"(pii|internal)"/;

/** The schemas as if nothing in them had ever been hidden. */
function cutHidden(text: string): string {
  const rest = text.replace('email: String @external', '').replace('@provides(fields: "email")', '');
  const isHidden = (node: ASTNode): boolean =>
    'directives' in node && node.directives.some((each) => each.name.value === 'tag' && HIDDEN_TAGS.test(print(each)));
  return print(
    visit(parse(rest), {
      enter: (node) => (node.kind !== Kind.SCHEMA_EXTENSION && isHidden(node) ? null : undefined),
    }),
  );
}

/** All of an answer that a client can read, but for what differs from one request to the next: what is left to spend. */
function readable({ status, headers, text }: ClientAnswer): string {
  const named = [...headers].filter(
    ([name]) => !['date', 'x-request-id', 'ratelimit', 'content-length'].includes(name),
  );
  return JSON.stringify([status, named, text.replace(/"available":\d+/, '')]);
}

/** Operations that ask for something hidden; `NAME` stands for its name. */
const HIDDEN: readonly [what: string, name: string, query: string, variables?: object][] = [
  ['a field', 'email', '{ me { name NAME } }'],
  ['a field under an alias', 'email', '{ me { name: NAME } }'],
  ['a field that may not be null', 'badge', '{ me { NAME } }'],
  ['a field of another subgraph', 'greeting', '{ me { NAME } }'],
  ['a field in a fragment', 'note', '{ me { ...F } } fragment F on Person { NAME }'],
  ['a field in an inline fragment', 'note', '{ node(id: "Person:1") { ... on Person { NAME } } }'],
  ['a field with a selection', 'ledger', '{ me { NAME { lines } } }'],
  [
    'a field left out by a condition',
    'email',
    'query ($on: Boolean!) { me { NAME @include(if: $on) name } }',
    { on: false },
  ],
  ['a root field', 'ledger', '{ NAME { lines } }'],
  ['a root field with an argument', 'peopleByEmail', '{ NAME(email: "a") { id } }'],
  ['a mutation', 'drop', 'mutation { NAME(id: "1") }'],
  ['a mutation beside one that is there', 'drop', 'mutation { rename(id: "1", name: "a") { id } NAME(id: "1") }'],
  ['a type in a fragment', 'Ledger', '{ me { ... on NAME { lines } } }'],
  ['a type of a named fragment', 'Ledger', '{ me { name } } fragment F on NAME { lines }'],
  ['a type of a variable', 'Ledger', 'query ($v: NAME) { me { name } }'],
  ['a type by introspection', 'Ledger', '{ __type(name: "NAME") { name kind fields { name } } }'],
  ['a type by a variable', 'Ledger', 'query ($n: String!) { __type(name: $n) { name } }', { n: 'NAME' }],
  ['an argument', 'stale', '{ people(NAME: true) { id } }'],
  ['an argument by a variable', 'stale', 'query ($v: Boolean) { people(NAME: $v) { id } }', { v: true }],
  ['an input field', 'rank', '{ peopleBy(filter: { NAME: 1 }) { id } }'],
  [
    'an input field by a variable',
    'rank',
    'query ($f: PersonFilter) { peopleBy(filter: $f) { id } }',
    { f: { NAME: 1 } },
  ],
  ['an enum value', 'RANK', '{ peopleBy(orderBy: NAME) { id } }'],
  ['an enum value by a variable', 'RANK', 'query ($o: PersonOrder) { peopleBy(orderBy: $o) { id } }', { o: 'NAME' }],
  ['an enum value as a default', 'RANK', 'query ($o: PersonOrder = NAME) { peopleBy(orderBy: $o) { id } }'],
  ['a directive of composition', 'requiresScopes', '{ me { name @NAME(scopes: [["people:pii"]]) } }'],
  ['another directive of composition', 'tag', '{ me { name @NAME(name: "pii") } }'],
];

/** A name as long as another one, and far from every name that there is. */
const misspelt = (name: string): string => name.replace(/[a-z]/g, 'q').replace(/[A-Z]/g, 'Q');

/** What is near enough to a name to be meant depends on the name: the next test holds the hints to the byte. */
const withoutHints = (answer: string): string => answer.replace(/ Did you mean [^?]*\?/g, '');

/** Everything in it, whatever the order: types come in the order of composition. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => JSON.stringify(sorted(each))).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, sorted(inner)]));
}

let graph: GuardedGraph;
let cut: GuardedGraph;
let key: string;
let cutKey: string;
beforeAll(async () => {
  const subgraphs = Object.fromEntries(Object.entries(GUARDED_TEXTS).map(([name, text]) => [name, cutHidden(text)]));
  graph = await startGuardedGraph();
  const { supergraph } = await composeSchema({ name: 'cut', subgraphs });
  expect(supergraph).not.toMatch(/greeting|Ledger|RANK|peopleByEmail/);
  cut = await startGuardedGraph({ supergraph, contracts: '{}\n' });
  key = await graph.keys.create({ scopes: graph.scopes, contract: 'partner' });
  cutKey = await cut.keys.create({ scopes: cut.scopes });
});
afterAll(async () => {
  await graph.stop();
  await cut.stop();
});

describe('a contract', () => {
  it.each(HIDDEN)('answers %s (%s) as one that is misspelt, to the byte', async (_, name, query, variables = {}) => {
    const askFor = (other: string) => {
      const given = JSON.parse(JSON.stringify(variables).replaceAll('NAME', other)) as object;
      return graph.ask(key, query.replaceAll('NAME', other), given);
    };
    const other = misspelt(name);
    const [hidden, absent] = [await askFor(name), await askFor(other)];
    // Words of the document stand in the answer: the one name for the other.
    const told = new RegExp(`(?<![A-Za-z])${name}(?![A-Za-z])`, 'g');
    expect(withoutHints(readable(hidden).replace(told, other))).toBe(withoutHints(readable(absent)));
  });

  it.each(HIDDEN)(
    'answers %s (%s) as a graph that never had it, to the byte',
    async (_, name, query, variables = {}) => {
      const given = JSON.parse(JSON.stringify(variables).replaceAll('NAME', name)) as object;
      const text = query.replaceAll('NAME', name);
      graph.subgraphs.asked.length = 0;
      const [hidden, absent] = [await graph.ask(key, text, given), await cut.ask(cutKey, text, given)];
      expect(readable(hidden)).toBe(readable(absent));
      expect(graph.subgraphs.asked).toEqual([]);
    },
  );

  it('introspects as a graph that never had what it hides', async () => {
    const query = `{ __schema { queryType { name } mutationType { name } directives { name args { name } } types {
      kind name description fields(includeDeprecated: true) { name args { name type { name kind } } type { name kind } }
      inputFields { name } enumValues { name } possibleTypes { name } interfaces { name } } } }`;
    const [shown, never] = [await graph.ask(key, query), await cut.ask(cutKey, query)];
    expect(shown.status).toBe(200);
    expect(sorted(shown.data)).toEqual(sorted(never.data));
    expect(shown.text.length).toBe(never.text.length);
    expect(shown.text).not.toMatch(/email|greeting|ledger|rank|stale|drop/i);
  });

  it('tells of hidden fields neither in refusals nor in answers with nulls', async () => {
    for (const denial of ['refuse', 'filter'] as const) {
      const poor = await graph.keys.create({ scopes: ['orders:write'], contract: 'partner', denial });
      const { text, codes } = await graph.ask(poor, '{ me { email } thing(id: "Book:1") { stock } }');
      expect([codes, /people:pii|stock:read/.test(text)]).toEqual([['GRAPHQL_VALIDATION_FAILED'], false]);
    }
  });

  it('answers what it shows, also where the plan needs what it hides', async () => {
    const { status, data } = await graph.ask(key, '{ order(id: "Order:1") { number customer { name label } } }');
    expect([status, data]).toEqual([
      200,
      {
        order: {
          number: '~Order.number~Order:1',
          customer: { name: '~Person.name~Person:1', label: '~Person.label~Person:1' },
        },
      },
    ]);
  });

  it('shows no explanation, which would name what is hidden', async () => {
    const { status, codes } = await graph.ask(key, '{ me { name } }', {}, { 'crm-explain': '1' });
    expect([status, codes]).toEqual([403, ['EXPLAIN_FORBIDDEN']]);
  });
});
