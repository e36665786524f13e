// Expected refusals of a subgraph: a code of contracts/errorCodes.ts and a sentence that the client may read.
import { GraphQLError } from 'graphql';
import type { ErrorCodeName } from '../../contracts/errorCodes.ts';

/** Takes a code and a public sentence (never an inner text); gives the error to throw from a resolver. */
export function refuse(code: ErrorCodeName, sentence: string): GraphQLError {
  return new GraphQLError(sentence, { extensions: { code } });
}
