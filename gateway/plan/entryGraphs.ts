// For each subgraph with a @requires the prepared supergraph gets an entry: a graph that knows nothing but the keys of
// that subgraph's entities, with a root field for each. Planning a query from there gives the fetches from an entity's
// key to any of its fields, which is what repairPlan.ts needs. No plan reaches an entry by itself.
import { isTypeDefinitionNode, Kind, parse } from 'graphql';
import type {
  ConstArgumentNode,
  ConstDirectiveNode,
  DefinitionNode,
  DocumentNode,
  EnumTypeDefinitionNode,
  FieldDefinitionNode,
  InterfaceTypeDefinitionNode,
  ObjectTypeDefinitionNode,
  SelectionSetNode,
} from 'graphql';

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** An entity of a subgraph that plans can be made from. */
export interface Entry {
  /** The entry's subgraph name. */
  readonly graph: string;
  /** The root field that gives the entity. */
  readonly field: string;
  /** What the entity's key selects. */
  readonly key: string;
}

/** A type with a @requires in a subgraph: what entries are made for. */
export interface EntryNeed {
  /** The subgraph's value in the supergraph's enum. */
  readonly graph: string;
  readonly type: string;
}

function enumArgument(name: string, value: string): ConstArgumentNode {
  return {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: name },
    value: { kind: Kind.ENUM, value },
  };
}

function directive(name: string, given: readonly ConstArgumentNode[]): ConstDirectiveNode {
  return { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: name }, arguments: given };
}

function stringArgument(name: string, value: string): ConstArgumentNode {
  return {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: name },
    value: { kind: Kind.STRING, value },
  };
}

function argumentOf(node: ConstDirectiveNode, name: string): ConstArgumentNode | undefined {
  return node.arguments?.find((argument) => argument.name.value === name);
}

function graphOf(node: ConstDirectiveNode): string | undefined {
  const value = argumentOf(node, 'graph')?.value;
  return value?.kind === Kind.ENUM ? value.value : undefined;
}

