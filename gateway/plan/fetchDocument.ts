// A fetch's document as the planner printed it, taken apart: its synthetic fields translated back, its fields by type,
// and the same document with some of its fields alone.
import { Kind, OperationTypeNode, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import type { FieldNode, OperationDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';
import type { SyntheticField } from './prepareSupergraph.ts';

/** Says whether a field of an entity stays in a document. */
export type KeepField = (type: string | undefined, field: string) => boolean;

/** Parses what the planner printed, with every synthetic field asked for as what it stands for. */
export function parseFetch(text: string, synthetic: ReadonlyMap<string, SyntheticField>): OperationDefinitionNode {
  const [definition, ...more] = parse(text, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION || more.length > 0) throw new Error('a fetch is one operation');
  if (synthetic.size === 0) return definition;
  return visit(definition, {
    Field(node) {
      const real = synthetic.get(node.name.value);
      if (real === undefined) return undefined;
      const alias = node.alias ?? { kind: Kind.NAME, value: node.name.value };
      return { ...node, alias, name: { kind: Kind.NAME, value: real.name }, arguments: real.arguments };
    },
  });
}

/** Prints an operation in the fewest characters. */
export function printFetch(operation: OperationDefinitionNode): string {
  return stripIgnoredCharacters(print(operation));
}

/** The selection of `_entities`, undefined for a fetch of root fields. */
function entitySelection(operation: OperationDefinitionNode): SelectionSetNode | undefined {
  const [only] = operation.selectionSet.selections;
  return only?.kind === Kind.FIELD && only.name.value === '_entities' ? only.selectionSet : undefined;
}

/** What the fields of a fetch's objects are asked by: of entities, or of the root. */
export function objectSelection(operation: OperationDefinitionNode): SelectionSetNode {
  return entitySelection(operation) ?? operation.selectionSet;
}

function eachField(
  set: SelectionSetNode,
  type: string | undefined,
  found: (field: FieldNode, type: string | undefined) => void,
): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) found(selection, type);
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      eachField(selection.selectionSet, selection.typeCondition?.name.value ?? type, found);
    }
  }
}

/** The fields that a fetch asks of its objects, with the type they are asked of. */
export function askedFields(operation: OperationDefinitionNode): { type: string | undefined; field: FieldNode }[] {
  const asked: { type: string | undefined; field: FieldNode }[] = [];
  eachField(objectSelection(operation), undefined, (field, type) => asked.push({ type, field }));
  return asked;
}

function keepIn(set: SelectionSetNode, type: string | undefined, keep: KeepField): SelectionSetNode | undefined {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return keep(type, selection.name.value) ? [selection] : [];
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection];
    const inner = keepIn(selection.selectionSet, selection.typeCondition?.name.value ?? type, keep);
    return inner === undefined ? [] : [{ ...selection, selectionSet: inner }];
  });
  const hasField = selections.some((each) => each.kind !== Kind.FIELD || each.name.value !== '__typename');
  return hasField ? { ...set, selections } : undefined;
}

/** Drops the definitions of variables that nothing uses any more. */
function dropUnusedVariables(operation: OperationDefinitionNode): OperationDefinitionNode {
  const used = new Set<string>();
  visit({ ...operation, variableDefinitions: [] }, { Variable: (node) => void used.add(node.name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).filter((definition) =>
    used.has(definition.variable.name.value),
  );
  return { ...operation, variableDefinitions };
}

/** Takes an entity fetch; gives it with the kept fields alone, undefined where none is left. */
export function keepFields(operation: OperationDefinitionNode, keep: KeepField): OperationDefinitionNode | undefined {
  const [entities] = operation.selectionSet.selections;
  if (entities?.kind !== Kind.FIELD || entities.selectionSet === undefined) return undefined;
  const kept = keepIn(entities.selectionSet, undefined, keep);
  if (kept === undefined) return undefined;
  const selectionSet = { ...operation.selectionSet, selections: [{ ...entities, selectionSet: kept }] };
  return dropUnusedVariables({ ...operation, selectionSet });
}

/** What an entity fetch brings to a request that it shares with others; undefined where it has to go alone. */
export function joinablePart(
  operation: OperationDefinitionNode,
): { variables: ReadonlyMap<string, string>; selection: string } | undefined {
  const selection = entitySelection(operation);
  if (
    selection === undefined ||
    operation.operation !== OperationTypeNode.QUERY ||
    (operation.directives?.length ?? 0) > 0
  ) {
    return undefined;
  }
  const definitions = (operation.variableDefinitions ?? []).filter(
    (definition) => definition.variable.name.value !== 'representations',
  );
  const variables = definitions.map((definition) => [definition.variable.name.value, print(definition)] as const);
  return { variables: new Map(variables), selection: stripIgnoredCharacters(print(selection)) };
}
