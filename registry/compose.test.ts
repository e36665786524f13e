import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from './compose.ts';
import { RegistryError } from './readSupergraphFile.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';
const YAML = `federation_version: =2.9.0
subgraphs:
  a:
    routing_url: http://127.0.0.1:4001/graphql
    schema:
      file: ./a.graphql
  b:
    routing_url: http://127.0.0.1:4002/graphql
    schema:
      file: ./b.graphql
`;

describe('composeSupergraph', () => {
  let folder: string;
  const put = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  const compose = () => composeSupergraph(join(folder, 'supergraph.yaml'));
  const faults = async (): Promise<string> => {
    const error: unknown = await compose().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof RegistryError)) throw new Error('it was taken');
    return error.message.replaceAll(folder, '');
  };
  const messages = async (): Promise<string> => {
    const composed = await compose();
    return composed.ok ? '' : composed.messages.join('\n').replaceAll(folder, '');
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-registry-'));
    await put('supergraph.yaml', YAML);
    await put('a.graphql', `${LINK}type Query { a: T }\ntype T @key(fields: "id") { id: ID! }`);
    await put('b.graphql', `${LINK}type Query { b: Int }\ntype T @key(fields: "id") { id: ID! extra: String }`);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('gives one supergraph that names each subgraph with its address', async () => {
    const composed = await compose();
    expect(composed).toMatchObject({ ok: true, files: [expect.anything(), expect.anything(), expect.anything()] });
    expect(composed.ok && composed.supergraph).toContain(
      '@join__graph(name: "a", url: "http://127.0.0.1:4001/graphql")',
    );
  });

  it('gives the hints of the composer', async () => {
    await put(
      'b.graphql',
      `${LINK}"Another word" type T @key(fields: "id") { id: ID! extra: String }\ntype Query { b: Int }`,
    );
    await put('a.graphql', `${LINK}type Query { a: T }\n"One word" type T @key(fields: "id") { id: ID! }`);
    const composed = await compose();
    expect(composed.ok && composed.hints.join()).toContain('INCONSISTENT_DESCRIPTION');
  });

  it('says in which subgraph, file and line a schema does not compose', async () => {
    await put('b.graphql', `${LINK}type Query { b: Int }\n\ntype T @key(fields: "nothing") { id: ID! }`);
    expect(await messages()).toMatch(/^\/b\.graphql:4: KEY_INVALID_FIELDS: \[b\] .*nothing/);
  });

  it('says what two subgraphs disagree about', async () => {
    await put('b.graphql', `${LINK}type Query { a: String }`);
    expect(await messages()).toContain('Query.a');
  });

  it('says in which line a schema is no GraphQL', async () => {
    await put('a.graphql', 'type Query {\n  a: \n}');
    expect(await messages()).toMatch(/^\/a\.graphql:3: \[a\] Syntax Error/);
  });

  it('names a schema file that is not there', async () => {
    await rm(join(folder, 'b.graphql'));
    expect(await faults()).toBe('/b.graphql: the schema of b does not exist');
  });

  it.each([
    ['no YAML', 'subgraphs: [', /^\/supergraph\.yaml:1: /],
    ['a number', '3', /^\/supergraph\.yaml:1: /],
    ['no subgraphs', 'federation_version: =2.9.0\nsubgraphs: {}', /:2: subgraphs: names no subgraph/],
    ['federation 1', YAML.replace('=2.9.0', '1'), /:1: federation_version: must be a version of federation 2/],
    [
      'an address that is none',
      YAML.replace('http://127.0.0.1:4002/graphql', 'four'),
      /:8: subgraphs\.b\.routing_url: must/,
    ],
    ['an unknown word', YAML.replace('    schema:\n      file: ./b', '    shema:\n      file: ./b'), /shema/],
  ])('says where a list is %s', async (_, yaml, said) => {
    await put('supergraph.yaml', yaml);
    expect(await faults()).toMatch(said);
  });
});
