// Where entities stand in the answer to a fetch, worked out once from its document: equal ones at one place can be one
// object in the tree (fetch/shareEntities.ts). An entity is told by a key of the supergraph whose fields are all asked.
import { getDirectiveValues, getNamedType, isCompositeType, isObjectType, Kind } from 'graphql';
import type { FieldNode, GraphQLNamedType, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { AnswerPlace } from '../compiledOperation.ts';
import { isInherited } from './renameAliases.ts';

/** Takes a fetch; gives the places of entities beneath the objects that it asks of, undefined where there are none. */
export type FindEntityPlaces = (operation: OperationDefinitionNode, set: SelectionSetNode) => AnswerPlace | undefined;

/** A key whose fields are plain values. */
const PLAIN_KEY = /^\s*\w+(?:\s+\w+)*\s*$/;

/** The plain keys of each type, those of all subgraphs. */
function plainKeys(types: GraphQLSchema): ReadonlyMap<string, readonly (readonly string[])[]> {
  const found = new Map<string, string[][]>();
  const join = types.getDirective('join__type');
  for (const type of Object.values(types.getTypeMap())) {
    if (!isObjectType(type) || !join || !type.astNode) continue;
    const keys = (type.astNode.directives ?? []).flatMap((directive) => {
      if (directive.name.value !== 'join__type') return [];
      const { key } = getDirectiveValues(join, { directives: [directive] }) ?? {};
      return typeof key === 'string' && PLAIN_KEY.test(key) ? [key.trim().split(/\s+/)] : [];
    });
    if (keys.length > 0) found.set(type.name, keys);
  }
  return found;
}

/** Whether some field takes a value from what stands above it: equal entities at two places can differ then. */
function usesContext(types: GraphQLSchema): boolean {
  return Object.values(types.getTypeMap()).some(
    (type) =>
      isObjectType(type) &&
      Object.values(type.getFields()).some(({ astNode }) =>
        astNode?.directives?.some(({ arguments: given }) =>
          given?.some(({ name }) => name.value === 'contextArguments'),
        ),
      ),
  );
}

/** What is asked of an object: by response key; those of another type's fragment may not be there. */
interface Asked {
  readonly own: Map<string, FieldNode[]>;
  /** With the type that they are asked of. */
  readonly all: { readonly field: FieldNode; readonly type: GraphQLNamedType }[];
}

class PlaceFinder {
  private readonly types: GraphQLSchema;
  private readonly keys: ReadonlyMap<string, readonly (readonly string[])[]>;

  constructor(types: GraphQLSchema) {
    this.types = types;
    this.keys = plainKeys(types);
  }

  find(set: SelectionSetNode, type: GraphQLNamedType | undefined): AnswerPlace | undefined {
    const asked: Asked = { own: new Map(), all: [] };
    this.collect(set, type, true, asked);
    const key = type && this.keyOf(type, asked);
    const inner = this.inner(asked);
    if (key === undefined && inner.length === 0) return undefined;
    return { inner, key: key?.[0], fields: key === undefined ? [] : [...asked.own.keys()] };
  }

  private collect(set: SelectionSetNode, type: GraphQLNamedType | undefined, isOwn: boolean, asked: Asked): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value ?? type?.name;
        const isSame = isOwn && condition === type?.name;
        this.collect(selection.selectionSet, this.types.getType(condition ?? ''), isSame, asked);
        continue;
      }
      if (type !== undefined) asked.all.push({ field: selection, type });
      const key = (selection.alias ?? selection.name).value;
      // A key of nothing but this object's own fields tells two of them apart.
      const known = asked.own.get(key) ?? [];
      if (isOwn) asked.own.set(key, [...known, selection]);
    }
  }

  /** A key of the type that is asked in full, under its own names. */
  private keyOf(type: GraphQLNamedType, { own, all }: Asked): readonly string[] | undefined {
    // What a fragment of another type adds could differ where all else is equal.
    if (!isObjectType(type) || all.some((each) => each.type !== type)) return undefined;
    const isAsked = (name: string): boolean => own.get(name)?.every((field) => field.name.value === name) === true;
    return this.keys.get(type.name)?.find((key) => key.every((name) => isAsked(name) && !isInherited(name)));
  }

  private inner({ all }: Asked): (readonly [string, AnswerPlace])[] {
    const counts = new Map<string, number>();
    const keyOf = (field: FieldNode): string => (field.alias ?? field.name).value;
    for (const { field } of all) counts.set(keyOf(field), (counts.get(keyOf(field)) ?? 0) + 1);
    return all.flatMap(({ field, type }) => {
      // Asked twice, it may be asked for two types and with two arguments: those are two places under one name.
      if (field.selectionSet === undefined || counts.get(keyOf(field)) !== 1) return [];
      const definition = 'getFields' in type ? type.getFields()[field.name.value] : undefined;
      const fieldType = definition && getNamedType(definition.type);
      if (!isCompositeType(fieldType)) return [];
      const place = this.find(field.selectionSet, fieldType);
      return place === undefined ? [] : [[keyOf(field), place] as const];
    });
  }
}

/** Takes all types of a supergraph; gives what finds the places in its fetches. */
export function openEntityPlaces(types: GraphQLSchema): FindEntityPlaces {
  if (usesContext(types)) return () => undefined;
  const finder = new PlaceFinder(types);
  return (operation, set) => {
    const isRoot = set === operation.selectionSet;
    return finder.find(set, isRoot ? (types.getRootType(operation.operation) ?? undefined) : undefined);
  };
}
