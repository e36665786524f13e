// What a subgraph says of an error: refusals with a code of ours as they are, a store that is away as such, and all
// else as INTERNAL. The inner text goes to the log alone.
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isErrorCode, type ErrorCodeName } from '../../../contracts/errorCodes.ts';
import type { Log } from '../../../platform/log.ts';
import { OF_A_VALUE } from './scalars.ts';

const STORE_FAULTS = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoNotConnectedError',
  'MongoPoolClearedError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongooseServerSelectionError',
]);
const MAX_TIME_EXPIRED = 50;

function codeOfFault(fault: unknown): ErrorCodeName {
  if (!(fault instanceof Error)) return 'INTERNAL';
  const isLate = 'code' in fault && fault.code === MAX_TIME_EXPIRED;
  return isLate || STORE_FAULTS.has(fault.name) ? 'STORE_UNAVAILABLE' : 'INTERNAL';
}

/** Takes the log; gives the function that Apollo Server asks what may be told of an error. */
export function maskFault(log: Log): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    // A literal that no scalar takes is found by validation, whose own code would mean that the graph itself is wrong.
    const isOfValue = formatted.extensions?.[OF_A_VALUE] === true;
    const code = isOfValue ? 'BAD_USER_INPUT' : formatted.extensions?.['code'];
    const original = error instanceof GraphQLError ? error.originalError : error;
    const isFault = original instanceof Error && !(original instanceof GraphQLError);
    if (!isFault && isErrorCode(code) && code !== 'INTERNAL') {
      return { ...formatted, extensions: { code } };
    }
    const masked = codeOfFault(original);
    log.error({ err: original ?? error, path: formatted.path }, 'a field failed');
    const message = masked === 'STORE_UNAVAILABLE' ? 'The database is away or too slow.' : 'Something broke here.';
    const { path, locations } = formatted;
    return { message, ...(path && { path }), ...(locations && { locations }), extensions: { code: masked } };
  };
}
