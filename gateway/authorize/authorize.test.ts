// The decision, and the logic of the attacks K6, K7, K8, K9, K10 and K20 on it (test/attacks sends them to a gateway).
import { AUTH_TEXTS, composeTexts, keyWith, validOperation } from '../../test/harness/authGraph.ts';
import type { Caller } from '../caller.ts';
import type { Decision } from './authorize.ts';
import { secureSupergraph } from './secureSupergraph.ts';

const POLICIES = new Map(['office', 'hours', 'admin'].map((name) => [name, () => true]));
const supergraph = composeTexts(AUTH_TEXTS);
const secured = secureSupergraph(supergraph, POLICIES);

/** Asks with a key; the operation is the first one, or the one with the name. */
function decide(text: string, scopes: readonly string[], more: Partial<Caller> & { run?: string } = {}): Decision {
  const { run, ...caller } = more;
  const { document, operation } = validOperation(secured.plannerSdl, text, run);
  const { authorizer } = secured;
  return authorizer.decide(authorizer.needsOf(document, operation), keyWith(scopes, caller));
}

function paths(decision: Decision): string[] {
  return decision.allowed ? [] : decision.denied.map(({ path, coordinate }) => `${path.join('.')} ${coordinate}`);
}

const PEOPLE = ['people:read'];

describe('a decision', () => {
  it('names each denied place with the lists of scopes that would do', () => {
    const decision = decide('{ person { id mail: email } }', PEOPLE);
    expect(decision).toMatchObject({
      allowed: false,
      answer: 'refuse',
      denied: [
        {
          path: ['person', 'mail'],
          coordinate: 'Person.email',
          missing: { authentication: false, scopes: [['admin'], ['pii']], policies: [] },
        },
      ],
    });
    expect(decide('{ person { email } }', ['people:read', 'pii'])).toEqual({ allowed: true });
    expect(decide('{ person { email } }', ['people:read', 'admin'])).toEqual({ allowed: true });
    expect(paths(decide('{ person { email } }', ['admin']))).toEqual([
      'person Query.person',
      'person.email Person.email',
    ]);
  });

  it('adds up the type, the field and the type that the field gives', () => {
    expect(paths(decide('{ person { phone } }', PEOPLE))).toEqual(['person.phone Person.phone']);
    expect(paths(decide('{ person { __typename } }', []))).toEqual([
      'person Query.person',
      'person.__typename Person.__typename',
    ]);
    expect(decide('{ me { phone } }', [...PEOPLE, 'secret:read'])).toEqual({ allowed: true });
  });

  it('takes a key or a person for signed in, nobody and an open graph not', () => {
    expect(decide('{ me { id } }', PEOPLE, { kind: 'person' }).allowed).toBe(true);
    expect(paths(decide('{ me { id } }', PEOPLE, { kind: 'nobody' }))).toEqual(['me Query.me']);
    expect(paths(decide('{ me { id } }', PEOPLE, { kind: 'open' }))).toEqual(['me Query.me']);
  });

  it('compares scopes exactly', () => {
    for (const scope of ['people', 'people:read:pii', 'PEOPLE:READ', 'people:*', '*', ' people:read']) {
      expect(decide('{ person { id } }', [scope]).allowed).toBe(false);
    }
  });

  it('needs nothing for introspection and for what nothing protects', () => {
    expect(decide('{ open __schema { types { name } } __type(name: "Person") { fields { name } } }', []).allowed).toBe(
      true,
    );
  });

  it('asks the policies that the operation names, and takes no other answer', () => {
    const { document, operation } = validOperation(secured.plannerSdl, '{ vetted open }');
    const { authorizer } = secured;
    const needs = authorizer.needsOf(document, operation);
    expect(needs.policies).toEqual(['admin', 'hours', 'office']);
    const asked = (...held: string[]): boolean => authorizer.decide(needs, keyWith([]), new Set(held)).allowed;
    expect([asked(), asked('office'), asked('office', 'hours'), asked('admin'), asked('vetted')]).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(authorizer.decide(needs, keyWith([]), new Set(['hours']))).toMatchObject({
      denied: [{ missing: { scopes: [], policies: [['admin'], ['office']] } }],
    });
  });

  it('is worked out once for equal rights', () => {
    const { document, operation } = validOperation(secured.plannerSdl, '{ person { email } }');
    const { authorizer } = secured;
    const needs = authorizer.needsOf(document, operation);
    expect(authorizer.decide(needs, keyWith(PEOPLE))).toBe(
      authorizer.decide(needs, keyWith(PEOPLE, { id: 'key:other' })),
    );
    expect(authorizer.decide(needs, keyWith(['people:read', 'pii'])).allowed).toBe(true);
  });

  it('filters queries of a caller who wants that, and always refuses mutations (K20)', () => {
    const filter = { denial: 'filter' as const };
    expect(decide('{ person { email } }', PEOPLE, filter)).toMatchObject({ answer: 'filter' });
    const mutation = 'mutation { rename(id: 1) { email } }';
    expect(decide(mutation, ['people:write', ...PEOPLE], filter)).toMatchObject({ answer: 'refuse' });
    expect(paths(decide(mutation, ['people:write', ...PEOPLE], filter))).toEqual(['rename.email Person.email']);
  });
});

