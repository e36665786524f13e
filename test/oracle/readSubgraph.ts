// What a subgraph's schema says about federation, read from its text alone: the oracle must not learn it from the
// planner's packages. Directives are found under whatever name @link gives them.
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  Kind,
  parse,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** An argument that the gateway fills from an ancestor. */
export interface ContextArgument {
  readonly argument: string;
  readonly context: string;
  readonly selection: SelectionSetNode;
}

/** What a subgraph says about a field. */
export interface FieldFacts {
  readonly isExternal: boolean;
  readonly requires: SelectionSetNode | undefined;
  readonly provides: SelectionSetNode | undefined;
  /** The subgraph that no longer resolves it, and whether only for part of the requests. */
  readonly overrides: { readonly from: string; readonly isPartial: boolean } | undefined;
  readonly contextArguments: readonly ContextArgument[];
}

/** A key of an entity. */
export interface KeyFacts {
  readonly selection: SelectionSetNode;
  readonly text: string;
  readonly isResolvable: boolean;
}

/** What a subgraph says about an object type or an interface. */
export interface TypeFacts {
  readonly keys: readonly KeyFacts[];
  readonly isInterfaceObject: boolean;
  readonly contexts: readonly string[];
  readonly interfaces: readonly string[];
  readonly fields: ReadonlyMap<string, FieldFacts>;
}

/** A subgraph, read. */
export interface SubgraphFacts {
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** By the type's name in the supergraph: root types have their usual names. */
  readonly types: ReadonlyMap<string, TypeFacts>;
  /** The usual name of a root type by the one here. */
  readonly rootNames: ReadonlyMap<string, string>;
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;
type Named = Readonly<Record<string, readonly ConstDirectiveNode[] | undefined>>;

function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  const given = directive.arguments ?? [];
  return Object.fromEntries(given.map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]));
}

function schemaDirectives(document: DocumentNode): readonly ConstDirectiveNode[] {
  return document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.directives ?? []) : [],
  );
}

/** Gives the specification's name of a directive by its name in the document. */
function readNaming(document: DocumentNode): (name: string) => string {
  const names = new Map<string, string>();
  let prefix = 'federation';
  for (const directive of schemaDirectives(document)) {
    const link = argumentsOf(directive);
    if (!String(link['url']).includes('specs.apollo.dev/federation/')) continue;
    if (typeof link['as'] === 'string') prefix = link['as'];
    for (const entry of (link['import'] ?? []) as (string | { name: string; as?: string })[]) {
      const { name, as = name } = typeof entry === 'string' ? { name: entry } : entry;
      names.set(as.replace('@', ''), name.replace('@', ''));
    }
  }
  return (name) => names.get(name) ?? (name.startsWith(`${prefix}__`) ? name.slice(prefix.length + 2) : '');
}

function group(directives: readonly ConstDirectiveNode[] | undefined, naming: (name: string) => string): Named {
  return Object.groupBy(directives ?? [], (directive) => naming(directive.name.value));
}

function parseSelection(text: unknown): SelectionSetNode {
  const trimmed = String(text).trim();
  const definition = parse(trimmed.startsWith('{') ? trimmed : `{ ${trimmed} }`, { noLocation: true }).definitions[0];
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`no selection: ${trimmed}`);
  return definition.selectionSet;
}

function selectionOf(directives: Named, name: string): SelectionSetNode | undefined {
  const directive = directives[name]?.[0];
  return directive && parseSelection(argumentsOf(directive)['fields']);
}

function readField(node: FieldDefinitionNode, naming: (name: string) => string, isExternal: boolean): FieldFacts {
  const directives = group(node.directives, naming);
  const override = directives['override']?.[0];
  const from = override && argumentsOf(override);
  const contextArguments = (node.arguments ?? []).flatMap((argument) => {
    const directive = group(argument.directives, naming)['fromContext']?.[0];
    if (directive === undefined) return [];
    const [, context = '', selection] = /^\s*\$(\w+)([^]*)$/.exec(String(argumentsOf(directive)['field'])) ?? [];
    return [{ argument: argument.name.value, context, selection: parseSelection(selection) }];
  });
  return {
    isExternal: isExternal || directives['external'] !== undefined,
    requires: selectionOf(directives, 'requires'),
    provides: selectionOf(directives, 'provides'),
    overrides: from && { from: String(from['from']), isPartial: from['label'] !== undefined },
    contextArguments,
  };
}

function readType(nodes: readonly Composite[], naming: (name: string) => string): TypeFacts {
  const directives = group(
    nodes.flatMap((node) => node.directives ?? []),
    naming,
  );
  const keys = (directives['key'] ?? []).map((directive) => {
    const { fields, resolvable } = argumentsOf(directive);
    return { selection: parseSelection(fields), text: String(fields), isResolvable: resolvable !== false };
  });
  const fields = nodes.flatMap((node) => node.fields ?? []);
  return {
    keys,
    isInterfaceObject: directives['interfaceObject'] !== undefined,
    contexts: (directives['context'] ?? []).map((directive) => String(argumentsOf(directive)['name'])),
    interfaces: nodes.flatMap((node) => (node.interfaces ?? []).map((named) => named.name.value)),
    fields: new Map(
      fields.map((field) => [field.name.value, readField(field, naming, directives['external'] !== undefined)]),
    ),
  };
}

/** Takes a subgraph's name and the text of its schema; gives what it says. Its schema has no resolvers yet. */
export function readSubgraph(name: string, sdl: string): SubgraphFacts {
  const document = parse(sdl);
  const naming = readNaming(document);
  const schema = buildSubgraphSchema(document);
  const rootNames = new Map<string, string>();
  const query = schema.getQueryType();
  if (query) rootNames.set(query.name, 'Query');
  const mutation = schema.getMutationType();
  if (mutation) rootNames.set(mutation.name, 'Mutation');
  const nodes = new Map<string, Composite[]>();
  for (const node of document.definitions) {
    if (
      node.kind === Kind.OBJECT_TYPE_DEFINITION ||
      node.kind === Kind.INTERFACE_TYPE_DEFINITION ||
      node.kind === Kind.OBJECT_TYPE_EXTENSION ||
      node.kind === Kind.INTERFACE_TYPE_EXTENSION
    ) {
      const usual = rootNames.get(node.name.value) ?? node.name.value;
      nodes.set(usual, [...(nodes.get(usual) ?? []), node as Composite]);
    }
  }
  const types = new Map([...nodes].map(([type, parts]) => [type, readType(parts, naming)]));
  return { name, schema, types, rootNames };
}
