// One fetch of the planner's plan → one step of ours, or several: where two @requires of one fetch ask one field with
// different arguments, one representation cannot hold both, and the fetch is split.
import type { FieldNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { Kind, OperationTypeNode, visit } from 'graphql';
import type { EntityFetch, FetchStep, OutputRename } from '../compiledOperation.ts';
import { askedFields, joinablePart, keepFields, objectSelection, parseFetch, printFetch } from './fetchDocument.ts';
import type { KeepField } from './fetchDocument.ts';
import type { CacheableFetch, FindCacheable } from './cacheFetch.ts';
import type { FindEntityPlaces } from './entityPlaces.ts';
import type { FetchNode, QueryPlanSelectionNode } from './planner.ts';
import type { PreparedSupergraph } from './prepareSupergraph.ts';
import { rememberByType } from './rememberByType.ts';
import { openRepresentationReader } from './representationReader.ts';

/** What compiling the fetches of one operation needs. */
export interface FetchCompilation {
  readonly prepared: PreparedSupergraph;
  readonly isOfType: (typename: string, condition: string) => boolean;
  readonly clientVariableOf: (name: string) => string;
  readonly findPlaces: FindEntityPlaces;
  /** Finds the fetches whose answers may be kept; undefined where nothing is. */
  readonly findCacheable: FindCacheable | undefined;
  /** Gives the next number. */
  readonly nextId: () => number;
}

interface StepParts {
  readonly node: FetchNode;
  readonly path: readonly string[];
  /** As planned: what is asked beside it for the cache's sake is in `cacheable` alone. */
  readonly operation: OperationDefinitionNode;
}

interface EntityParts extends StepParts {
  readonly requires: readonly QueryPlanSelectionNode[];
}

function keyOf(field: FieldNode): string {
  return (field.alias ?? field.name).value;
}

function topNames(set: SelectionSetNode): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [keyOf(selection)];
    return selection.kind === Kind.INLINE_FRAGMENT ? topNames(selection.selectionSet) : [];
  });
}

function allNames(set: SelectionSetNode): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    const inner = selection.selectionSet === undefined ? [] : allNames(selection.selectionSet);
    return selection.kind === Kind.FIELD ? [selection.name.value, ...inner] : inner;
  });
}

/** The variables of a field that are filled from what stands above it, with their `$`. */
function contextVariables(field: FieldNode): string[] {
  const names: string[] = [];
  visit(field, {
    Variable(node) {
      if (node.name.value.startsWith('contextualArgument')) names.push(`$${node.name.value}`);
    },
  });
  return names;
}

/** Drops the named fields from what a representation holds, at any depth or at the top alone. */
function dropRequired(
  selections: readonly QueryPlanSelectionNode[],
  drop: (name: string) => boolean,
  deep: boolean,
): QueryPlanSelectionNode[] {
  return selections.flatMap((selection): QueryPlanSelectionNode[] => {
    if (selection.kind === 'Field') {
      if (drop(selection.alias ?? selection.name)) return [];
      if (!deep || selection.selections === undefined) return [selection];
      const inner = dropRequired(selection.selections, drop, deep);
      return inner.length === 0 ? [] : [{ ...selection, selections: inner }];
    }
    const inner = dropRequired(selection.selections, drop, deep);
    return inner.length === 0 ? [] : [{ ...selection, selections: inner }];
  });
}

/** The keys that a fetch brings to its objects, as they are called in the tree. */
function keysByType(
  operation: OperationDefinitionNode,
  renames: readonly OutputRename[],
  isOfType: FetchCompilation['isOfType'],
) {
  const asked = askedFields(operation);
  const renamed = new Map(
    renames.map(({ path, to }) => [path.filter((step) => !step.startsWith('... on ')).join('.'), to]),
  );
  return rememberByType((typename: string | undefined): readonly string[] => {
    const holds = (type: string | undefined): boolean =>
      type === undefined || typename === undefined || isOfType(typename, type);
    const own = asked.filter(({ type }) => holds(type)).map(({ field }) => keyOf(field));
    const keys = new Set(own.map((key) => renamed.get(key) ?? key));
    keys.delete('__typename');
    return [...keys];
  });
}

/** What tells what is asked of entities from other things: the definitions too, as a default is no value that is sent. */
function markOf(entity: FetchStep['entity']): string | undefined {
  const { joinable } = entity ?? {};
  return joinable && `${[...joinable.variables.values()].join(',')} ${joinable.selection}`;
}

/** Compiles the fetches of one operation. */
export class FetchCompiler {
  private readonly from: FetchCompilation;

  constructor(from: FetchCompilation) {
    this.from = from;
  }

  /** Takes a planned fetch and where its objects are; gives the steps that do it, all of which may run at once. */
  compile(node: FetchNode, path: readonly string[]): FetchStep[] {
    const operation = parseFetch(node.operation, this.from.prepared.synthetic);
    if (node.requires === undefined) return [this.step({ node, path, operation }, undefined)];
    const parts = { node, path, operation, requires: node.requires };
    const groups = this.splitConflicting(parts);
    if (groups.length <= 1) return [this.entityStep(parts)];
    return groups.flatMap((names) => {
      const restricted = this.restrict(
        parts,
        (type, field) => names.fields.has(`${type} ${field}`) || field === '__typename',
        (name) => this.from.prepared.synthetic.has(name) && !names.required.has(name),
        true,
      );
      return restricted === undefined ? [] : [this.entityStep(restricted)];
    });
  }

