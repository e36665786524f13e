// The planner joins a fetch for a requirement into an earlier one to the same subgraph where the requirement itself
// requires something (`right { d }` inside the first fetch to `right`, though `d` requires `a` of `left`): the field is
// then asked of an entity that lacks its input. Such a field is taken out of the fetch, and fetched behind it the way
// the planner finds from the entity's key (entryGraphs.ts).
import type { FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
} from 'graphql';
import type {
  FieldNode,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { PreparedSupergraph } from './prepareSupergraph.ts';

/** What repairing needs. */
export interface RepairParts {
  readonly prepared: PreparedSupergraph;
  /** The prepared supergraph's types. */
  readonly types: GraphQLSchema;
  /** Plans a query, from entries too. */
  readonly plan: (query: string) => PlanNode | undefined;
}

/** A field that is asked of an entity which lacks what it requires. */
interface Premature {
  readonly type: string;
  readonly path: readonly string[];
  readonly field: FieldNode;
}

/** How deep repairs may stand in repairs; each is a step of a chain of requirements. */
const REPAIRS_DEEP_MAX = 8;

function listLevels(type: GraphQLOutputType): string[] {
  if (isNonNullType(type)) return listLevels(type.ofType);
  return isListType(type) ? ['@', ...listLevels(type.ofType)] : [];
}

function topNames(selections: readonly QueryPlanSelectionNode[] | SelectionSetNode['selections']): string[] {
  return selections.flatMap((selection): string[] => {
    if (selection.kind === 'Field') {
      const alias = typeof selection.alias === 'object' ? selection.alias.value : selection.alias;
      return [alias ?? (typeof selection.name === 'string' ? selection.name : selection.name.value)];
    }
    if (selection.kind !== 'InlineFragment') return [];
    return topNames('selections' in selection ? selection.selections : selection.selectionSet.selections);
  });
}

/** Takes premature fields out of one fetch. */
class FetchRepair {
  readonly premature: Premature[] = [];
  private readonly node: FetchNode;
  private readonly parts: RepairParts;

  constructor(node: FetchNode, parts: RepairParts) {
    this.node = node;
    this.parts = parts;
  }

  selection(set: SelectionSetNode, type: string | undefined, path: readonly string[], given: ReadonlySet<string>) {
    const lost = new Set<string>();
    let selections = set.selections.flatMap((each): SelectionNode[] => {
      if (each.kind === Kind.FRAGMENT_SPREAD) return [each];
      if (each.kind === Kind.INLINE_FRAGMENT) {
        const inner: SelectionSetNode = this.selection(
          each.selectionSet,
          each.typeCondition?.name.value ?? type,
          path,
          given,
        );
        return [{ ...each, selectionSet: inner }];
      }
      const requirement = type && this.parts.prepared.requirementOf(this.node.serviceName, type, each.name.value);
      if (type === undefined || !requirement) return [this.field(each, type, path)];
      const names = topNames(requirement.selections);
      if (names.every((name) => given.has(name))) return [this.field(each, type, path)];
      this.premature.push({ type, path, field: each });
      for (const name of names) lost.add(name);
      return [];
    });
    const entry = type === undefined ? undefined : this.parts.prepared.entryOf(this.node.serviceName, type);
    if (lost.size === 0 || type === undefined || entry === undefined) return { ...set, selections };
    // What was asked only as an input is not this subgraph's to answer.
    selections = selections.filter((each) => {
      const isInput = each.kind === Kind.FIELD && lost.has((each.alias ?? each.name).value);
      return !isInput || !this.parts.prepared.isExternal(this.node.serviceName, type, each.name.value);
    });
    const asked = new Set(topNames(selections));
    const key = keySelections(entry.key).filter((each) => topNames([each]).some((name) => !asked.has(name)));
    return { ...set, selections: [...selections, ...key] };
  }

  private field(field: FieldNode, parent: string | undefined, path: readonly string[]): FieldNode {
    const { selectionSet } = field;
    if (selectionSet === undefined) return field;
    const type = parent === undefined ? undefined : this.parts.types.getType(parent);
    const own = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field.name.value]?.type : undefined;
    if (own === undefined) return field;
    const inner = [...path, (field.alias ?? field.name).value, ...listLevels(own)];
    return { ...field, selectionSet: this.selection(selectionSet, getNamedType(own).name, inner, NOTHING_GIVEN) };
  }
}

