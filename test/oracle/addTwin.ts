// An operation with a twin: one of its fields again under another alias, which asks nearly the same beneath. So one entity
// stands at two places that a gateway may bring by one request, and what is asked beneath each is its own.
import {
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import type { Draw } from './draw.ts';

const ALIAS = 'twin';

function isDeep(selection: SelectionNode): selection is FieldNode {
  return selection.kind === Kind.FIELD && selection.selectionSet !== undefined;
}

/** The fields with fields of their own, at any depth; none in named fragments. */
function deepFields(operation: OperationDefinitionNode): FieldNode[] {
  const found: FieldNode[] = [];
  visit(operation, {
    Field(node) {
      if (isDeep(node) && !node.name.value.startsWith('__')) found.push(node);
    },
  });
  return found;
}

/** The same field with small differences beneath: another number or boolean, a leaf less, two leaves under each other's names. */
function vary(field: FieldNode, draw: Draw): FieldNode {
  return visit(field, {
    IntValue: (node) => (draw.chance(50) ? { ...node, value: String(Number(node.value) + 1) } : undefined),
    BooleanValue: (node) => (draw.chance(20) ? { ...node, value: !node.value } : undefined),
    SelectionSet(node) {
      const leaves = node.selections.filter((each) => each.kind === Kind.FIELD && each.selectionSet === undefined);
      const [first, second] = leaves as FieldNode[];
      if (first === undefined || second === undefined) return undefined;
      if (draw.chance(30)) return { ...node, selections: node.selections.filter((each) => each !== first) };
      if (!draw.chance(50)) return undefined;
      const keyOf = ({ alias, name }: FieldNode) => ({ kind: Kind.NAME, value: (alias ?? name).value }) as const;
      const swapped = new Map<SelectionNode, FieldNode>([
        [first, { ...first, alias: keyOf(second) }],
        [second, { ...second, alias: keyOf(first) }],
      ]);
      return { ...node, selections: node.selections.map((each) => swapped.get(each) ?? each) };
    },
  });
}

/** Gives how many fields of a document have an alias. */
export function countAliases(document: DocumentNode): number {
  let count = 0;
  visit(document, {
    Field(node) {
      if (node.alias !== undefined) count++;
    },
  });
  return count;
}

/** Takes a document with one operation; gives it with a twin, which may turn out not to be valid. */
export function addTwin(document: DocumentNode, draw: Draw): DocumentNode {
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  const fields = operation === undefined ? [] : deepFields(operation);
  if (fields.length === 0) return document;
  const chosen = draw.pick(fields);
  const twin = { ...vary(chosen, draw), alias: { kind: Kind.NAME, value: ALIAS } } as const;
  return visit(document, {
    SelectionSet(node) {
      const at = node.selections.indexOf(chosen);
      return at < 0 ? undefined : { ...node, selections: node.selections.toSpliced(at + 1, 0, twin) };
    },
  });
}