describe('aliases (K6)', () => {
  it('change nothing: the field decides, never its name in the answer', () => {
    expect(decide('{ person { email: name phone: id } }', PEOPLE)).toEqual({ allowed: true });
    expect(paths(decide('{ open: person { name: email id: phone } }', PEOPLE))).toEqual([
      'open.name Person.email',
      'open.id Person.phone',
    ]);
  });
});

describe('fragments (K7)', () => {
  it.each([
    ['named', '{ person { ...A } } fragment A on Person { email }'],
    ['inline', '{ person { ... on Person { email } } }'],
    ['without a type', '{ person { ... { ... @include(if: true) { email } } } }'],
    [
      'nested',
      '{ ...Q } fragment Q on Query { person { ...A } } fragment A on Person { ... on Person { ...B } } fragment B on Person { email }',
    ],
    ['of an interface', '{ node { ... on Person { ... on Node { ... on Person { email } } } } }'],
  ])('are looked through: %s', (_, text) => {
    const denied = paths(decide(text, [...PEOPLE, 'firms:read']));
    expect(denied).toEqual([expect.stringMatching(/\.email Person\.email$/)]);
  });

  it('are told at every place where they are spread, and kept as one', () => {
    const decision = decide('{ a: person { ...A boss { ...A } } } fragment A on Person { email }', PEOPLE);
    expect(paths(decision)).toEqual(['a.email Person.email', 'a.boss.email Person.email']);
    expect(decision.allowed ? 0 : decision.nodes.size).toBe(1);
  });

  it('of another operation do not count, and the operation that runs counts wholly', () => {
    const text = 'query Free { open } query Dear { person { ...A } } fragment A on Person { email }';
    expect(decide(text, [], { run: 'Free' })).toEqual({ allowed: true });
    expect(paths(decide(text, PEOPLE, { run: 'Dear' }))).toEqual(['person.email Person.email']);
  });

  it('that fan out are decided on in no time that grows with their paths', () => {
    const levels = Array.from(
      { length: 40 },
      (_, at) => `fragment L${at} on Person { a: boss { ...L${at + 1} } b: boss { ...L${at + 1} } }`,
    );
    const text = `{ person { ...L0 } } ${levels.join(' ')} fragment L40 on Person { email }`;
    const decision = decide(text, PEOPLE);
    expect(decision.allowed ? 0 : decision.nodes.size).toBe(1);
  });
});

