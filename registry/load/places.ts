// Where in the schema files an element stands: its coordinate → the files and lines of the subgraphs that declare it.
import { isTypeDefinitionNode, isTypeExtensionNode, Kind, type DocumentNode, type NameNode } from 'graphql';
import type { LoadedSubgraph } from '../compose.ts';
import type { Place } from '../finding.ts';

/** Tells places in the files of one state. */
export interface Places {
  /**
   * Takes a coordinate and the subgraph that is meant (undefined for any); gives where it stands. What is not there any
   * more is told at the nearest thing around it that is, and otherwise at the start of the subgraph's file.
   */
  placeOf(coordinate: string | undefined, subgraph: string | undefined): Place | undefined;
  /** Where the list of subgraphs names one; the start of the list for one that it does not name. */
  listedAt(subgraph: string | undefined): Place | undefined;
  /** The subgraphs that declare it, in their order. */
  subgraphsOf(coordinate: string): readonly string[];
}

type LineOf = Map<string, number>;

function note(lines: LineOf, coordinate: string, name: NameNode): void {
  // The name's own line: a description above it is not what is looked for.
  if (name.loc !== undefined && !lines.has(coordinate)) lines.set(coordinate, name.loc.startToken.line);
}

/** Gives the line of every element of a schema. */
export function readLines(document: DocumentNode): ReadonlyMap<string, number> {
  const lines: LineOf = new Map();
  for (const node of document.definitions) {
    if (node.kind === Kind.DIRECTIVE_DEFINITION) {
      const owner = `@${node.name.value}`;
      note(lines, owner, node.name);
      for (const { name } of node.arguments ?? []) note(lines, `${owner}(${name.value}:)`, name);
    }
    if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) continue;
    const owner = node.name.value;
    note(lines, owner, node.name);
    if ('values' in node) for (const { name } of node.values ?? []) note(lines, `${owner}.${name.value}`, name);
    if (!('fields' in node)) continue;
    for (const field of node.fields ?? []) {
      const coordinate = `${owner}.${field.name.value}`;
      note(lines, coordinate, field.name);
      if (!('arguments' in field)) continue;
      for (const { name } of field.arguments ?? []) note(lines, `${coordinate}(${name.value}:)`, name);
    }
  }
  return lines;
}

/** The coordinate itself, and those of what it stands in. */
function outwards(coordinate: string): string[] {
  const field = coordinate.replace(/\(.*$/, '');
  return [...new Set([coordinate, field, field.split('.')[0] ?? field])];
}

/** Reads the places of all subgraphs of a state. */
export function openPlaces(subgraphs: readonly LoadedSubgraph[]): Places {
  const known = subgraphs.map(({ name, schemaPath, document, listedAt }) => ({
    name,
    listedAt,
    file: schemaPath,
    lines: readLines(document),
  }));
  const listedAt: Places['listedAt'] = (subgraph) => {
    const listed = known.find(({ name }) => name === subgraph)?.listedAt;
    const file = known.find((each) => each.listedAt !== undefined)?.listedAt?.file;
    return listed ?? (file === undefined ? undefined : { file, line: 1 });
  };
  return {
    placeOf(coordinate, subgraph) {
      const meant = known.filter(({ name }) => subgraph === undefined || name === subgraph);
      for (const each of coordinate === undefined ? [] : outwards(coordinate)) {
        for (const { file, lines } of meant) {
          const line = lines.get(each);
          if (line !== undefined) return { file, line };
        }
      }
      if (subgraph === undefined) return undefined;
      const [first] = meant;
      return first === undefined ? listedAt(subgraph) : { file: first.file, line: 1 };
    },
    listedAt,
    subgraphsOf: (coordinate) => known.filter(({ lines }) => lines.has(coordinate)).map(({ name }) => name),
  };
}
