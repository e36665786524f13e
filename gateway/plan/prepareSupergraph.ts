// What stands between the supergraph and the planner. Apollo's planner is right in all but a few cases; the SDL is
// rewritten so that it is right in these too, and the fetches it plans are translated back (fetchDocument.ts, compileFetch.ts):
// - a key that is not resolvable stands behind those that are, since the planner re-enters a subgraph by the first;
// - a field that a @requires asks with arguments becomes a synthetic field without any, so that it is another field than
//   the client's own, and than that of a @requires with other arguments.
import { Kind, parse, print, stripIgnoredCharacters } from 'graphql';
import type {
  ArgumentNode,
  ConstDirectiveNode,
  DefinitionNode,
  DocumentNode,
  FieldDefinitionNode,
  InterfaceTypeDefinitionNode,
  ObjectTypeDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { addEntries, type Entry, type EntryNeed } from './entryGraphs.ts';

/** What a synthetic field stands for. */
export interface SyntheticField {
  readonly name: string;
  readonly arguments: readonly ArgumentNode[];
}

/** A supergraph as the planner gets it, with what translates its plans back. */
export interface PreparedSupergraph {
  readonly document: DocumentNode;
  readonly synthetic: ReadonlyMap<string, SyntheticField>;
  readonly hasRequirements: boolean;
  /** What a field of a subgraph requires, synthetic names in it; undefined where nothing. */
  requirementOf(subgraph: string, type: string, field: string): SelectionSetNode | undefined;
  /** Whether a subgraph knows a field only to require it, so that it cannot answer it. */
  isExternal(subgraph: string, type: string, field: string): boolean;
  /** Where plans from the key of a subgraph's entity begin. */
  entryOf(subgraph: string, type: string): Entry | undefined;
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

function isComposite(node: DefinitionNode): node is Composite {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

function argumentOf(directive: ConstDirectiveNode, name: string): string | boolean | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value !== undefined && 'value' in value ? value.value : undefined;
}

function graphOf(directive: ConstDirectiveNode): string | undefined {
  const graph = directive.arguments?.find((argument) => argument.name.value === 'graph')?.value;
  return graph?.kind === Kind.ENUM ? graph.value : undefined;
}

function namedType(type: FieldDefinitionNode['type']): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

function isUnresolvable(directive: ConstDirectiveNode): boolean {
  return directive.name.value === 'join__type' && argumentOf(directive, 'resolvable') === false;
}

/** Parses a field set (`id author { name }`). */
function parseFieldSet(text: string): SelectionSetNode {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('a field set is no selection');
  return definition.selectionSet;
}

function printFieldSet(set: SelectionSetNode): string {
  return stripIgnoredCharacters(print(set)).slice(1, -1);
}

/** Rewrites the field sets of one supergraph, and remembers which synthetic fields each type needs for it. */
class RequirementRewriter {
  readonly synthetic = new Map<string, SyntheticField>();
  /** By type: the synthetic fields that it needs. */
  readonly needed = new Map<string, Set<string>>();
  private readonly names = new Map<string, string>();
  private readonly types: ReadonlyMap<string, Composite>;

  constructor(types: ReadonlyMap<string, Composite>) {
    this.types = types;
  }

  rewrite(set: SelectionSetNode, parent: string): SelectionSetNode {
    return { ...set, selections: set.selections.map((selection) => this.selection(selection, parent)) };
  }

  private selection(selection: SelectionNode, parent: string): SelectionNode {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const type = selection.typeCondition?.name.value ?? parent;
      return { ...selection, selectionSet: this.rewrite(selection.selectionSet, type) };
    }
    const field = this.types.get(parent)?.fields?.find((each) => each.name.value === selection.name.value);
    const inner =
      selection.selectionSet && field ? this.rewrite(selection.selectionSet, namedType(field.type)) : undefined;
    const node = { ...selection, ...(inner && { selectionSet: inner }) };
    if ((field?.arguments?.length ?? 0) === 0) return node;
    return {
      ...node,
      arguments: [],
      name: { ...selection.name, value: this.nameFor(selection.name.value, selection, parent) },
    };
  }

  private nameFor(field: string, asked: { readonly arguments?: readonly ArgumentNode[] }, parent: string): string {
    const given = asked.arguments ?? [];
    const key = `${field}(${given.map(print).sort().join(',')})`;
    const name = this.names.get(key) ?? `${field}__with_${this.names.size}`;
    this.names.set(key, name);
    this.synthetic.set(name, { name: field, arguments: given });
    for (const type of [parent, ...this.implementersOf(parent)]) {
      const needed = this.needed.get(type) ?? new Set();
      this.needed.set(type, needed.add(name));
    }
    return name;
  }

  private implementersOf(name: string): string[] {
    const implementers = [...this.types.values()].filter((type) =>
      type.interfaces?.some((each) => each.name.value === name),
    );
    return implementers.map((type) => type.name.value);
  }
}

function withRequirement(directive: ConstDirectiveNode, text: string): ConstDirectiveNode {
  const given = (directive.arguments ?? []).map((argument) =>
    argument.name.value === 'requires' ? { ...argument, value: { kind: Kind.STRING as const, value: text } } : argument,
  );
  return { ...directive, arguments: given };
}

/** The subgraphs' names by their values in the supergraph's enum. */
function graphNames(document: DocumentNode): ReadonlyMap<string, string> {
  const graphs = document.definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) return new Map();
  return new Map(
    (graphs.values ?? []).map((value) => {
      const directive = value.directives?.find((each) => each.name.value === 'join__graph');
      return [value.name.value, String((directive && argumentOf(directive, 'name')) ?? value.name.value)];
    }),
  );
}

