// Schemas with costs, and what costs on them: for tests of the estimate and of the actual cost.
import { buildASTSchema, getOperationAST, parse, validate } from 'graphql';
import { readCostIndex } from '../../gateway/admit/costIndex.ts';
import { openCostCompiler, type CompiledCost } from '../../gateway/admit/costOfOperation.ts';

/** The link and the definitions that a supergraph with costs begins with. */
export const COST_LINK = `schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"]) {
  query: Query mutation: Mutation }
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
    requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION`;

/** Takes a supergraph's SDL; gives what compiles the cost of a document's first operation on it. */
export function costsOn(sdl: string): (text: string) => CompiledCost {
  const document = parse(sdl);
  const schema = buildASTSchema(document, { assumeValidSDL: true });
  const compileCost = openCostCompiler({ schema, index: readCostIndex(document), listSizeAssumed: 10 });
  return (text: string): CompiledCost => {
    const asked = parse(text);
    const errors = validate(schema, asked);
    if (errors.length > 0) throw new Error(errors.join('\n'));
    const operation = getOperationAST(asked);
    if (!operation) throw new Error('no operation');
    return compileCost(asked, operation);
  };
}

/** Every kind of weight and of list size. */
export const SHOP = `${COST_LINK}
  type Query {
    item(filter: Filter, ids: [ID!] @cost(weight: 2), deep: Boolean @cost(weight: 7)): Item
    items(first: Int = 20, last: Int): [Item!] @listSize(slicingArguments: ["first", "last"], assumedSize: 30,
      requireOneSlicingArgument: false)
    either(first: Int, last: Int): [Item] @listSize(slicingArguments: ["first", "last"])
    one(first: Int): [Item] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
    free: [Int] dear: [Int!]! @cost(weight: 3)
    state: State rate: Rate table: [[Item]]
    named: Named things: [Thing!] @listSize(assumedSize: 4)
  }
  type Mutation { put(items: [ItemInput!]!): Item other: Int }
  interface Named { name: String tags: [Item] @listSize(assumedSize: 2) }
  type Item implements Named { name: String tags: [Item] @listSize(assumedSize: 3) item: Item heavy: Int @cost(weight: 6) }
  type Rare implements Named @cost(weight: 50) { name: String tags: [Item] rare: Item }
  union Thing = Item | Rare
  enum State @cost(weight: 2) { ON OFF }
  scalar Rate @cost(weight: 4)
  input Filter { name: String @cost(weight: 3) and: [Filter!] }
  input ItemInput { name: String state: State }`;
