// Filter mode: the operation without what the caller may not see, so that it is neither planned nor fetched. The answer's
// shape is still that of the client's own document, with the denied fields null.
import { Kind, visit } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
  VariableDefinitionNode,
} from 'graphql';
import { namedFragments } from './operationNeeds.ts';

/** A document with the one operation that runs. */
export interface PrunedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** Stands where nothing is left of a selection: whether there is an object may still be known. */
const PLACEHOLDER: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** Leaves out denied fields, and what they leave empty. */
class Pruner {
  /** Fragments of which something is left, by name; undefined for one of which nothing is. */
  private readonly pruned = new Map<string, FragmentDefinitionNode | undefined>();
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly denied: { has(node: FieldNode): boolean };

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>, denied: { has(node: FieldNode): boolean }) {
    this.fragments = fragments;
    this.denied = denied;
  }

  /** Gives what is left; with nothing left, a placeholder. */
  filled(set: SelectionSetNode): SelectionSetNode {
    return this.set(set) ?? { ...set, selections: [PLACEHOLDER] };
  }

  used(): FragmentDefinitionNode[] {
    return [...this.pruned.values()].filter((fragment) => fragment !== undefined);
  }

  private set(set: SelectionSetNode): SelectionSetNode | undefined {
    const selections = set.selections.flatMap((selection) => this.selection(selection) ?? []);
    return selections.length === 0 ? undefined : { ...set, selections };
  }

  private selection(selection: SelectionNode): SelectionNode | undefined {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      return this.fragment(selection.name.value) === undefined ? undefined : selection;
    }
    if (selection.kind === Kind.FIELD && this.denied.has(selection)) return undefined;
    if (selection.selectionSet === undefined) return selection;
    if (selection.kind === Kind.FIELD) return { ...selection, selectionSet: this.filled(selection.selectionSet) };
    const selectionSet = this.set(selection.selectionSet);
    return selectionSet && { ...selection, selectionSet };
  }

  private fragment(name: string): FragmentDefinitionNode | undefined {
    if (this.pruned.has(name)) return this.pruned.get(name);
    const fragment = this.fragments.get(name);
    const selectionSet = fragment && this.set(fragment.selectionSet);
    const pruned = fragment && selectionSet && { ...fragment, selectionSet };
    this.pruned.set(name, pruned);
    return pruned;
  }
}

function variablesIn(nodes: readonly (OperationDefinitionNode | FragmentDefinitionNode)[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    visit(node, {
      // A definition is no use of its variable.
      VariableDefinition: () => false,
      Variable(variable) {
        names.add(variable.name.value);
      },
    });
  }
  return names;
}

/**
 * Takes a validated document, the operation of it that will run, and the denied fields as written; gives the operation
 * without them, with the fragments and variables that it still uses: a valid document again.
 */
export function pruneOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  denied: { has(node: FieldNode): boolean },
): PrunedOperation {
  const pruner = new Pruner(namedFragments(document), denied);
  const left = { ...operation, selectionSet: pruner.filled(operation.selectionSet) };
  const fragments = pruner.used();
  const used = variablesIn([left, ...fragments]);
  const isUsed = ({ variable }: VariableDefinitionNode): boolean => used.has(variable.name.value);
  const variableDefinitions = operation.variableDefinitions?.filter(isUsed);
  const pruned = { ...left, ...(variableDefinitions && { variableDefinitions }) };
  return { document: { kind: Kind.DOCUMENT, definitions: [pruned, ...fragments] }, operation: pruned };
}
