// A gateway that left before its answer, because its client left or its time was over: nobody waits for what a query
// still reads, so its commands are ended at MongoDB, whose driver closes their connections for it (C1).
import type { ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { ErrorCodeName } from '../../../contracts/errorCodes.ts';

/** One for all, as nobody reads it: the fields that waited for a command of the query fail with it, unlogged. */
const LEFT = new GraphQLError('The gateway left before the answer.', {
  path: [],
  extensions: { code: 'STORE_UNAVAILABLE' satisfies ErrorCodeName },
});

/**
 * Takes the document of a request and its response; gives the signal that aborts when the connection closes before the
 * answer is written. None for a document that may hold a mutation: what was sent is done.
 */
export function signalWhenLeft(document: unknown, response: ServerResponse): AbortSignal | undefined {
  // A mutation has its keyword in the text; a query that has the word otherwise is only read to its end.
  if (typeof document !== 'string' || document.includes('mutation')) return undefined;
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableEnded) controller.abort(LEFT);
  });
  return controller.signal;
}
