// What a supergraph says of how it was joined, element by element: which subgraphs, by which keys, with which tags and
// costs. What the registry's rules compare and its page shows.
import { isTypeDefinitionNode, Kind, parse, print } from 'graphql';
import type { ConstDirectiveNode, DefinitionNode, FieldDefinitionNode, InputValueDefinitionNode } from 'graphql';
import { readSupergraphLinks, type SupergraphLinks } from './supergraphLinks.ts';

/** A key of an entity in one subgraph. */
export interface JoinedKey {
  readonly fields: string;
  readonly resolvable: boolean;
}

/** A field in one subgraph. */
export interface JoinedField {
  readonly external: boolean;
  readonly requires: string | undefined;
  readonly provides: string | undefined;
  /** The subgraph that it is taken over from, and which part of the requests. */
  readonly override: string | undefined;
  readonly overrideLabel: string | undefined;
}

/** A type: its keys by subgraph, and where it is an @interfaceObject. */
export interface JoinedType {
  readonly graphs: ReadonlySet<string>;
  readonly keys: ReadonlyMap<string, readonly JoinedKey[]>;
  readonly interfaceObjects: ReadonlySet<string>;
}

/** What stands on an element beside how it is joined. */
export interface ElementFacts {
  readonly tags: ReadonlySet<string>;
  readonly inaccessible: boolean;
  /** The weight of @cost. */
  readonly cost: number | undefined;
  /** @listSize as it is written. */
  readonly listSize: string | undefined;
}

/** A supergraph's facts, by coordinate. */
export interface JoinFacts {
  /** Subgraphs' addresses by name. */
  readonly graphs: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, JoinedType>;
  /** Fields of objects, interfaces and inputs: in which subgraphs they are, and how. */
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, JoinedField>>;
  readonly elements: ReadonlyMap<string, ElementFacts>;
}

const SPEC = 'https://specs.apollo.dev';

function argumentOf(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((each) => each.name.value === name)?.value;
  if (value === undefined) return undefined;
  return value.kind === Kind.STRING || value.kind === Kind.ENUM ? value.value : print(value);
}

/** Field sets are compared without regard to spaces and order. */
function normaliseFields(text: string | undefined): string | undefined {
  return text
    ?.replace(/[\s,]+/g, ' ')
    .replace(/\s*([{}])\s*/g, ' $1 ')
    .trim();
}

interface Names {
  readonly [directive: string]: string | undefined;
}

function namesIn(links: SupergraphLinks): Names {
  const join = (name: string): string | undefined => links.directiveName(`${SPEC}/join`, name);
  return {
    graph: join('graph'),
    type: join('type'),
    field: join('field'),
    tag: links.directiveName(`${SPEC}/tag`, 'tag'),
    inaccessible: links.directiveName(`${SPEC}/inaccessible`, 'inaccessible'),
    cost: links.directiveName(`${SPEC}/cost`, 'cost'),
    listSize: links.directiveName(`${SPEC}/cost`, 'listSize'),
  };
}

type Directives = readonly ConstDirectiveNode[] | undefined;
type FieldNode = FieldDefinitionNode | InputValueDefinitionNode;

class FactReader implements JoinFacts {
  readonly graphs = new Map<string, string>();
  readonly types = new Map<string, JoinedType>();
  readonly fields = new Map<string, Map<string, JoinedField>>();
  readonly elements = new Map<string, ElementFacts>();
  /** The names of the join enum's values → the subgraphs' own. */
  private readonly graphNames = new Map<string, string>();
  private readonly names: Names;
  private readonly links: SupergraphLinks;

  constructor(links: SupergraphLinks) {
    this.links = links;
    this.names = namesIn(links);
  }

  readGraphs(node: DefinitionNode): void {
    if (node.kind !== Kind.ENUM_TYPE_DEFINITION) return;
    for (const value of node.values ?? []) {
      for (const directive of this.named(value.directives, 'graph')) {
        const name = argumentOf(directive, 'name') ?? value.name.value;
        this.graphNames.set(value.name.value, name);
        this.graphs.set(name, argumentOf(directive, 'url') ?? '');
      }
    }
  }

