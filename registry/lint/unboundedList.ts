// Lists of entities without a bound: nobody can say what an operation costs that asks for one.
import { getNullableType, isListType, isObjectType, type GraphQLOutputType, type GraphQLSchema } from 'graphql';
import type { GraphState, PlacedDraft } from '../rules/rule.ts';
import { GRAPH_VIEW } from '../snapshot.ts';

function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type));
}

function entityIn(type: GraphQLOutputType, state: GraphState): string | undefined {
  const list = getNullableType(type);
  if (!isListType(list)) return undefined;
  const item = getNullableType(list.ofType);
  const joined = isObjectType(item) ? state.facts.types.get(item.name) : undefined;
  return joined !== undefined && joined.keys.size > 0 && isObjectType(item) ? item.name : undefined;
}

/** An argument that says how many, as `first` does. */
const BOUNDS = /^(first|last|limit|ids|keys|input)$/;

/** Finds fields that give a list of entities without an argument or a @listSize that bounds it. */
export function unboundedList(state: GraphState): PlacedDraft[] {
  const schema: GraphQLSchema | undefined = state.views.get(GRAPH_VIEW);
  return Object.values(schema?.getTypeMap() ?? {}).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith('__') || type === schema?.getMutationType()) return [];
    return Object.values(type.getFields()).flatMap((field) => {
      const coordinate = `${type.name}.${field.name}`;
      const entity = isList(field.type) ? entityIn(field.type, state) : undefined;
      const isBounded =
        state.facts.elements.get(coordinate)?.listSize !== undefined ||
        field.args.some(({ name }) => BOUNDS.test(name));
      if (entity === undefined || isBounded) return [];
      return [{ code: 'UNBOUNDED_LIST', coordinate, what: `${coordinate} gives a list of ${entity} without a bound.` }];
    });
  });
}
