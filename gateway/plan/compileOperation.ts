// Once per operation: names made safe, planned, its fetches and its answer's shape compiled.
import { getVariableValues, isAbstractType, Kind, OperationTypeNode, print, type GraphQLSchema } from 'graphql';
import type {
  DocumentNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { CompiledOperation, Fields } from '../compiledOperation.ts';
import { isRefusal, refuse, type Refusal } from '../requestState.ts';
import { FetchCompiler } from './compileFetch.ts';
import { compilePlan } from './compilePlan.ts';
import { openShapes } from './compileShape.ts';
import { mergeMutations } from './mergeMutations.ts';
import type { PlannerClient } from './plannerClient.ts';
import { planTreeOf } from './planTree.ts';
import type { PreparedSupergraph } from './prepareSupergraph.ts';
import { renameAliases } from './renameAliases.ts';
import { scheduleFetches } from './scheduleFetches.ts';

/** What compiles operations of one supergraph. */
export interface OperationCompiler {
  /** Takes a valid document and its operation; gives it ready to run, or the refusal of one that has no plan. */
  compile(document: DocumentNode, operation: OperationDefinitionNode): Promise<CompiledOperation | Refusal>;
}

/** The parts of a supergraph that compiling needs. */
export interface CompilerParts {
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  /** All types, also those that clients do not see. */
  readonly types: GraphQLSchema;
  readonly plan: (document: string, operationName: string | undefined) => ReturnType<PlannerClient['plan']>;
  readonly prepared: PreparedSupergraph;
  readonly fieldNames: ReadonlySet<string>;
  /** Whether messages may name what is in the schema but was not asked. */
  readonly suggestionsAllowed: boolean;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/** What of the root is fetched: all but introspection and the root's own type name, which are known here. */
function fetchedRoots(set: SelectionSetNode, fragments: Fragments): SelectionSetNode | undefined {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return selection.name.value.startsWith('__') ? [] : [selection];
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    const inner = fragment && fetchedRoots(fragment.selectionSet, fragments);
    if (fragment === undefined || inner === undefined) return [];
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        selectionSet: inner,
        ...(fragment.typeCondition && { typeCondition: fragment.typeCondition }),
        ...(selection.directives && { directives: selection.directives }),
      },
    ];
  });
  return selections.length === 0 ? undefined : { ...set, selections };
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

const SEVERAL_CONDITIONS = refuse(
  'OPERATION_UNPLANNABLE',
  'A mutation stands several times under one name and different conditions. Give it one condition, or other names.',
);

/** The operation as the planner is to see it; undefined where nothing is to be fetched. */
function toBePlanned(document: DocumentNode, operation: OperationDefinitionNode, parts: CompilerParts) {
  const renamed = renameAliases(document, parts.fieldNames);
  const fragments = fragmentsOf(renamed.document);
  const own = renamed.document.definitions.find(
    (node): node is OperationDefinitionNode =>
      node.kind === Kind.OPERATION_DEFINITION && node.name?.value === operation.name?.value,
  );
  const roots = own && fetchedRoots(own.selectionSet, fragments);
  if (own === undefined || roots === undefined) return { renamed, text: undefined };
  const selectionSet = own.operation === OperationTypeNode.MUTATION ? mergeMutations(roots) : roots;
  if (selectionSet === undefined) return SEVERAL_CONDITIONS;
  const reached = reachedFragments(selectionSet, fragments);
  const planned = { kind: Kind.DOCUMENT, definitions: [{ ...own, selectionSet }, ...reached] } as const;
  return { renamed, text: print(planned) };
}

const NO_PLAN = { node: undefined };

/** Takes the parts of a supergraph; gives what compiles its operations. */
export function openOperationCompiler(parts: CompilerParts): OperationCompiler {
  const { apiSchema, types, prepared } = parts;
  const isOfType = (typename: string, condition: string): boolean => {
    if (typename === condition) return true;
    const type = types.getType(typename);
    const wanted = types.getType(condition);
    return isAbstractType(wanted) && type !== undefined && 'getInterfaces' in type && types.isSubType(wanted, type);
  };
  return {
    async compile(document, operation) {
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw new Error('subscriptions are not compiled');
      const asked = toBePlanned(document, operation, parts);
      if (isRefusal(asked)) return asked;
      const { renamed, text } = asked;
      const planned = text === undefined ? NO_PLAN : await parts.plan(text, operation.name?.value);
      if (isRefusal(planned)) return planned;
      const { node } = planned;
      const { clientVariableOf, sourceOf, clientNameOf } = renamed;
      let id = 0;
      const nextId = (): number => id++;
      const fetches = new FetchCompiler({ prepared, isOfType, clientVariableOf, nextId });
      const plan = node && compilePlan(node, fetches);
      const definitions = operation.variableDefinitions ?? [];
      const shapeFor = openShapes({ schema: apiSchema, operation, fragments: fragmentsOf(document), sourceOf });
      return {
        name: operation.name?.value,
        kind: operation.operation,
        plan,
        schedule: plan && scheduleFetches(plan),
        planTree: planTreeOf(node, clientNameOf),
        hasVariables: definitions.length > 0,
        isOfType,
        clientNameOf,
        coerceVariables(given: Fields) {
          const result = getVariableValues(apiSchema, definitions, given, {
            maxErrors: 10,
            hideSuggestions: !parts.suggestionsAllowed,
          });
          if (result.errors === undefined) return { coerced: result.coerced };
          return { wrong: result.errors.map((error) => error.message) };
        },
        shapeFor,
      };
    },
  };
}
