// Makes an operation that shows a difference as small as it can be and still show it.
import {
  Kind,
  parse,
  print,
  validate,
  visit,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { SentOperation } from './startOracleGraph.ts';

const TRIES_MAX = 600;

interface Change {
  readonly at: ASTNode;
  /** What stands there instead; null where nothing does. */
  readonly instead: ASTNode | null | readonly SelectionNode[];
}

/** Leaves out definitions that nothing uses any more. */
function dropUnused(document: DocumentNode): DocumentNode {
  const text = print(document);
  const isUsed = (name: string): boolean => new RegExp(`\\.\\.\\.${name}\\b`).test(text);
  const isRead = (name: string): boolean => (text.match(new RegExp(`\\$${name}\\b`, 'g')) ?? []).length > 1;
  return visit(document, {
    FragmentDefinition: (node) => (isUsed(node.name.value) ? undefined : null),
    VariableDefinition: (node) => (isRead(node.variable.name.value) ? undefined : null),
  });
}

function changesOf(document: DocumentNode): Change[] {
  const changes: Change[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const inlined = (name: string): SelectionSetNode | undefined => fragments.get(name)?.selectionSet;
  visit(document, {
    SelectionSet(node) {
      if (node.selections.length > 1)
        for (const selection of node.selections) changes.push({ at: selection, instead: null });
    },
    Directive: (node) => void changes.push({ at: node, instead: null }),
    Argument: (node) => void changes.push({ at: node, instead: null }),
    InlineFragment: (node) => void changes.push({ at: node, instead: node.selectionSet.selections }),
    FragmentSpread(node) {
      const set = inlined(node.name.value);
      if (set) changes.push({ at: node, instead: set.selections });
    },
    Field(node) {
      if (node.alias) {
        const plain: Record<string, unknown> = { ...node };
        delete plain['alias'];
        changes.push({ at: node, instead: plain as unknown as FieldNode });
      }
    },
  });
  return changes;
}

function apply(document: DocumentNode, change: Change): DocumentNode {
  const { at, instead } = change;
  if (!Array.isArray(instead)) {
    return visit(document, { enter: (node) => (node === at ? (instead as ASTNode | null) : undefined) });
  }
  return visit(document, {
    SelectionSet(node) {
      if (!node.selections.includes(at as SelectionNode)) return undefined;
      const selections = node.selections.flatMap((selection) =>
        selection === at ? (instead as readonly SelectionNode[]) : [selection],
      );
      return { ...node, selections };
    },
  });
}

/** Takes an operation and what tells whether one is still of interest; gives the smallest found that is. */
export async function shrinkOperation(
  schema: GraphQLSchema,
  operation: SentOperation,
  isOfInterest: (operation: SentOperation) => Promise<boolean>,
): Promise<SentOperation> {
  let smallest: SentOperation = operation;
  let tries = 0;
  for (let shrunk = true; shrunk && tries < TRIES_MAX;) {
    shrunk = false;
    for (const change of changesOf(smallest.document)) {
      const text = print(dropUnused(dropUnused(apply(smallest.document, change))));
      const document = parseIfValid(schema, text);
      if (document === undefined || tries++ >= TRIES_MAX) continue;
      const candidate = { ...smallest, text, document };
      if (!(await isOfInterest(candidate))) continue;
      smallest = candidate;
      shrunk = true;
      break;
    }
  }
  return smallest;
}

function parseIfValid(schema: GraphQLSchema, text: string): DocumentNode | undefined {
  try {
    const document = parse(text, { noLocation: true });
    return validate(schema, document).length === 0 ? document : undefined;
  } catch {
    return undefined;
  }
}