describe('interfaces, interface objects and unions (K8)', () => {
  it('give a field of an interface the needs of all implementations', () => {
    expect(paths(decide('{ node { label } }', PEOPLE))).toEqual(['node.label Node.label']);
    expect(paths(decide('{ node { id __typename } }', ['firms:read']))).toEqual([
      'node Query.node',
      'node.id Node.id',
      'node.__typename Node.__typename',
    ]);
    expect(paths(decide('{ item { ... on Pen { price } } }', ['books:read']))).toEqual(['item.price Pen.price']);
  });

  it('give the fields of an interface object the needs declared there, on every implementation', () => {
    const text = '{ item { stock ... on Book { a: stock } ... on Pen { b: stock } } }';
    expect(paths(decide(text, ['books:read', 'prices:read']))).toEqual([
      'item.stock Item.stock',
      'item.a Book.stock',
      'item.b Pen.stock',
    ]);
    expect(decide(text, ['books:read', 'stock:read'])).toEqual({ allowed: true });
  });

  it('let a fragment on a member of a union take its own needs, and __typename of the union those of all', () => {
    expect(decide('{ found { ... on Pen { id } } }', [])).toEqual({ allowed: true });
    expect(paths(decide('{ found { ... on Pen { id } ... on Person { id } } }', []))).toEqual(['found.id Person.id']);
    expect(paths(decide('{ found { __typename ... on Pen { id } } }', []))).toEqual([
      'found.__typename Found.__typename',
    ]);
    expect(paths(decide('{ found { ... { t: __typename } } }', []))).toEqual(['found.t Found.__typename']);
    expect(decide('{ found { __typename } }', PEOPLE)).toEqual({ allowed: true });
  });
});

describe('what a field is computed from (K9)', () => {
  /** As from elsewhere: a supergraph whose dependants have forgotten what they depend on. */
  function forgetful(field: string, scopes: readonly string[], text: string): string[] {
    const line = new RegExp(`(\\n {2}${field}: [^\\n]*) @need\\(scopes: \\[\\[[^\\]]*\\]\\]\\)`);
    expect(supergraph).toMatch(line);
    const sdl = ['greeting', 'poem', 'tidy'].reduce(
      (text, each) => text.replace(new RegExp(line.source.replace(field, each)), '$1'),
      supergraph,
    );
    const { plannerSdl, authorizer } = secureSupergraph(sdl, POLICIES);
    const { document, operation } = validOperation(plannerSdl, text);
    return paths(authorizer.decide(authorizer.needsOf(document, operation), keyWith(scopes)));
  }

  it('counts, one step and any number of steps away', () => {
    expect(forgetful('greeting', PEOPLE, '{ person { greeting } }')).toEqual(['person.greeting Person.greeting']);
    expect(forgetful('poem', PEOPLE, '{ person { poem } }')).toEqual(['person.poem Person.poem']);
    expect(forgetful('poem', ['people:read', 'pii'], '{ person { poem greeting } }')).toEqual([]);
  });

  it('counts where it comes by a context', () => {
    const text = '{ person { desk { ... on Desk { tidy } } } }';
    expect(forgetful('tidy', PEOPLE, text)).toEqual([]);
    expect(forgetful('tidy', [], text)).toContain('person.desk.tidy Desk.tidy');
  });
});

describe('conditions (K10)', () => {
  it.each([
    '{ person { email @include(if: $no) } }',
    '{ person { email @skip(if: $no) } }',
    '{ person { ... @include(if: $no) { email } } }',
    '{ person { ...A @skip(if: $no) } } fragment A on Person { email }',
    '{ person { email @include(if: true) @skip(if: $no) } }',
  ])('that could include a field do not hide it: %s', (text) => {
    for (const preset of ['Boolean = false', 'Boolean = true', 'Boolean!']) {
      expect(paths(decide(`query Q($no: ${preset}) ${text}`, PEOPLE))).toEqual(['person.email Person.email']);
    }
  });

  it('that no variable can change leave out what they leave out', () => {
    expect(decide('{ person { id email @include(if: false) ... @skip(if: true) { phone } } }', PEOPLE).allowed).toBe(
      true,
    );
  });
});