function addSynthetic(type: Composite, rewriter: RequirementRewriter): Composite {
  const added = [...(rewriter.needed.get(type.name.value) ?? [])].flatMap((name): FieldDefinitionNode[] => {
    const field = type.fields?.find((each) => each.name.value === rewriter.synthetic.get(name)?.name);
    if (field === undefined) return [];
    return [{ ...field, arguments: [], name: { kind: Kind.NAME, value: name } }];
  });
  return added.length === 0 ? type : { ...type, fields: [...(type.fields ?? []), ...added] };
}

/** Takes a supergraph's SDL; gives it as the planner is to see it. */
export function prepareSupergraph(sdl: string): PreparedSupergraph {
  const document = parse(sdl, { noLocation: true });
  const names = graphNames(document);
  const composites = document.definitions.filter(isComposite);
  const rewriter = new RequirementRewriter(new Map(composites.map((type) => [type.name.value, type])));
  const requirements = new Map<string, SelectionSetNode>();
  const external = new Set<string>();
  const needs = new Map<string, EntryNeed>();
  const rewriteField = (type: Composite, field: FieldDefinitionNode): FieldDefinitionNode => {
    const directives = field.directives?.map((directive) => {
      if (directive.name.value !== 'join__field') return directive;
      const graph = graphOf(directive);
      const subgraph = graph === undefined ? undefined : names.get(graph);
      const coordinate = `${subgraph} ${type.name.value} ${field.name.value}`;
      if (argumentOf(directive, 'external') === true) external.add(coordinate);
      const requires = argumentOf(directive, 'requires');
      if (typeof requires !== 'string' || graph === undefined) return directive;
      const set = rewriter.rewrite(parseFieldSet(requires), type.name.value);
      requirements.set(coordinate, set);
      needs.set(`${subgraph} ${type.name.value}`, { graph, type: type.name.value });
      return withRequirement(directive, printFieldSet(set));
    });
    return { ...field, ...(directives && { directives }) };
  };
  const rewritten = composites.map((type) => {
    const directives = [...(type.directives ?? [])];
    const ordered = [...directives.filter((each) => !isUnresolvable(each)), ...directives.filter(isUnresolvable)];
    const fields = type.fields?.map((field) => rewriteField(type, field));
    return { ...type, directives: ordered, ...(fields && { fields }) };
  });
  const byName = new Map(rewritten.map((type) => [type.name.value, addSynthetic(type, rewriter)]));
  const definitions = document.definitions.map((node) =>
    isComposite(node) ? (byName.get(node.name.value) ?? node) : node,
  );
  const withEntries = addEntries({ ...document, definitions }, [...needs.values()]);
  return {
    document: withEntries.document,
    synthetic: rewriter.synthetic,
    hasRequirements: requirements.size > 0,
    requirementOf: (subgraph, type, field) => requirements.get(`${subgraph} ${type} ${field}`),
    isExternal(subgraph, type, field) {
      const real = rewriter.synthetic.get(field)?.name ?? field;
      return external.has(`${subgraph} ${type} ${real}`);
    },
    entryOf(subgraph, type) {
      const need = needs.get(`${subgraph} ${type}`);
      return need && withEntries.entries.get(`${need.graph} ${need.type}`);
    },
  };
}
