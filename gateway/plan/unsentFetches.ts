// Fetches of a plan that were never sent, because what they build on had failed: the executor leaves their fields null
// and says nothing, which must not be (reliability.md, F5). Looked at only when something failed.
import { GraphQLError, Kind, parse, type SelectionSetNode } from 'graphql';
import type { PlanTree } from '../requestState.ts';

type Path = readonly (string | number)[];
type FetchNode = Extract<PlanTree, { kind: 'fetch' }>;

/** What was executed: the plan, what of it was sent, and what came of it. */
export interface Executed {
  readonly plan: PlanTree;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Says whether a fetch was sent. */
  isSent(node: FetchNode): boolean;
  readonly data: unknown;
  readonly errors: readonly GraphQLError[];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unsentOf(tree: PlanTree | undefined, executed: Executed): FetchNode[] {
  if (tree === undefined) return [];
  if (tree.kind === 'fetch') return tree.path.length > 0 && !executed.isSent(tree) ? [tree] : [];
  if (tree.kind === 'condition') {
    return unsentOf(executed.variables[tree.variable] === true ? tree.then : tree.otherwise, executed);
  }
  return tree.nodes.flatMap((node) => unsentOf(node, executed));
}

/** The response keys that a fetch brings to its entities. */
function keysOf(selections: SelectionSetNode, isEntity: boolean): string[] {
  return selections.selections.flatMap((selection): string[] => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    if (selection.kind === Kind.INLINE_FRAGMENT) return keysOf(selection.selectionSet, isEntity);
    if (isEntity) return selection.name.value === '__typename' ? [] : [(selection.alias ?? selection.name).value];
    return selection.selectionSet === undefined ? [] : keysOf(selection.selectionSet, true);
  });
}

function keysOfOperation(operation: string): string[] {
  return parse(operation).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? keysOf(definition.selectionSet, false) : [],
  );
}

/** The objects of an answer at a plan's path, where `@` stands for every item of a list. */
function objectsAt(value: unknown, path: Path, here: Path = []): { object: Record<string, unknown>; path: Path }[] {
  const [step, ...rest] = path;
  if (step === undefined) return isRecord(value) ? [{ object: value, path: here }] : [];
  if (String(step).startsWith('@')) {
    return Array.isArray(value) ? value.flatMap((item, at) => objectsAt(item, rest, [...here, at])) : [];
  }
  return isRecord(value) ? objectsAt(value[step], rest, [...here, step]) : [];
}

function isWithin(path: Path | undefined, outer: Path): boolean {
  return path !== undefined && path.length >= outer.length && outer.every((step, at) => path[at] === step);
}

/**
 * Takes what was executed; gives an error for each null that an unsent fetch left. Only beside an error of the same
 * entity: a fetch is unsent also where there is nothing to fetch.
 */
export function tellUnsentFetches(executed: Executed): GraphQLError[] {
  const { errors, data } = executed;
  if (errors.length === 0) return [];
  const told: GraphQLError[] = [];
  for (const node of unsentOf(executed.plan, executed)) {
    const keys = keysOfOperation(node.operation);
    for (const { object, path } of objectsAt(data, node.path)) {
      if (!errors.some((error) => isWithin(error.path, path))) continue;
      for (const key of keys.filter((each) => object[each] === null)) {
        const own = [...path, key];
        if ([...errors, ...told].some((error) => isWithin(error.path, own))) continue;
        const message = `${key}: What this field is worked out from is away.`;
        told.push(new GraphQLError(message, { path: own, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }));
      }
    }
  }
  return told;
}
