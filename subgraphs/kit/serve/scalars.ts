// The scalars that every subgraph has, strict in both directions: a value that is not exactly of the form is refused.
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/** Marks an error as one of an input value: validation gives it a code that says nothing of whose fault it is. */
export const OF_A_VALUE = 'ofAValue';

function wrongValue(sentence: string): GraphQLError {
  return new GraphQLError(sentence, { extensions: { [OF_A_VALUE]: true } });
}

const UTC_WITH_MILLISECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function readDateTime(value: unknown): Date {
  if (typeof value === 'string' && UTC_WITH_MILLISECONDS.test(value)) {
    const moment = new Date(value);
    if (!Number.isNaN(moment.getTime()) && moment.toISOString() === value) return moment;
  }
  throw wrongValue('A DateTime is UTC with milliseconds: 2026-01-01T00:00:00.000Z');
}

function readSafeInt(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw wrongValue('A SafeInt is a whole number from -(2^53-1) to 2^53-1');
}

function textOf(node: ValueNode): unknown {
  return node.kind === Kind.STRING ? node.value : undefined;
}

/** UTC with milliseconds outside, a Date inside. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => (value instanceof Date ? value : readDateTime(value)).toISOString(),
  parseValue: readDateTime,
  parseLiteral: (node) => readDateTime(textOf(node)),
});

/** A JSON integer up to 2^53−1 on both sides: GraphQL's Int ends at 21,474,836.47 in minor units. */
export const SafeInt = new GraphQLScalarType<number, number>({
  name: 'SafeInt',
  serialize: readSafeInt,
  parseValue: readSafeInt,
  parseLiteral: (node) => readSafeInt(node.kind === Kind.INT ? Number(node.value) : undefined),
});