function keyOf(node: ConstDirectiveNode): string | undefined {
  const value = argumentOf(node, 'key')?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

function isNamed(name: string) {
  return (node: ConstDirectiveNode): boolean => node.name.value === name;
}

function namedType(type: FieldDefinitionNode['type']): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

function selectionOf(fieldSet: string): SelectionSetNode {
  const [definition] = parse(`{${fieldSet}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('a key is no selection');
  return definition.selectionSet;
}

/** Adds entries to a supergraph's definitions. */
class EntryBuilder {
  readonly entries = new Map<string, Entry>();
  private readonly definitions: Map<string, DefinitionNode>;
  private readonly graphs = new Map<string, string>();

  constructor(document: DocumentNode) {
    this.definitions = new Map(
      document.definitions.map((node, at) => [isTypeDefinitionNode(node) ? node.name.value : `#${at}`, node]),
    );
  }

  list(): DefinitionNode[] {
    return [...this.definitions.values()];
  }

  add({ graph, type }: EntryNeed): void {
    const node = this.compositeOf(type);
    const own = node?.directives?.filter((each) => isNamed('join__type')(each) && graphOf(each) === graph) ?? [];
    const keyed = own.find((each) => keyOf(each) !== undefined && argumentOf(each, 'resolvable') === undefined);
    const key = keyed && keyOf(keyed);
    if (node === undefined || keyed === undefined || key === undefined) return;
    const entry = this.graphFor(graph);
    const kept = (keyed.arguments ?? []).filter((each) => each.name.value === 'isInterfaceObject');
    const unresolvable: ConstArgumentNode = {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'resolvable' },
      value: { kind: Kind.BOOLEAN, value: false },
    };
    this.addFields(type, selectionOf(key), entry, [stringArgument('key', key), unresolvable, ...kept]);
    const field = `entry__${graph.toLowerCase()}__${type}`;
    this.addRootField(field, type, entry);
    this.entries.set(`${graph} ${type}`, { graph: entry.toLowerCase(), field, key });
  }

  private compositeOf(name: string): Composite | undefined {
    const node = this.definitions.get(name);
    const isComposite = node?.kind === Kind.OBJECT_TYPE_DEFINITION || node?.kind === Kind.INTERFACE_TYPE_DEFINITION;
    return isComposite ? node : undefined;
  }

  private graphFor(graph: string): string {
    const known = this.graphs.get(graph);
    if (known !== undefined) return known;
    const entry = `ENTRY__${graph}`;
    this.graphs.set(graph, entry);
    const graphs = this.definitions.get('join__Graph') as EnumTypeDefinitionNode;
    const value = {
      kind: Kind.ENUM_VALUE_DEFINITION,
      name: { kind: Kind.NAME, value: entry },
      directives: [directive('join__graph', [stringArgument('name', entry.toLowerCase()), stringArgument('url', '')])],
    } as const;
    this.definitions.set('join__Graph', { ...graphs, values: [...(graphs.values ?? []), value] });
    return entry;
  }

  /** Makes a type known to the entry, with the selected fields alone. */
  private addFields(type: string, set: SelectionSetNode, entry: string, more: readonly ConstArgumentNode[] = []): void {
    const node = this.compositeOf(type);
    if (node === undefined) {
      this.addLeaf(type, entry);
      return;
    }
    const graphs = new Set(node.directives?.filter(isNamed('join__type')).map(graphOf));
    const asked = new Set(set.selections.map((each) => (each.kind === Kind.FIELD ? each.name.value : '')));
    const fields = node.fields?.map((field) => {
      const directives = [...(field.directives ?? [])];
      // A field without a word on graphs is in all of them: with one more graph that has to be said.
      if (!directives.some(isNamed('join__field'))) {
        for (const graph of graphs) {
          if (graph !== undefined) directives.push(directive('join__field', [enumArgument('graph', graph)]));
        }
      }
      if (asked.has(field.name.value) && !directives.some((each) => graphOf(each) === entry)) {
        directives.push(directive('join__field', [enumArgument('graph', entry)]));
      }
      return { ...field, directives };
    });
    const joins = directive('join__type', [enumArgument('graph', entry), ...more]);
    const isKnown = more.length === 0 && graphs.has(entry);
    const directives = isKnown ? (node.directives ?? []) : [...(node.directives ?? []), joins];
    this.definitions.set(type, { ...node, directives, ...(fields && { fields }) });
    for (const selection of set.selections) {
      if (selection.kind !== Kind.FIELD) continue;
      const field = node.fields?.find((each) => each.name.value === selection.name.value);
      if (field !== undefined) this.addFields(namedType(field.type), selection.selectionSet ?? NO_SELECTION, entry);
    }
  }

  private addLeaf(type: string, entry: string): void {
    const node = this.definitions.get(type);
    if (node?.kind !== Kind.SCALAR_TYPE_DEFINITION && node?.kind !== Kind.ENUM_TYPE_DEFINITION) return;
    if (node.directives?.some((each) => graphOf(each) === entry)) return;
    const graph = enumArgument('graph', entry);
    const directives = [...(node.directives ?? []), directive('join__type', [graph])];
    if (node.kind === Kind.SCALAR_TYPE_DEFINITION) this.definitions.set(type, { ...node, directives });
    else {
      const values = node.values?.map((value) => ({
        ...value,
        directives: [...(value.directives ?? []), directive('join__enumValue', [graph])],
      }));
      this.definitions.set(type, { ...node, directives, ...(values && { values }) });
    }
  }

  private addRootField(name: string, type: string, entry: string): void {
    this.addFields('Query', NO_SELECTION, entry);
    const query = this.compositeOf('Query');
    if (query === undefined) return;
    const field: FieldDefinitionNode = {
      kind: Kind.FIELD_DEFINITION,
      name: { kind: Kind.NAME, value: name },
      type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
      directives: [directive('join__field', [enumArgument('graph', entry)])],
    };
    this.definitions.set('Query', { ...query, fields: [...(query.fields ?? []), field] });
  }
}

const NO_SELECTION: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };

/** Takes a supergraph and what needs entries; gives it with them, and the entries by `GRAPH Type`. */
export function addEntries(document: DocumentNode, needs: readonly EntryNeed[]) {
  const builder = new EntryBuilder(document);
  for (const need of needs) builder.add(need);
  return { document: { ...document, definitions: builder.list() }, entries: builder.entries };
}
