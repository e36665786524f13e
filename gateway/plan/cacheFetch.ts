// Whether the answers to a fetch may be kept, and by what they are found out to be old: worked out once, with the fetch.
// Every entity whose data an answer would hold must allow it, and be asked for its id, under which events name it.
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { CacheRule, IdPlace } from '../compiledOperation.ts';
import type { CacheControl, CacheRules } from './cacheRules.ts';

/** A fetch whose answers may be kept: asked for the ids too, with how to keep them. */
export interface CacheableFetch {
  readonly operation: OperationDefinitionNode;
  /** All of it but what tells selections apart. */
  readonly rule: Omit<CacheRule, 'mark'>;
}

/** Takes a subgraph's name and a fetch; gives it as one whose answers are kept, undefined where they may not be. */
export type FindCacheable = (subgraph: string, operation: OperationDefinitionNode) => CacheableFetch | undefined;

/** The key under which ids are asked where the client did not ask. */
const ID_KEY = 'entityId_';

interface OpenPlace {
  readonly keys: Set<string>;
  readonly inner: Map<string, OpenPlace>;
}

function openPlace(): OpenPlace {
  return { keys: new Set(), inner: new Map() };
}

function closePlace({ keys, inner }: OpenPlace): IdPlace | undefined {
  const closed = [...inner].flatMap(([key, place]) => {
    const one = closePlace(place);
    return one === undefined ? [] : [[key, one] as const];
  });
  return keys.size === 0 && closed.length === 0 ? undefined : { keys: [...keys], inner: closed };
}

function keyOf(field: FieldNode): string {
  return (field.alias ?? field.name).value;
}

/** Says that a fetch may not be kept. */
class NotKept extends Error {}

/** Walks one fetch: every step into a type is asked whether it may be kept. */
class FetchWalk {
  maxAgeMs = Number.POSITIVE_INFINITY;
  isPrivate = false;
  readonly changedBy = new Set<string>();
  private readonly types: GraphQLSchema;
  private readonly rules: CacheRules;
  private readonly subgraph: string;

  constructor(types: GraphQLSchema, rules: CacheRules, subgraph: string) {
    this.types = types;
    this.rules = rules;
    this.subgraph = subgraph;
  }

  private take(control: CacheControl | undefined): void {
    if (control === undefined) return;
    if (control.maxAgeMs !== undefined) this.maxAgeMs = Math.min(this.maxAgeMs, control.maxAgeMs);
    if (this.maxAgeMs === 0) throw new NotKept();
    if (control.isPrivate) this.isPrivate = true;
    for (const type of control.changedBy) this.changedBy.add(type);
  }

  private possible(type: GraphQLNamedType): readonly GraphQLNamedType[] {
    return isAbstractType(type) ? this.types.getPossibleTypes(type) : [type];
  }

  private isEntity(type: GraphQLNamedType): boolean {
    return this.rules.isEntity(type.name) || this.possible(type).some(({ name }) => this.rules.isEntity(name));
  }

  /** What is said of a type, or of a field of it; of an abstract one also what is said of each type that it can be. */
  private takeAll(type: GraphQLNamedType, field = ''): void {
    this.take(this.rules.of(type.name + field));
    if (isAbstractType(type)) for (const { name } of this.possible(type)) this.take(this.rules.of(name + field));
  }

  /** An entity is kept by its own word alone; an abstract type by its own, or by that of each entity that it can be. */
  private takeEntity(type: GraphQLNamedType): void {
    const isAllowed = ({ name }: GraphQLNamedType): boolean => this.rules.of(name)?.maxAgeMs !== undefined;
    if (!isAllowed(type) && !this.possible(type).every(isAllowed)) throw new NotKept();
    this.takeAll(type);
  }

  /** Whether nothing of an entity is asked but what names it: that is the data of who names it. */
  private isReference(set: SelectionSetNode, type: GraphQLNamedType): boolean {
    const names = new Set(['__typename', 'id', ...this.rules.keysOf(type.name).flat()]);
    return set.selections.every((each) =>
      each.kind === Kind.FIELD
        ? names.has(each.name.value)
        : each.kind === Kind.INLINE_FRAGMENT && this.isReference(each.selectionSet, this.conditionOf(each, type)),
    );
  }

  private conditionOf(fragment: SelectionNode, type: GraphQLNamedType): GraphQLNamedType {
    const name = fragment.kind === Kind.INLINE_FRAGMENT ? fragment.typeCondition?.name.value : undefined;
    const found = name === undefined ? type : this.types.getType(name);
    if (found === undefined) throw new NotKept();
    return found;
  }

