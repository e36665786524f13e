// Before planning: fragments that nothing can fit where they stand (`named { ... on Node { ... on Firm { id } } }`, with no
// Firm among the Named) are taken out. GraphQL allows them, since each fits what directly surrounds it, and the answer
// has nothing of them; the planner refuses such an operation as a whole.
import { getNamedType, isCompositeType, isObjectType, Kind } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLSchema,
  InlineFragmentNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { fragmentsOf, PLACEHOLDER, type Fragments } from './specialize.ts';

/** The object types that something can be of, by name. */
type Possible = ReadonlySet<string>;

/** Prunes one document. */
class Pruner {
  private readonly schema: GraphQLSchema;
  private readonly fragments: Fragments;
  private readonly possible = new Map<string, Possible>();
  isChanged = false;

  constructor(schema: GraphQLSchema, fragments: Fragments) {
    this.schema = schema;
    this.fragments = fragments;
  }

  /** A definition in its own right: of all that its type can be. */
  definition<T extends { readonly selectionSet: SelectionSetNode }>(node: T, type: string): T {
    const parent = this.schema.getType(type);
    if (!isCompositeType(parent)) return node;
    return { ...node, selectionSet: this.set(node.selectionSet, parent, this.possibleOf(parent)) };
  }

  private set(set: SelectionSetNode, parent: GraphQLCompositeType, possible: Possible): SelectionSetNode {
    const selections = set.selections.flatMap((selection) => this.selection(selection, parent, possible));
    return { ...set, selections: selections.length === 0 ? [PLACEHOLDER] : selections };
  }

  private selection(selection: SelectionNode, parent: GraphQLCompositeType, possible: Possible): SelectionNode[] {
    if (selection.kind === Kind.FIELD) return [this.field(selection, parent)];
    const isInline = selection.kind === Kind.INLINE_FRAGMENT;
    const named = isInline ? undefined : this.fragments.get(selection.name.value);
    const condition = isInline ? selection.typeCondition : named?.typeCondition;
    const type = condition === undefined ? parent : this.schema.getType(condition.name.value);
    if (!isCompositeType(type)) return [selection];
    const all = this.possibleOf(type);
    const narrowed = new Set([...all].filter((name) => possible.has(name)));
    if (narrowed.size === 0) {
      this.isChanged = true;
      return [];
    }
    if (isInline) return [{ ...selection, selectionSet: this.set(selection.selectionSet, type, narrowed) }];
    if (named === undefined || narrowed.size === all.size || !this.isNarrowing(named)) return [selection];
    // Its fragments fit elsewhere and maybe not here: it is written out.
    this.isChanged = true;
    const { typeCondition } = named;
    const written: InlineFragmentNode = { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet: named.selectionSet };
    const directives = selection.directives ?? [];
    return [{ ...written, directives, selectionSet: this.set(named.selectionSet, type, narrowed) }];
  }

  private field(field: FieldNode, parent: GraphQLCompositeType): FieldNode {
    if (field.selectionSet === undefined || !('getFields' in parent)) return field;
    const definition = parent.getFields()[field.name.value];
    const type = definition && getNamedType(definition.type);
    if (!isCompositeType(type)) return field;
    return { ...field, selectionSet: this.set(field.selectionSet, type, this.possibleOf(type)) };
  }

  private isNarrowing({ selectionSet }: FragmentDefinitionNode): boolean {
    return selectionSet.selections.some(({ kind }) => kind !== Kind.FIELD);
  }

  private possibleOf(type: GraphQLCompositeType): Possible {
    const known = this.possible.get(type.name);
    if (known !== undefined) return known;
    const types = isObjectType(type) ? [type] : this.schema.getPossibleTypes(type);
    const names = new Set(types.map(({ name }) => name));
    this.possible.set(type.name, names);
    return names;
  }
}

/** Takes a valid document and the schema of the whole graph; gives it without fragments that nothing can fit. */
export function pruneImpossible(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const pruner = new Pruner(schema, fragmentsOf(document));
  const definitions = document.definitions.map((node) => {
    if (node.kind === Kind.OPERATION_DEFINITION) {
      return pruner.definition(node, schema.getRootType(node.operation)?.name ?? '');
    }
    return node.kind === Kind.FRAGMENT_DEFINITION ? pruner.definition(node, node.typeCondition.name.value) : node;
  });
  if (!pruner.isChanged) return document;
  // What was written out everywhere, or stood in what is gone, is used by nobody any more.
  const used = new Set<string>();
  const look = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        if (selection.selectionSet !== undefined) look(selection.selectionSet);
      } else if (!used.has(selection.name.value)) {
        used.add(selection.name.value);
        const fragment = definitions.find(
          (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === selection.name.value,
        );
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION) look(fragment.selectionSet);
      }
    }
  };
  for (const node of definitions) if (node.kind === Kind.OPERATION_DEFINITION) look(node.selectionSet);
  const kept = definitions.filter((node) => node.kind !== Kind.FRAGMENT_DEFINITION || used.has(node.name.value));
  return { ...document, definitions: kept };
}
