import { readFile } from 'node:fs/promises';
import { StoreAway } from '../store/storeFault.ts';
import { openAnswers } from './answerPage.ts';
import { PageFault, type PageSources } from './pageSources.ts';
import type { MemberPage, Overview, ReportPage, SearchPage, TypePage } from './pageWords.ts';
import type { ShownSchema } from './schemaIndex.ts';

const SUPERGRAPH = `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/tag/v0.3") @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"])
{ query: Query mutation: Mutation }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
enum link__Purpose { SECURITY EXECUTION }
scalar link__Import
scalar join__FieldSet
enum join__Graph { SHOP @join__graph(name: "shop", url: "http://shop.invalid") PEOPLE @join__graph(name: "people", url: "http://people.invalid") }
type Query @join__type(graph: SHOP) @join__type(graph: PEOPLE) {
  "Everybody."
  people(first: Int = 5, "by name" name: String @deprecated(reason: "use filter")): [Person!] @join__field(graph: PEOPLE) @listSize(slicingArguments: ["first"])
  shops: Int @join__field(graph: SHOP) @cost(weight: 7)
}
type Mutation @join__type(graph: PEOPLE) { rename(id: ID!): Person }
"Somebody."
type Person @join__type(graph: PEOPLE, key: "id") @join__type(graph: SHOP, key: "id", resolvable: false) {
  id: ID!
  email: String @join__field(graph: PEOPLE) @tag(name: "pii") @requiresScopes(scopes: [["people:read", "pii:read"], ["admin"]])
  oldName: String @join__field(graph: PEOPLE, override: "shop") @deprecated(reason: "use name")
  secret: String @inaccessible @join__field(graph: PEOPLE)
}
enum Colour @join__type(graph: SHOP) { RED @join__enumValue(graph: SHOP) GREEN @join__enumValue(graph: SHOP) }
`;
const SHOWN: ShownSchema = {
  hash: 'h',
  name: 'A test',
  supergraph: SUPERGRAPH,
  contracts: new Map([['partner', 'type Query { people: [Person!] } type Person { id: ID! }']]),
};
const NO_USE = { state: { kind: 'none', because: 'No use is recorded.' } } as const;
const sources = (given: Partial<PageSources> = {}): PageSources => ({
  schema: () => Promise.resolve(SHOWN),
  log: undefined,
  storeName: undefined,
  use: () => NO_USE,
  checkNow: undefined,
  close: () => Promise.resolve(),
  ...given,
});
const ask = async (address: string, from = sources()): Promise<{ status: number; body: unknown }> => {
  const { status, body } = await openAnswers(from)(address);
  return { status, body: JSON.parse(body) as unknown };
};
const element = async (coordinate: string): Promise<MemberPage> =>
  (await ask(`element?coordinate=${coordinate}`)).body as MemberPage;

describe('the page’s data', () => {
  it('says what is shown: schema, subgraphs, contracts, and that no use is recorded', async () => {
    expect((await ask('overview')).body).toMatchObject({
      schema: { name: 'A test' },
      counts: { types: 4, fields: 9 },
      subgraphs: ['shop', 'people'],
      contracts: ['partner'],
      canCheckNow: false,
      use: NO_USE.state,
    });
  });

  it('shows a field whole: owners, scopes in words, tags, contracts, cost, use', async () => {
    expect(await element('Person.email')).toMatchObject({
      type: 'String',
      owners: [{ subgraph: 'people', note: 'resolves it' }],
      needs: 'It takes the scope admin or people:read with pii:read.',
      scopes: ['admin', 'people:read', 'pii:read'],
      tags: ['pii'],
      contracts: [{ name: 'partner', isShown: false }],
      cost: { points: 0, because: 'leaves are free' },
      use: { sentence: 'No use is recorded.' },
    });
  });

  it('shows arguments with defaults and deprecations, and what a list costs', async () => {
    const people = await element('Query.people(name:)');
    expect(people.args).toMatchObject([
      { coordinate: 'Query.people(first:)', type: 'Int', standard: '5' },
      { description: 'by name', deprecated: 'use filter' },
    ]);
    expect(people.cost?.points).toBe(1);
    expect(people.cost?.because).toContain('slicingArguments: ["first"]');
    expect((await element('Query.shops')).cost).toEqual({ points: 7, because: 'the field’s own @cost' });
    expect((await element('Mutation.rename')).cost?.because).toContain('a mutation adds 10 once');
  });

  it('says what is deprecated, hidden, or taken over from another subgraph', async () => {
    const old = await element('Person.oldName');
    expect(old).toMatchObject({ deprecated: 'use name', owners: [{ note: 'resolves it, in place of shop' }] });
    expect((await element('Person.secret')).isHidden).toBe(true);
    expect((await element('Colour.RED')).kind).toBe('value');
  });

  it('shows a type with its members, its keys and where it is used', async () => {
    const body = (await ask('element?coordinate=Person')).body as TypePage;
    expect(body.owners).toEqual([
      { subgraph: 'people', note: 'key id' },
      { subgraph: 'shop', note: 'key id (only refers to it)' },
    ]);
    expect(body.members.map(({ name }) => name)).toEqual(['id', 'email', 'oldName', 'secret']);
    expect(body.usedIn).toEqual(['Query.people', 'Mutation.rename']);
    expect(((await ask('element?coordinate=Person&offset=3')).body as TypePage).members).toHaveLength(1);
  });

  it('lists roots first, and finds exact names before beginnings and beginnings before the rest', async () => {
    const find = async (words: string): Promise<string[]> =>
      ((await ask(`search?q=${encodeURIComponent(words)}`)).body as SearchPage).hits.map(
        ({ coordinate }) => coordinate,
      );
    expect(await find('')).toEqual(['Query', 'Mutation', 'Colour', 'Person']);
    expect(await find('PERS')).toEqual(['Person']);
    expect(await find('name')).toEqual(['Person.oldName', 'Mutation.rename']);
    expect(await find('person.e')).toEqual(['Person.email', 'Person.secret', 'Person.oldName']);
    expect(await find('query p')).toEqual(['Query.people', 'Query.shops']);
    expect(await find('nothing of the kind')).toEqual([]);
  });

  it('tells expected faults in a sentence with what to do', async () => {
    const gone = await ask('element?coordinate=Person.gone');
    expect(gone).toMatchObject({ status: 404, body: { error: { what: 'Person has no gone.' } } });
    expect((await ask('element?coordinate=__proto__')).status).toBe(404);
    expect((await ask('search?q=a&offset=x')).status).toBe(400);
    expect((await ask('nothing')).status).toBe(404);
    expect((await ask('report?release=7')).status).toBe(404);
    const broken = sources({ schema: () => Promise.reject(new PageFault('It does not compose.', 'Mend it.')) });
    expect(((await ask('overview', broken)).body as Overview).fault).toEqual({
      what: 'It does not compose.',
      mend: 'Mend it.',
    });
    const away = sources({ schema: () => Promise.reject(new StoreAway('the store does not answer')) });
    expect((await ask('search?q=a', away)).status).toBe(503);
  });

  it('gives a report of the working tree with the first findings of each verdict', async () => {
    const text = await readFile(new URL('../registry/outputs/golden/example.json', import.meta.url), 'utf8');
    const checking = sources({ checkNow: () => Promise.resolve(JSON.parse(text) as unknown) });
    const body = (await ask('report?release=now', checking)).body as ReportPage;
    expect(body).toMatchObject({ passed: false, title: 'The working tree' });
    expect(body.counts.length).toBeGreaterThan(2);
  });
});
