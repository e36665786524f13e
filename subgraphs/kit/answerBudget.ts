// What one call may answer at most. Pages are bounded, but a list under a list multiplies them: a hundred bytes of query
// can ask for 100 × 100 × 100 elements, which no process survives. Counted while lists are answered and before pages are
// read, so that the call ends early and the others go on.
import { defaultFieldResolver, getNamedType, GraphQLError, getNullableType, isListType, isObjectType } from 'graphql';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import type { ErrorCodeName } from '../../contracts/errorCodes.ts';
import type { Call, SubgraphContext } from './call.ts';

/** The most elements of all lists of a call together: a page of 100 with 100 each, and as much again. */
const ELEMENTS_MAX = 20_000;
/** The most rows that a call's pages may have together, were they all full. */
const ROWS_MAX = 100_000;

interface Spent {
  elements: number;
  rows: number;
}

const spentByCall = new WeakMap<Call, Spent>();

function spentOf(call: Call): Spent {
  const known = spentByCall.get(call);
  if (known !== undefined) return known;
  const spent = { elements: 0, rows: 0 };
  spentByCall.set(call, spent);
  return spent;
}

/** One for all: thousands of fields can be refused at once, and making an error costs far more than throwing it. */
const TOO_LARGE = new GraphQLError('The lists of this answer have too many elements: ask for less.', {
  path: [],
  extensions: { code: 'ANSWER_TOO_LARGE' satisfies ErrorCodeName },
});

/** Takes the call and how many rows it is about to read; refuses what is over the limit of the whole call. */
export function spendRows(call: Call, rows: number): void {
  const spent = spentOf(call);
  spent.rows += rows;
  if (spent.rows > ROWS_MAX) throw TOO_LARGE;
}

/** Takes the call and a list that is about to be answered; refuses it where the whole call is over the limit. */
export function spendElements(call: Call, count: number): void {
  const spent = spentOf(call);
  spent.elements += count;
  if (spent.elements > ELEMENTS_MAX) throw TOO_LARGE;
}

/** Says whether a call was over a limit: nothing of its answer is of use then. */
export function isOverspent(call: Call): boolean {
  const { elements, rows } = spentOf(call);
  return elements > ELEMENTS_MAX || rows > ROWS_MAX;
}

type Resolve = GraphQLFieldResolver<unknown, SubgraphContext<unknown>>;

function counted(resolve: Resolve): Resolve {
  return (source, args, context, info) => {
    const count = (list: unknown): unknown => {
      if (Array.isArray(list)) spendElements(context.call, list.length);
      return list;
    };
    if (isOverspent(context.call)) throw TOO_LARGE;
    const given: unknown = resolve(source, args, context, info);
    return given instanceof Promise ? given.then(count) : count(given);
  };
}

/** Takes a schema; makes each of its fields that answers a list of objects count against the call's budget. */
export function countLists(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const isOfObjects = 'getFields' in getNamedType(field.type) || 'getTypes' in getNamedType(field.type);
      if (!isListType(getNullableType(field.type)) || !isOfObjects) continue;
      field.resolve = counted((field.resolve ?? defaultFieldResolver) as Resolve);
    }
  }
  return schema;
}