  private requirementOf(node: FetchNode, type: string | undefined, field: string): SelectionSetNode | undefined {
    return type === undefined ? undefined : this.from.prepared.requirementOf(node.serviceName, type, field);
  }

  /** Groups the fields so that no group requires two synthetic fields that stand for one. */
  private splitConflicting(parts: EntityParts): { fields: Set<string>; required: Set<string> }[] {
    const { synthetic } = this.from.prepared;
    const groups: { fields: Set<string>; required: Set<string>; real: Map<string, string> }[] = [];
    for (const { type, field } of askedFields(parts.operation)) {
      if (field.name.value === '__typename') continue;
      const requirement = this.requirementOf(parts.node, type, field.name.value);
      const names = (requirement === undefined ? [] : allNames(requirement)).filter((name) => synthetic.has(name));
      const realOf = (name: string): string => synthetic.get(name)?.name ?? name;
      const fits = groups.find(({ real }) => names.every((name) => (real.get(realOf(name)) ?? name) === name));
      const group = fits ?? { fields: new Set(), required: new Set(), real: new Map() };
      if (fits === undefined) groups.push(group);
      group.fields.add(`${type} ${field.name.value}`);
      for (const name of names) {
        group.required.add(name);
        group.real.set(realOf(name), name);
      }
    }
    return groups;
  }

  private restrict(
    parts: EntityParts,
    keep: KeepField,
    drop: (name: string) => boolean,
    deep: boolean,
  ): EntityParts | undefined {
    const operation = keepFields(parts.operation, keep);
    return operation && { ...parts, operation, requires: dropRequired(parts.requires, drop, deep) };
  }

  private without(parts: EntityParts, lacking: readonly string[]): FetchStep | undefined {
    const lost = new Set(lacking);
    const needed = new Set<string>();
    const dropped = new Set<string>();
    for (const { type, field } of askedFields(parts.operation)) {
      const requirement = this.requirementOf(parts.node, type, field.name.value);
      const names = [...(requirement === undefined ? [] : topNames(requirement)), ...contextVariables(field)];
      for (const name of names) needed.add(name);
      if (names.some((name) => lost.has(name))) dropped.add(`${type} ${field.name.value}`);
    }
    // A key that is lacking cannot be done without.
    if (dropped.size === 0 || lacking.some((name) => !needed.has(name))) return undefined;
    const keep: KeepField = (type, field) => !dropped.has(`${type} ${field}`);
    const restricted = this.restrict(parts, keep, (name) => lost.has(name), false);
    return restricted && this.entityStep(restricted);
  }

  private entityStep(parts: EntityParts): FetchStep {
    const { node, requires } = parts;
    const { synthetic } = this.from.prepared;
    const operation = this.cacheable(parts)?.operation ?? parts.operation;
    const left = new Map<string, FetchStep | undefined>();
    const declared = new Set(operation.variableDefinitions?.map((definition) => definition.variable.name.value));
    const context = (node.contextRewrites ?? [])
      .filter((rewrite) => declared.has(rewrite.renameKeyTo))
      .map((rewrite) => ({ variable: rewrite.renameKeyTo, path: rewrite.path }));
    const readMark = `${parts.path.join('.')} ${JSON.stringify([requires, node.inputRewrites ?? []])}`;
    const entity: EntityFetch = {
      readMark,
      reader: openRepresentationReader({
        requires,
        rewrites: node.inputRewrites ?? [],
        isOfType: this.from.isOfType,
        realNameOf: (key) => synthetic.get(key)?.name ?? key,
      }),
      context,
      joinable: context.length > 0 ? undefined : joinablePart(operation),
      without: (lacking) => {
        const key = lacking.join(' ');
        if (!left.has(key)) left.set(key, this.without(parts, lacking));
        return left.get(key);
      },
    };
    return this.step(parts, entity);
  }

  /** What takes a value from above an entity is not told by the entity alone. */
  private cacheable({ node, operation }: StepParts): CacheableFetch | undefined {
    if ((node.contextRewrites ?? []).length > 0) return undefined;
    return this.from.findCacheable?.(node.serviceName, operation);
  }

  private step(parts: StepParts, entity: EntityFetch | undefined): FetchStep {
    const { node, path, operation } = parts;
    const cacheable = this.cacheable(parts);
    const names = new Set(operation.variableDefinitions?.map((definition) => definition.variable.name.value));
    const own = new Set(['representations', ...(node.contextRewrites ?? []).map((each) => each.renameKeyTo)]);
    const variables = [...names].filter((name) => entity === undefined || !own.has(name));
    const renames = (node.outputRewrites ?? []).flatMap((rewrite) =>
      rewrite.kind === 'KeyRenamer' ? [{ path: rewrite.path, to: rewrite.renameKeyTo }] : [],
    );
    const document = printFetch(cacheable?.operation ?? operation);
    return {
      kind: 'fetch',
      id: this.from.nextId(),
      subgraph: node.serviceName,
      isMutation: node.operationKind === OperationTypeNode.MUTATION,
      document,
      bodyHead: `{"query":${JSON.stringify(document)},"variables":{`,
      variables: variables.map((name) => ({ name, from: this.from.clientVariableOf(name) })),
      path,
      entity,
      keysOf: keysByType(operation, renames, this.from.isOfType),
      renames,
      // A key that is called otherwise in the tree is none there.
      places: renames.length > 0 ? undefined : this.from.findPlaces(operation, objectSelection(operation)),
      cache: cacheable && { ...cacheable.rule, mark: markOf(entity) ?? document },
    };
  }
}
