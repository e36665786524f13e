// Which recorded uses a change breaks: by its kind, those of the element itself, of all that is under it, or of what it
// stands in.
import { doTypesOverlap, isCompositeType, type GraphQLSchema } from 'graphql';
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

/** What clients saw and what they see. */
interface Views {
  readonly before: GraphQLSchema | undefined;
  readonly after: GraphQLSchema | undefined;
}

/** Whether something can be of both types. */
function overlap(schema: GraphQLSchema | undefined, [outer, inner]: readonly string[]): boolean {
  const [one, other] = [outer, inner].map((name) => schema?.getType(name ?? ''));
  return isCompositeType(one) && isCompositeType(other) && doTypesOverlap(schema as GraphQLSchema, one, other);
}

/** The fragments that can be of nothing any more: `Outer|Inner`. */
function fragmentsWithout({ before, after }: Views): Matcher {
  return (coordinate) => {
    const pair = coordinate.split('|');
    return pair.length === 2 && overlap(before, pair) && !overlap(after, pair);
  };
}

/** Whether what could be left out has to be given. */
function becomesWanted({ before = '', after = '' }: Draft): boolean {
  return after.endsWith('!') && !before.endsWith('!');
}

/** Says which coordinates a change breaks the use of. */
function matcherOf(draft: Draft, views: Views): Matcher {
  const { code, coordinate } = draft;
  if (coordinate === undefined) return () => true;
  const ofField = exactly(coordinate.replace(/\(.*$/, ''));
  const ofInput = exactly(`${coordinate.split('.')[0] ?? ''}{}`);
  switch (code) {
    case 'TYPE_REMOVED':
    case 'TYPE_KIND_CHANGED':
    case 'SCHEMA_MUTATION_TYPE_CHANGED':
    case 'SCHEMA_SUBSCRIPTION_TYPE_CHANGED': {
      const [itself, within] = [exactly(coordinate), under(coordinate)];
      return (each) => itself(each) || within(each);
    }
    case 'UNION_MEMBER_REMOVED':
    case 'OBJECT_TYPE_INTERFACE_REMOVED':
      return fragmentsWithout(views);
    // Whoever uses the field or the input does not give yet what is wanted now.
    case 'FIELD_ARGUMENT_ADDED':
    case 'FIELD_ARGUMENT_DEFAULT_CHANGED':
      return ofField;
    case 'FIELD_ARGUMENT_TYPE_CHANGED':
      return becomesWanted(draft) ? ofField : exactly(coordinate);
    case 'INPUT_FIELD_ADDED':
    case 'INPUT_FIELD_DEFAULT_VALUE_CHANGED':
      return ofInput;
    case 'INPUT_FIELD_TYPE_CHANGED':
      return becomesWanted(draft) ? ofInput : exactly(coordinate);
    default:
      return exactly(coordinate);
  }
}

/** Takes a change, the rows that were recorded and what clients saw and see; gives the rows that it breaks. */
export function affectedRows(draft: Draft, rows: readonly UsageRow[], seen: Views): UsageRow[] {
  const matches = matcherOf(draft, seen);
  const views = draft.views ?? [];
  // Who is bound to a contract sees that contract alone.
  const isSeen = (contract: string | undefined): boolean =>
    views.length === 0 ||
    views.includes(contract ?? GRAPH_VIEW) ||
    (contract === undefined && views.includes(GRAPH_VIEW));
  return rows.filter((row) => isSeen(row.contract) && matches(row.coordinate));
}
