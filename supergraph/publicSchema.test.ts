import { lexicographicSortSchema, parse, printSchema } from 'graphql';
import { composeSubgraphs, parseSubgraph, type LoadedSubgraph } from '../registry/compose.ts';
import { composeContract, prepareContractSource } from './composeContract.ts';
import { publicSchemaOf } from './publicSchema.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@shareable", "@tag", { name: "@inaccessible", as: "@hidden" }, "@requiresScopes", "@cost"])\n`;
const TEXTS = {
  a: `${LINK}
    type Query { node(id: ID!, secret: Int @hidden): Node all: [Any] kind: Kind take(input: In): String @deprecated(reason: "old") }
    interface Node { id: ID! }
    interface Inner @hidden { id: ID! }
    "A thing"
    type Thing implements Node & Inner @key(fields: "id") { id: ID! @tag(name: "x") inner: String @hidden cost: Int @cost(weight: 3) }
    type Gone @hidden { id: ID! }
    union Any = Thing | Gone
    enum Kind { ONE TWO @hidden }
    scalar Url @specifiedBy(url: "https://example.com/url")
    input In { url: Url hiddenOne: Int @hidden }`,
  b: `${LINK} type Thing @key(fields: "id") { id: ID! extra: String @requiresScopes(scopes: [["x"]]) }`,
};

function supergraph(): string {
  const subgraphs = Object.entries(TEXTS).map(([name, text]) =>
    parseSubgraph(
      { name, url: 'http://127.0.0.1:1', schemaPath: `${name}.graphql`, listedAt: { file: '', line: 1 } },
      text,
    ),
  );
  const composition = composeSubgraphs(subgraphs as LoadedSubgraph[]);
  if (!composition.ok) throw new Error(JSON.stringify(composition.faults));
  return composition.supergraph;
}

describe('publicSchemaOf', () => {
  it('gives what a composer gives as the public schema', () => {
    const sdl = supergraph();
    const composed = composeContract(prepareContractSource(sdl), { include: new Set(), exclude: new Set() });
    if ('faults' in composed) throw new Error(composed.faults.join());
    const print = (schema: typeof composed.apiSchema): string => printSchema(lexicographicSortSchema(schema));
    expect(print(publicSchemaOf(parse(sdl)))).toBe(print(composed.apiSchema));
  });

  it('shows nothing that is hidden, and nothing of how subgraphs are joined', () => {
    const printed = printSchema(publicSchemaOf(parse(supergraph())));
    expect(printed).not.toMatch(
      /secret|Inner|inner|Gone|TWO|hiddenOne|join__|link__|federation|@tag|@cost|requiresScopes/,
    );
  });
});