  /** Takes what is asked of a type; gives it with the ids, after noting where they will stand. */
  walk(set: SelectionSetNode, type: GraphQLNamedType, place: OpenPlace, isTop: boolean): SelectionSetNode {
    const isEntity = this.isEntity(type);
    if (isEntity && !isTop && this.isReference(set, type)) return set;
    const hasData = set.selections.some((each) => each.kind === Kind.FIELD && each.name.value !== '__typename');
    if (!isEntity) this.takeAll(type);
    else if (hasData || !isAbstractType(type)) this.takeEntity(type);
    const selections = set.selections.map((each) => this.selection(each, type, place));
    if (!isEntity || !hasData) return { ...set, selections };
    return { ...set, selections: this.withId(selections, type, place) };
  }

  private withId(selections: readonly SelectionNode[], type: GraphQLNamedType, place: OpenPlace): SelectionNode[] {
    const asked = selections.find((each) => each.kind === Kind.FIELD && each.name.value === 'id');
    if (asked?.kind === Kind.FIELD) {
      place.keys.add(keyOf(asked));
      return [...selections];
    }
    if (!this.rules.hasId(this.subgraph, type.name)) throw new NotKept();
    place.keys.add(ID_KEY);
    const name = { kind: Kind.NAME, value: 'id' } as const;
    return [...selections, { kind: Kind.FIELD, alias: { kind: Kind.NAME, value: ID_KEY }, name }];
  }

  private selection(selection: SelectionNode, type: GraphQLNamedType, place: OpenPlace): SelectionNode {
    if (selection.kind === Kind.FRAGMENT_SPREAD) throw new NotKept();
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = this.conditionOf(selection, type);
      return { ...selection, selectionSet: this.walk(selection.selectionSet, condition, place, true) };
    }
    const name = selection.name.value;
    if (keyOf(selection) === ID_KEY) throw new NotKept();
    if (name === '__typename') return selection;
    this.takeAll(type, `.${name}`);
    if (selection.selectionSet === undefined) return selection;
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    const inner = field && getNamedType(field.type);
    if (!isCompositeType(inner)) throw new NotKept();
    const known = place.inner.get(keyOf(selection)) ?? openPlace();
    place.inner.set(keyOf(selection), known);
    return { ...selection, selectionSet: this.walk(selection.selectionSet, inner, known, false) };
  }

  /** A field of the root gives one entity by its key, or says itself that it may be kept. */
  root(field: FieldNode, type: GraphQLNamedType, place: OpenPlace): SelectionNode {
    const definition = isObjectType(type) ? type.getFields()[field.name.value] : undefined;
    if (definition === undefined || field.selectionSet === undefined) throw new NotKept();
    const given = isNonNullType(definition.type) ? definition.type.ofType : definition.type;
    const named = getNamedType(given);
    if (isListType(given) || !isObjectType(named) || !this.rules.isEntity(named.name)) throw new NotKept();
    const names = (field.arguments ?? []).map(({ name }) => name.value);
    const isByKey = this.rules.keysOf(named.name).some((key) => key.every((name) => names.includes(name)));
    if (!isByKey || names.length !== 1) throw new NotKept();
    return this.selection(field, type, place);
  }
}

function walkEntities(walk: FetchWalk, types: GraphQLSchema, entities: FieldNode, place: OpenPlace): FieldNode {
  const set = entities.selectionSet;
  if (set === undefined) throw new NotKept();
  const selections = set.selections.map((each): SelectionNode => {
    if (each.kind === Kind.FIELD && each.name.value === '__typename') return each;
    const name = each.kind === Kind.INLINE_FRAGMENT ? each.typeCondition?.name.value : undefined;
    const type = name === undefined ? undefined : types.getType(name);
    if (each.kind !== Kind.INLINE_FRAGMENT || type === undefined) throw new NotKept();
    return { ...each, selectionSet: walk.walk(each.selectionSet, type, place, true) };
  });
  return { ...entities, selectionSet: { ...set, selections } };
}

/** Takes all types of a supergraph and what it says of keeping; gives what finds the fetches that may be kept. */
export function openCacheable(types: GraphQLSchema, rules: CacheRules): FindCacheable {
  const query = types.getQueryType();
  return (subgraph, operation) => {
    if (operation.operation !== OperationTypeNode.QUERY || !query) return undefined;
    const walk = new FetchWalk(types, rules, subgraph);
    const place = openPlace();
    const fields: SelectionNode[] = [];
    try {
      for (const each of operation.selectionSet.selections) {
        if (each.kind !== Kind.FIELD) return undefined;
        const isEntities = each.name.value === '_entities';
        fields.push(isEntities ? walkEntities(walk, types, each, place) : walk.root(each, query, place));
      }
    } catch (error) {
      if (error instanceof NotKept) return undefined;
      throw error;
    }
    const ids = closePlace(place);
    if (ids === undefined || !Number.isFinite(walk.maxAgeMs)) return undefined;
    const selectionSet = { ...operation.selectionSet, selections: fields };
    const { maxAgeMs, isPrivate } = walk;
    return {
      operation: { ...operation, selectionSet },
      rule: { maxAgeMs, isPrivate, changedBy: [...walk.changedBy], ids },
    };
  };
}
