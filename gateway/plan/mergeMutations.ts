// A mutation's root fields, each response key once: the planner sends `touch … touch @include(if: $x)` as two
// mutations where another one stands between them, and GraphQL runs it once.
import { Kind, print } from 'graphql';
import type { DirectiveNode, FieldNode, SelectionNode, SelectionSetNode } from 'graphql';

interface AskedRoot {
  readonly field: FieldNode;
  readonly conditions: readonly DirectiveNode[];
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}

function flatten(set: SelectionSetNode, above: readonly DirectiveNode[], into: Map<string, AskedRoot[]>): void {
  for (const selection of set.selections) {
    const conditions = [...above, ...(selection.directives ?? []).filter(isCondition)];
    if (selection.kind === Kind.INLINE_FRAGMENT) flatten(selection.selectionSet, conditions, into);
    else if (selection.kind === Kind.FIELD) {
      const key = (selection.alias ?? selection.name).value;
      const directives = (selection.directives ?? []).filter((directive) => !isCondition(directive));
      const asked = { field: { ...selection, directives }, conditions };
      into.set(key, [...(into.get(key) ?? []), asked]);
    }
  }
}

/** Puts a selection under conditions, one around the other. */
function under(conditions: readonly DirectiveNode[], selection: SelectionNode): SelectionNode {
  return conditions.reduceRight<SelectionNode>(
    (inner, condition) => ({
      kind: Kind.INLINE_FRAGMENT,
      directives: [condition],
      selectionSet: { kind: Kind.SELECTION_SET, selections: [inner] },
    }),
    selection,
  );
}

function printConditions(conditions: readonly DirectiveNode[]): string {
  return [...new Set(conditions.map(print))].sort().join(' ');
}

function mergeRoot(asked: readonly AskedRoot[]): SelectionNode | undefined {
  const first = asked.find(({ conditions }) => conditions.length === 0) ?? asked[0];
  if (first === undefined) return undefined;
  const own = printConditions(first.conditions);
  const isAlike = asked.every(({ conditions }) => printConditions(conditions) === own);
  if (!isAlike && first.conditions.length > 0) return undefined;
  const selections = asked.flatMap(({ field, conditions }) => {
    const inner = field.selectionSet?.selections ?? [];
    return isAlike ? inner : inner.map((selection) => under(conditions, selection));
  });
  const { field } = first;
  const merged =
    field.selectionSet === undefined ? field : { ...field, selectionSet: { ...field.selectionSet, selections } };
  return under(first.conditions, merged);
}

/**
 * Takes the root selection of a mutation, its fragments inlined; gives it with each response key once, or undefined
 * where one key stands under several conditions, so that whether it runs once or not at all cannot be planned.
 */
export function mergeMutations(set: SelectionSetNode): SelectionSetNode | undefined {
  const asked = new Map<string, AskedRoot[]>();
  flatten(set, [], asked);
  const selections = [...asked.values()].map(mergeRoot);
  if (selections.includes(undefined)) return undefined;
  return { ...set, selections: selections.filter((selection) => selection !== undefined) };
}
