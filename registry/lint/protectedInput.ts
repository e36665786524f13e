// Arguments named as a protected field, on a field that takes less: who may not read a value could search by it (K11 in
// docs/security/attacks.md).
import { isInputObjectType, isInterfaceType, isObjectType, getNamedType, type GraphQLInputType } from 'graphql';
import type { GraphState, PlacedDraft } from '../rules/rule.ts';
import { GRAPH_VIEW } from '../snapshot.ts';

/** The names of protected fields that are told by their tag as personal, with what they take. */
function personalNames({ facts, needs }: GraphState): Map<string, string> {
  const names = new Map<string, string>();
  for (const [coordinate, text] of needs) {
    const name = coordinate.split('.')[1];
    if (name !== undefined && facts.elements.get(coordinate)?.tags.has('pii') === true) names.set(name, text);
  }
  return names;
}

/** The names that can be given under an argument's type, inputs within inputs too. */
function namesUnder(type: GraphQLInputType, seen = new Set<string>()): string[] {
  const named = getNamedType(type);
  if (!isInputObjectType(named) || seen.has(named.name)) return [];
  seen.add(named.name);
  return Object.values(named.getFields()).flatMap((field) => [field.name, ...namesUnder(field.type, seen)]);
}

/** Finds fields of queries by whose arguments something protected can be searched without the right to read it. */
export function protectedInput(state: GraphState): PlacedDraft[] {
  const schema = state.views.get(GRAPH_VIEW);
  const personal = personalNames(state);
  if (schema === undefined || personal.size === 0) return [];
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    // What a mutation takes is written, not searched by.
    if ((!isObjectType(type) && !isInterfaceType(type)) || type === schema.getMutationType()) return [];
    return Object.values(type.getFields()).flatMap((field) => {
      const coordinate = `${type.name}.${field.name}`;
      const given = field.args.flatMap((argument) => [argument.name, ...namesUnder(argument.type)]);
      const name = given.find((each) => personal.has(each));
      if (name === undefined || state.needs.get(coordinate) === personal.get(name) || state.needs.has(coordinate))
        return [];
      const what = `${coordinate} takes ${name}, which is personal, and asks for no scope.`;
      return [{ code: 'PROTECTED_INPUT', coordinate, after: name, what }];
    });
  });
}
