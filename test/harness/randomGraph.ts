// Small graphs of two subgraphs, drawn at random: what is in them is known, so that a test can take something away and ask
// whether a check finds it. The order in which files say things can be drawn too.
import fc from 'fast-check';
import { isSchemaFault, parseSubgraph } from '../../registry/compose.ts';
import { openSnapshot, type Snapshot } from '../../registry/snapshot.ts';

/** Elements of a graph: owner → its parts with what they are. */
export interface RandomGraph {
  readonly objects: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly inputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The argument of each object's field of the root. */
  readonly argument: string;
}

const TYPES = ['Int', 'String!', 'Boolean', '[ID!]'];
const names = (prefix: string): fc.Arbitrary<string[]> =>
  fc.uniqueArray(
    fc.integer({ min: 0, max: 9 }).map((digit) => `${prefix}${digit}`),
    { minLength: 2, maxLength: 4 },
  );
const fields = names('f').chain((all) =>
  fc
    .tuple(...all.map(() => fc.constantFrom(...TYPES)))
    .map((types) => Object.fromEntries(all.map((name, at) => [name, types[at] ?? 'Int']))),
);
const optional = fields.map((all) => Object.fromEntries(Object.keys(all).map((name) => [name, 'Int'])));

/** Draws a graph: two objects, an enum and an input. */
export const randomGraph: fc.Arbitrary<RandomGraph> = fc.record({
  objects: fc.record({ Shop: fields, Item: fields }),
  enums: fc.record({ Size: names('V') }),
  inputs: fc.record({ Search: optional }),
  argument: fc.constantFrom('first', 'word'),
});

/** Gives a list in another order, drawn by a number. */
function shuffle<T>(list: readonly T[], seed: number): T[] {
  const keyed = list.map((each, at) => [((at + 1) * (seed + 1) * 7919) % 104_729, each] as const);
  return keyed.sort(([left], [right]) => left - right).map(([, each]) => each);
}

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

/** Writes a graph's two schemas, in the order that a number draws; 0 for the order of the graph. */
function printGraph({ objects, enums, inputs, argument }: RandomGraph, seed: number): [string, string][] {
  const order = <T>(list: readonly T[]): T[] => (seed === 0 ? [...list] : shuffle(list, seed));
  const parts = (all: Readonly<Record<string, string>>): string =>
    order(Object.entries(all).map(([name, type]) => `  ${name}: ${type}\n`)).join('');
  const object = (name: string): string =>
    `type Query {\n  get${name}(${argument}: Int, by: Search, size: Size): ${name}\n}\n\n"One."\ntype ${name} {\n${parts(objects[name] ?? {})}}\n`;
  const shared = [
    ...Object.entries(enums).map(([name, values]) => `"One."\nenum ${name} {\n  ${order(values).join('\n  ')}\n}\n`),
    ...Object.entries(inputs).map(([name, all]) => `"One."\ninput ${name} {\n${parts(all)}}\n`),
  ];
  return order(
    ['Shop', 'Item'].map((name): [string, string] => [
      name.toLowerCase(),
      [LINK, ...order([object(name), ...shared])].join('\n'),
    ]),
  );
}

/** Takes a graph and the number of an order; gives it composed, as a check compares it. */
export function openRandomGraph(graph: RandomGraph, seed = 0): Snapshot {
  const subgraphs = printGraph(graph, seed).map(([name, text]) => {
    const listed = { name, url: `http://${name}:4000`, schemaPath: `${name}.graphql` };
    const parsed = parseSubgraph(listed, text);
    if (isSchemaFault(parsed)) throw new Error(parsed.message);
    return parsed;
  });
  return openSnapshot({ name: 'a random graph', subgraphs, contracts: new Map(), isWhole: true, drafts: [] });
}
