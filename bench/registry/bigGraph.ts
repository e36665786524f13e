// A graph of the size of a large company's: subgraphs that own entities, point at each other's and extend them, with
// inputs, enums, interfaces, scopes and tags, so that every step of a check has its share of work.

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@tag",
  "@requiresScopes", "@cost", "@listSize", "@external", "@requires"])\n`;
/** Types that one entity brings: itself, its value, input, enum, connection and edge. */
const TYPES_AN_ENTITY = 6;

/** How large a graph is to be. */
export interface GraphSize {
  readonly subgraphs: number;
  readonly types: number;
}

function entity(subgraph: number, at: number): string {
  return `Entity${subgraph}x${at}`;
}

function writeEntity(subgraph: number, at: number, count: number): string {
  const name = entity(subgraph, at);
  const other = entity((subgraph + 1) % count, at);
  return `
"An entity of subgraph ${subgraph}"
type ${name} implements Node${subgraph} @key(fields: "id") {
  id: ID!
  title: String
  email: String @tag(name: "pii") @requiresScopes(scopes: [["s${subgraph}:pii"]])
  amount(unit: ${name}Unit = GROSS): ${name}Value
  next: ${other}
  related(first: Int = 10, after: String): ${name}Connection @listSize(slicingArguments: ["first"], sizedFields: ["edges"])
  old: String @deprecated(reason: "Use title.")
}
type ${name}Value { net: Float! gross: Float! currency: String! @cost(weight: 2) }
enum ${name}Unit { NET GROSS }
input ${name}Input { id: ID! title: String amount: Float unit: ${name}Unit = GROSS }
type ${name}Connection { edges: [${name}Edge!]! total: Int }
type ${name}Edge { cursor: String! node: ${name}! }
extend type ${other} @key(fields: "id") { id: ID! from${subgraph}: String }
extend type Query { get${name}(id: ID!): ${name} find${name}(input: ${name}Input!): ${name}Connection }
extend type Mutation { put${name}(input: ${name}Input!): ${name} }`;
}

/** Gives the schema of each subgraph, by its name. */
export function writeBigGraph({ subgraphs, types }: GraphSize): Map<string, string> {
  const entities = Math.ceil(types / subgraphs / TYPES_AN_ENTITY);
  return new Map(
    Array.from({ length: subgraphs }, (_, subgraph) => {
      const texts = Array.from({ length: entities }, (__, at) => writeEntity(subgraph, at, subgraphs));
      return [`part${subgraph}`, `${LINK}interface Node${subgraph} { id: ID! }\n${texts.join('\n')}\n`];
    }),
  );
}

/** The same graph after a week's work of one team: something removed, narrowed, added, opened. */
export function changeBigGraph(schemas: ReadonlyMap<string, string>): Map<string, string> {
  const changed = new Map(schemas);
  const [name = '', text = ''] = [...schemas][0] ?? [];
  const next = text
    .replace('  title: String\n', '  title: String!\n  subtitle: String\n')
    .replace('  old: String @deprecated(reason: "Use title.")\n', '')
    .replace('enum Entity0x1Unit { NET GROSS }', 'enum Entity0x1Unit { NET GROSS BOTH }')
    .replace(' @tag(name: "pii") @requiresScopes(scopes: [["s0:pii"]])', '');
  return changed.set(name, next);
}