const NOTHING_GIVEN: ReadonlySet<string> = new Set();

function keySelections(key: string): readonly SelectionNode[] {
  const [definition] = parse(`{__typename ${key}}`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [];
}

/** A plan from an entry: without the entry's own fetch, at the place of the entity. */
function moveFromEntry(node: PlanNode, graph: string, path: readonly string[]): PlanNode | undefined {
  switch (node.kind) {
    case 'Fetch':
      return node.serviceName === graph ? undefined : node;
    case 'Flatten':
      return { ...node, path: [...path, ...node.path.slice(1)] };
    case 'Sequence':
    case 'Parallel': {
      const nodes = node.nodes.map((inner) => moveFromEntry(inner, graph, path)).filter((inner) => inner !== undefined);
      return nodes.length === 0 ? undefined : { ...node, nodes };
    }
    case 'Condition':
    case 'Defer':
      return node;
  }
}

function planFromEntry(one: Premature, node: FetchNode, operation: OperationDefinitionNode, parts: RepairParts) {
  const entry = parts.prepared.entryOf(node.serviceName, one.type);
  if (entry === undefined) throw new Error('a field with a requirement has no key to be fetched by');
  const variables = (operation.variableDefinitions ?? []).filter(
    (definition) => definition.variable.name.value !== 'representations',
  );
  const head = variables.length === 0 ? 'query' : `query(${variables.map(print).join(',')})`;
  const planned = parts.plan(`${head}{${entry.field}{${print(one.field)}}}`);
  return planned && moveFromEntry(planned, entry.graph, one.path);
}

function repairFetch(node: FetchNode, at: readonly string[], parts: RepairParts, deep: number): PlanNode[] {
  const [operation] = parse(node.operation, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return [node];
  const repair = new FetchRepair(node, parts);
  const [only] = operation.selectionSet.selections;
  const isEntities = node.requires !== undefined && only?.kind === Kind.FIELD && only.selectionSet !== undefined;
  const root = parts.types.getRootType(operation.operation)?.name;
  const selectionSet: SelectionSetNode = isEntities
    ? {
        ...operation.selectionSet,
        selections: [
          {
            ...only,
            selectionSet: repair.selection(only.selectionSet, undefined, at, new Set(topNames(node.requires ?? []))),
          },
        ],
      }
    : repair.selection(operation.selectionSet, root, at, NOTHING_GIVEN);
  if (repair.premature.length === 0) return [node];
  const mended = { ...node, operation: stripIgnoredCharacters(print({ ...operation, selectionSet })) };
  const behind = repair.premature
    .map((one) => planFromEntry(one, node, operation, parts))
    .filter((planned) => planned !== undefined)
    .map((planned) => repairPlan(planned, parts, [], deep + 1));
  return [mended, ...behind];
}

/** Takes a plan; gives it with every field that has a requirement fetched behind what it requires. */
export function repairPlan(node: PlanNode, parts: RepairParts, path: readonly string[] = [], deep = 0): PlanNode {
  if (deep > REPAIRS_DEEP_MAX) throw new Error('requirements require each other without end');
  const repair = (inner: PlanNode): PlanNode => repairPlan(inner, parts, path, deep);
  switch (node.kind) {
    case 'Fetch': {
      const nodes = repairFetch(node, path, parts, deep);
      return nodes.length === 1 ? node : { kind: 'Sequence', nodes };
    }
    case 'Flatten': {
      const own = [...path, ...node.path.map(String)];
      if (node.node.kind !== 'Fetch') return { ...node, node: repairPlan(node.node, parts, own, deep) };
      const [mended, ...behind] = repairFetch(node.node, own, parts, deep);
      if (mended === undefined || behind.length === 0) return node;
      return { kind: 'Sequence', nodes: [{ ...node, node: mended }, ...behind] };
    }
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map(repair) };
    case 'Condition':
    case 'Defer':
      return node;
  }
}