  readType(node: DefinitionNode): void {
    if (!isTypeDefinitionNode(node) || this.links.isLinkedType(node.name.value)) return;
    const name = node.name.value;
    this.readElement(name, node.directives);
    if ('values' in node)
      for (const value of node.values ?? []) this.readElement(`${name}.${value.name.value}`, value.directives);
    const graphs = this.readJoins(name, node.directives);
    if ('fields' in node) for (const field of node.fields ?? []) this.readField(name, field, graphs);
  }

  private readJoins(name: string, directives: Directives): ReadonlySet<string> {
    const graphs = new Set<string>();
    const keys = new Map<string, JoinedKey[]>();
    const interfaceObjects = new Set<string>();
    for (const directive of this.named(directives, 'type')) {
      const graph = this.graphOf(directive);
      if (graph === undefined) continue;
      graphs.add(graph);
      if (argumentOf(directive, 'isInterfaceObject') === 'true') interfaceObjects.add(graph);
      const fields = normaliseFields(argumentOf(directive, 'key'));
      if (fields === undefined) continue;
      const resolvable = argumentOf(directive, 'resolvable') !== 'false';
      keys.set(graph, [...(keys.get(graph) ?? []), { fields, resolvable }]);
    }
    this.types.set(name, { graphs, keys, interfaceObjects });
    return graphs;
  }

  private readField(type: string, field: FieldNode, graphs: ReadonlySet<string>): void {
    const coordinate = `${type}.${field.name.value}`;
    this.readElement(coordinate, field.directives);
    if ('arguments' in field) {
      for (const argument of field.arguments ?? []) {
        this.readElement(`${coordinate}(${argument.name.value}:)`, argument.directives);
      }
    }
    const joined = new Map<string, JoinedField>();
    const directives = this.named(field.directives, 'field');
    for (const directive of directives) {
      const graph = this.graphOf(directive);
      if (graph === undefined || argumentOf(directive, 'usedOverridden') === 'true') continue;
      joined.set(graph, {
        external: argumentOf(directive, 'external') === 'true',
        requires: normaliseFields(argumentOf(directive, 'requires')),
        provides: normaliseFields(argumentOf(directive, 'provides')),
        override: argumentOf(directive, 'override'),
        overrideLabel: argumentOf(directive, 'overrideLabel'),
      });
    }
    // Without a word it is in every subgraph of its type.
    const plain = {
      external: false,
      requires: undefined,
      provides: undefined,
      override: undefined,
      overrideLabel: undefined,
    };
    if (directives.length === 0) for (const graph of graphs) joined.set(graph, plain);
    this.fields.set(coordinate, joined);
  }

  private readElement(coordinate: string, directives: Directives): void {
    const tags = this.named(directives, 'tag').map((directive) => argumentOf(directive, 'name') ?? '');
    const [cost] = this.named(directives, 'cost').map((directive) => Number(argumentOf(directive, 'weight')));
    const [listSize] = this.named(directives, 'listSize').map((directive) => print(directive));
    const inaccessible = this.named(directives, 'inaccessible').length > 0;
    this.elements.set(coordinate, { tags: new Set(tags), inaccessible, cost, listSize });
  }

  private named(directives: Directives, which: string): readonly ConstDirectiveNode[] {
    const name = this.names[which];
    return name === undefined ? [] : (directives ?? []).filter((directive) => directive.name.value === name);
  }

  private graphOf(directive: ConstDirectiveNode): string | undefined {
    return this.graphNames.get(argumentOf(directive, 'graph') ?? '');
  }
}

/** Reads a supergraph's SDL. Throws where it is no GraphQL. */
export function readJoinFacts(supergraph: string): JoinFacts {
  const document = parse(supergraph, { noLocation: true });
  const reader = new FactReader(readSupergraphLinks(document));
  for (const node of document.definitions) reader.readGraphs(node);
  for (const node of document.definitions) reader.readType(node);
  return reader;
}
