import { buildASTSchema, isObjectType, Kind, print, stripIgnoredCharacters } from 'graphql';
import { composeSchema, LINK } from '../../test/oracle/federatedSchema.ts';
import { prepareSupergraph, type PreparedSupergraph } from './prepareSupergraph.ts';

const POSTS = `${LINK}
  type Query { post: Post }
  type Post implements Text @key(fields: "id") { id: ID! title(upper: Boolean): String plain: Int }
  interface Text { id: ID! title(upper: Boolean): String }`;
const FEED = `${LINK}
  type Post @key(fields: "slug", resolvable: false) @key(fields: "id") {
    id: ID! slug: ID! title(upper: Boolean): String @external plain: Int @external
    loud: String @requires(fields: "title(upper: true)") soft: String @requires(fields: "title(upper: false) plain")
    again: String @requires(fields: "title(upper: true) plain") }`;

async function prepared(subgraphs: Record<string, string>): Promise<PreparedSupergraph> {
  return prepareSupergraph((await composeSchema({ name: 'prepared', subgraphs })).supergraph);
}

function typeNode({ document }: PreparedSupergraph, name: string) {
  const node = document.definitions.find((each) => 'name' in each && each.name.value === name);
  if (node?.kind !== Kind.OBJECT_TYPE_DEFINITION) throw new Error(`no type ${name}`);
  return node;
}

const requirement = (graph: PreparedSupergraph, field: string): string | undefined => {
  const set = graph.requirementOf('feed', 'Post', field);
  return set && stripIgnoredCharacters(print(set));
};

describe('the supergraph for the planner', () => {
  let graph: PreparedSupergraph;
  beforeAll(async () => {
    graph = await prepared({ posts: POSTS, feed: FEED });
  });

  it('names keys that resolve nothing behind those that do', () => {
    const keys = (typeNode(graph, 'Post').directives ?? [])
      .map((each) => print(each))
      .filter((text) => text.startsWith('@join__type(graph: FEED,'));
    expect(keys.map((text) => [/key: "(\w+)"/.exec(text)?.[1], text.includes('resolvable: false')])).toEqual([
      ['id', false],
      ['slug', true],
    ]);
  });

  it('turns a required field with arguments into one without, equal ones into the same', () => {
    const [loud, soft, again] = ['loud', 'soft', 'again'].map((field) => requirement(graph, field));
    const names = [...graph.synthetic.keys()];
    expect([loud, soft, again]).toEqual([`{${names[0]}}`, `{${names[1]} plain}`, `{${names[0]} plain}`]);
    expect([...graph.synthetic.values()].map(({ name, arguments: given }) => [name, given.map(print)])).toEqual([
      ['title', ['upper: true']],
      ['title', ['upper: false']],
    ]);
  });

  it('gives each type that needs a synthetic field that field, of the type of the real one', () => {
    const type = buildASTSchema(graph.document, { assumeValidSDL: true }).getType('Post');
    const fields = isObjectType(type) ? type.getFields() : {};
    for (const name of graph.synthetic.keys()) {
      expect([fields[name]?.type.toString(), fields[name]?.args]).toEqual(['String', []]);
    }
  });

  it('says what a field requires and what a subgraph cannot answer, under synthetic names too', () => {
    const [synthetic = ''] = graph.synthetic.keys();
    expect(requirement(graph, 'slug')).toBeUndefined();
    expect(['title', 'plain', synthetic, 'loud'].map((field) => graph.isExternal('feed', 'Post', field))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(graph.isExternal('posts', 'Post', 'title')).toBe(false);
  });

  it('has an entry for the entity with requirements, from a key that resolves, and no other', () => {
    const entry = graph.entryOf('feed', 'Post');
    expect(entry?.key).toBe('id');
    expect(graph.entryOf('posts', 'Post')).toBeUndefined();
    const field = typeNode(graph, 'Query').fields?.find((each) => each.name.value === entry?.field);
    expect(field && print(field.type)).toBe('Post');
  });

  it('is the supergraph itself where nothing has to be rewritten', async () => {
    const plain = await prepared({ posts: POSTS });
    expect([plain.hasRequirements, plain.synthetic.size]).toEqual([false, 0]);
    expect(print(plain.document)).not.toMatch(/__with_|entry__/i);
  });
});
