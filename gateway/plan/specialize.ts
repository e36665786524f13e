// An operation under one outcome of its @skip and @include: what is left out is gone, what stays stands without
// condition. The planner is given nothing else, since it moves a condition within another one to the wrong field, and
// sends a mutation twice that stands once with and once without a condition.
import { Kind } from 'graphql';
import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { Fields } from '../compiledOperation.ts';

/** Named fragments, by name. */
export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** The named fragments of a document. */
export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}

/** Says whether the conditions of a selection hold under these values of the variables. */
export function isAsked(directives: readonly DirectiveNode[] | undefined, variables: Fields): boolean {
  return (directives ?? []).filter(isCondition).every((directive) => {
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const holds =
      value?.kind === Kind.VARIABLE
        ? variables[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    return holds === (directive.name.value === 'include');
  });
}

/** The variables that decide conditions of a document. */
export function conditionVariables(operation: OperationDefinitionNode, fragments: Fragments): string[] {
  const names = new Set<string>();
  const look = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      for (const directive of (selection.directives ?? []).filter(isCondition)) {
        const value = directive.arguments?.[0]?.value;
        if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
      }
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined) look(selection.selectionSet);
    }
  };
  look(operation.selectionSet);
  for (const fragment of fragments.values()) look(fragment.selectionSet);
  return [...names];
}

/** Stands where nothing is left of a selection: the object is asked for, and nothing of it. */
export const PLACEHOLDER: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** Specializes the selections of one document. */
class Specializer {
  private readonly fragments: Fragments;
  private readonly variables: Fields;

  constructor(fragments: Fragments, variables: Fields) {
    this.fragments = fragments;
    this.variables = variables;
  }

  set(set: SelectionSetNode): SelectionSetNode {
    const selections = set.selections.flatMap((selection) => this.selection(selection));
    return { ...set, selections: selections.length === 0 ? [PLACEHOLDER] : selections };
  }

  private selection(selection: SelectionNode): SelectionNode[] {
    if (!isAsked(selection.directives, this.variables)) return [];
    const directives = (selection.directives ?? []).filter((directive) => !isCondition(directive));
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [{ ...selection, directives }];
    const { selectionSet } = selection;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return [{ ...selection, directives, selectionSet: this.set(selection.selectionSet) }];
    }
    return [{ ...selection, directives, ...(selectionSet && { selectionSet: this.set(selectionSet) }) }];
  }

  /** The root's fields, each response key once: a mutation that stands twice is one. */
  roots(set: SelectionSetNode, found = new Map<string, FieldNode>()): Map<string, FieldNode> {
    for (const selection of set.selections) {
      if (!isAsked(selection.directives, this.variables)) continue;
      if (selection.kind === Kind.FIELD) this.root(selection, found);
      else {
        const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
        if (inner !== undefined) this.roots(inner.selectionSet, found);
      }
    }
    return found;
  }

  private root(field: FieldNode, found: Map<string, FieldNode>): void {
    // Introspection and the root's own name are known here, and not fetched.
    if (field.name.value.startsWith('__')) return;
    const key = (field.alias ?? field.name).value;
    const [own] = this.selection(field);
    const known = found.get(key);
    if (own?.kind !== Kind.FIELD) return;
    if (known?.selectionSet === undefined || own.selectionSet === undefined) {
      if (known === undefined) found.set(key, own);
      return;
    }
    const selections = [...known.selectionSet.selections, ...own.selectionSet.selections];
    found.set(key, { ...known, selectionSet: { ...known.selectionSet, selections } });
  }
}

/** The fragments that a selection reaches: the planner wants no others. */
function reachedFragments(set: SelectionSetNode, fragments: Fragments, reached = new Set<FragmentDefinitionNode>()) {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments.get(selection.name.value);
      if (fragment === undefined || reached.has(fragment)) continue;
      reached.add(fragment);
      reachedFragments(fragment.selectionSet, fragments, reached);
    } else if (selection.selectionSet !== undefined) reachedFragments(selection.selectionSet, fragments, reached);
  }
  return reached;
}

/**
 * Takes a document, its operation and the values of the variables that decide conditions; gives the document that is
 * planned, undefined where nothing is fetched.
 */
export function specialize(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Fields,
): DocumentNode | undefined {
  const fragments = fragmentsOf(document);
  const specializer = new Specializer(fragments, variables);
  const roots = [...specializer.roots(operation.selectionSet).values()];
  if (roots.length === 0) return undefined;
  const own = new Map(
    [...fragments].map(([name, fragment]) => [
      name,
      { ...fragment, selectionSet: specializer.set(fragment.selectionSet) },
    ]),
  );
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: roots };
  const definitions = [{ ...operation, selectionSet }, ...reachedFragments(selectionSet, own)];
  return { kind: Kind.DOCUMENT, definitions };
}
