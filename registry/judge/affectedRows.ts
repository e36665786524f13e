// Which recorded uses a change breaks: by its kind, those of the element itself, of all that is under it, or of what it
// stands in.
import { getNamedType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import type { UsageRow } from '../../contracts/usageExport.ts';
import type { Draft } from '../rules/rule.ts';
import { GRAPH_VIEW } from '../snapshot.ts';

type Matcher = (coordinate: string) => boolean;

const exactly =
  (wanted: string): Matcher =>
  (coordinate) =>
    coordinate === wanted;
const under =
  (owner: string): Matcher =>
  (coordinate) =>
    coordinate.startsWith(`${owner}.`);

/** The fields and arguments that give or take a type. */
function usersOf(schema: GraphQLSchema | undefined, name: string): Set<string> {
  const users = new Set<string>();
  for (const type of Object.values(schema?.getTypeMap() ?? {})) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (getNamedType(field.type).name === name) users.add(`${type.name}.${field.name}`);
      for (const argument of field.args) {
        if (getNamedType(argument.type).name === name) users.add(`${type.name}.${field.name}(${argument.name}:)`);
      }
    }
  }
  return users;
}

/** Says which coordinates a change breaks the use of. */
function matcherOf({ code, coordinate, before }: Draft, base: GraphQLSchema | undefined): Matcher {
  if (coordinate === undefined) return () => true;
  const users = (name: string): Matcher => {
    const known = usersOf(base, name);
    return (each) => known.has(each);
  };
  switch (code) {
    case 'TYPE_REMOVED':
    case 'SCHEMA_MUTATION_TYPE_CHANGED':
    case 'SCHEMA_SUBSCRIPTION_TYPE_CHANGED':
    case 'TYPE_KIND_CHANGED': {
      const [within, of] = [under(coordinate), users(coordinate)];
      return (each) => within(each) || of(each);
    }
    // The member or the type itself stands in operations by its own fields.
    case 'UNION_MEMBER_REMOVED':
      return under(before ?? coordinate);
    case 'OBJECT_TYPE_INTERFACE_REMOVED':
      return under(coordinate);
    // Whoever uses the field does not give an argument yet that is wanted now.
    case 'FIELD_ARGUMENT_ADDED':
      return exactly(coordinate.replace(/\(.*$/, ''));
    case 'INPUT_FIELD_ADDED':
      return under(coordinate.split('.')[0] ?? '');
    case 'ENUM_VALUE_REMOVED': {
      // A value that is only given is used by whoever asks for a field of the enum.
      const [itself, of] = [exactly(coordinate), users(coordinate.split('.')[0] ?? '')];
      return (each) => itself(each) || (!each.includes('(') && of(each));
    }
    default:
      return exactly(coordinate);
  }
}

/** Takes a change, the rows that were recorded and what clients saw before; gives the rows that it breaks. */
export function affectedRows(draft: Draft, rows: readonly UsageRow[], base: GraphQLSchema | undefined): UsageRow[] {
  const matches = matcherOf(draft, base);
  const views = draft.views ?? [];
  // Who is bound to a contract sees that contract alone.
  const isSeen = (contract: string | undefined): boolean =>
    views.length === 0 ||
    views.includes(contract ?? GRAPH_VIEW) ||
    (contract === undefined && views.includes(GRAPH_VIEW));
  return rows.filter((row) => isSeen(row.contract) && matches(row.coordinate));
}
