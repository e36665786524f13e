// What it takes to run an operation, worked out once for each: every field that it could include, by the type that it is
// asked of, never by its response name. Each field as written has one answer wherever its fragment is spread, since the
// type that it stands on is that of the fragment.
import { Kind } from 'graphql';
import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { isNeeding, policiesIn, textOf, type Needs } from '../../supergraph/needs.ts';
import type { ScopeIndex } from '../../supergraph/scopeIndex.ts';

/** A field as written that takes something. */
export interface NeedingField {
  readonly node: FieldNode;
  /** `Type.field`; the type is the one that it is asked of. */
  readonly coordinate: string;
}

/** Fields that take the same. */
export interface NeedGroup {
  readonly needs: Needs;
  readonly fields: readonly NeedingField[];
}

/** What it takes to run an operation. */
export interface OperationNeeds {
  readonly kind: OperationDefinitionNode['operation'];
  readonly groups: readonly NeedGroup[];
  /** The policies that have to be asked before deciding. */
  readonly policies: readonly string[];
  /** Where a field as written stands in the answer, by the client's own names; at most `max` places. */
  placesOf(nodes: ReadonlySet<FieldNode>, max: number): readonly Place[];
}

/** A field's place in the answer. */
export interface Place {
  readonly node: FieldNode;
  /** Response names from the root on; lists add nothing. */
  readonly path: readonly string[];
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** How many selections are walked to name places: what is admitted is far below. */
const WALKED_MAX = 20_000;

/** Says whether no value of any variable can include a selection. */
export function isNeverAsked(directives: readonly DirectiveNode[] | undefined): boolean {
  return (directives ?? []).some(({ name, arguments: given }) => {
    const value = given?.find((argument) => argument.name.value === 'if')?.value;
    if (value?.kind !== Kind.BOOLEAN) return false;
    return (name.value === 'skip' && value.value) || (name.value === 'include' && !value.value);
  });
}

/** The named fragments of a document. */
export function namedFragments(document: DocumentNode): Fragments {
  const found = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(found.map((fragment) => [fragment.name.value, fragment]));
}

/** Collects the needs of the fields that an operation reaches. */
class NeedCollector {
  readonly groups = new Map<string, { needs: Needs; fields: NeedingField[] }>();
  private readonly index: ScopeIndex;
  private readonly fragments: Fragments;
  private readonly seen = new Set<string>();

  constructor(index: ScopeIndex, fragments: Fragments) {
    this.index = index;
    this.fragments = fragments;
  }

  collect(set: SelectionSetNode, type: string): void {
    for (const selection of set.selections) {
      if (isNeverAsked(selection.directives)) continue;
      if (selection.kind === Kind.FIELD) this.field(selection, type);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.collect(selection.selectionSet, selection.typeCondition?.name.value ?? type);
      } else this.spread(selection.name.value);
    }
  }

  private spread(name: string): void {
    const fragment = this.fragments.get(name);
    if (fragment === undefined || this.seen.has(name)) return;
    this.seen.add(name);
    this.collect(fragment.selectionSet, fragment.typeCondition.name.value);
  }

  private field(node: FieldNode, type: string): void {
    const name = node.name.value;
    // Introspection shows what the caller's view of the schema has, and takes nothing.
    if (name === '__schema' || name === '__type') return;
    const needs = this.index.needsOf(type, name);
    if (isNeeding(needs)) this.add({ node, coordinate: `${type}.${name}` }, needs);
    const given = this.index.typeOf(type, name);
    if (node.selectionSet !== undefined && given !== undefined) this.collect(node.selectionSet, given);
  }

  private add(field: NeedingField, needs: Needs): void {
    const key = textOf(needs);
    const group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, { needs, fields: [field] });
    else group.fields.push(field);
  }
}

/** Walks an operation as it is answered, to name places. */
class PlaceFinder {
  readonly places: Place[] = [];
  private readonly fragments: Fragments;
  private readonly wanted: ReadonlySet<FieldNode>;
  private readonly max: number;
  private left = WALKED_MAX;

  constructor(fragments: Fragments, wanted: ReadonlySet<FieldNode>, max: number) {
    this.fragments = fragments;
    this.wanted = wanted;
    this.max = max;
  }

  walk(set: SelectionSetNode, path: readonly string[], within: readonly string[] = []): void {
    for (const selection of set.selections) {
      if (this.places.length >= this.max || this.left-- <= 0) return;
      if (isNeverAsked(selection.directives)) continue;
      if (selection.kind === Kind.INLINE_FRAGMENT) this.walk(selection.selectionSet, path, within);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        const fragment = this.fragments.get(name);
        if (fragment !== undefined && !within.includes(name)) this.walk(fragment.selectionSet, path, [...within, name]);
      } else {
        const place = [...path, (selection.alias ?? selection.name).value];
        if (this.wanted.has(selection)) this.places.push({ node: selection, path: place });
        if (selection.selectionSet !== undefined) this.walk(selection.selectionSet, place, within);
      }
    }
  }
}

/** Takes a validated document and the operation of it that will run; gives what that takes. */
export function compileNeeds(
  index: ScopeIndex,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): OperationNeeds {
  const fragments = namedFragments(document);
  const collector = new NeedCollector(index, fragments);
  collector.collect(operation.selectionSet, index.roots[operation.operation]);
  const groups = [...collector.groups.values()];
  return {
    kind: operation.operation,
    groups,
    policies: [...new Set(groups.flatMap(({ needs }) => policiesIn(needs)))].sort(),
    placesOf(nodes, max) {
      const finder = new PlaceFinder(fragments, nodes, max);
      finder.walk(operation.selectionSet, []);
      return finder.places;
    },
  };
}
