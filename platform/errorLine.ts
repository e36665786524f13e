// An error as it stands in a log line. Drivers hang what they were sent onto their errors, whole documents among it: that
// is data of people, which no log holds.
import { pino } from 'pino';

/** Where the MongoDB driver keeps documents and the values of keys. */
const HOLDS_DATA: ReadonlySet<string> = new Set([
  ...['writeErrors', 'result', 'errorResponse', 'op', 'keyValue', 'keyPattern', 'errInfo', 'insertedDocs'],
]);
const KEY_VALUES = /dup key: \{.*\}/g;

function withoutData(value: object, depth: number): object {
  const kept = Object.entries(value).filter(([name]) => !HOLDS_DATA.has(name));
  return Object.fromEntries(
    kept.map(([name, inner]: [string, unknown]) => {
      if (typeof inner === 'string') return [name, inner.replace(KEY_VALUES, 'dup key: …')];
      return [name, typeof inner === 'object' && inner !== null && depth > 0 ? innerLine(inner, depth - 1) : inner];
    }),
  );
}

function innerLine(value: object, depth: number): object {
  return Array.isArray(value)
    ? value.map((each: unknown) => (typeof each === 'object' && each !== null ? withoutData(each, depth) : each))
    : withoutData(value, depth);
}

/** Takes what was thrown; gives what is written of it. */
export function errorLine(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return withoutData(pino.stdSerializers.err(error), 3);
}
