// What a client may read of an error. Only codes of contracts/errorCodes.ts pass; a subgraph's own words pass only for
// the codes that are about the client's input; everything else becomes the code's fixed sentence. Inner text goes to
// the log: subgraph answers have carried addresses, stacks and other people's e-mail (reliability.md, F4).
import type { GraphQLFormattedError } from 'graphql';
import { ERROR_CODES, isErrorCode, type ErrorCodeName } from '../../contracts/errorCodes.ts';

/** Codes whose sentence a subgraph writes for the client to read. */
const SPOKEN_CODES: ReadonlySet<string> = new Set<ErrorCodeName>([
  'BAD_USER_INPUT',
  'INVALID_CURSOR',
  'INVALID_ID',
  'PAGE_TOO_LARGE',
  'IDEMPOTENCY_KEY_REUSED',
]);
/** Codes that a subgraph may give to a part of an answer; others are its fault. */
const SUBGRAPH_CODES: ReadonlySet<string> = new Set<ErrorCodeName>([
  ...(SPOKEN_CODES as ReadonlySet<ErrorCodeName>),
  'ANSWER_TOO_LARGE',
  'STORE_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'SUBGRAPH_TIMEOUT',
  'SUBGRAPH_BUSY',
]);
const SENTENCE_CHARACTERS_MAX = 300;
/** Words of the talk between gateway and subgraph, which a client never used. */
const OWN_WORDS = /\b(_entities|_Any|representations?)\b/;

/** Codes that @apollo/server and the gateway give, in our words. */
const OWN_CODES: ReadonlyMap<string, ErrorCodeName> = new Map<string, ErrorCodeName>([
  ['INTERNAL_SERVER_ERROR', 'INTERNAL'],
  ['PERSISTED_QUERY_NOT_FOUND', 'BAD_REQUEST'],
  ['PERSISTED_QUERY_NOT_SUPPORTED', 'BAD_REQUEST'],
  ['INTROSPECTION_DISABLED', 'INTROSPECTION_FORBIDDEN'],
  ['MAX_RECURSIVE_SELECTIONS_EXCEEDED', 'OPERATION_TOO_LARGE'],
]);
/** Gives the sentence that a code always has. */
export function sentenceOf(code: ErrorCodeName): string {
  return ERROR_CODES[code].meaning;
}

/** An error of a subgraph as the client may see it. */
export interface MaskedError {
  readonly code: ErrorCodeName;
  readonly message: string;
}

/** Takes the code and message of a subgraph's error; gives what passes of them. */
export function maskSubgraphError(code: unknown, message: unknown): MaskedError {
  if (!isErrorCode(code) || !SUBGRAPH_CODES.has(code)) {
    return { code: 'SUBGRAPH_BAD_ANSWER', message: 'This field could not be answered.' };
  }
  const isSpoken =
    SPOKEN_CODES.has(code) &&
    typeof message === 'string' &&
    message.length <= SENTENCE_CHARACTERS_MAX &&
    !OWN_WORDS.test(message);
  return { code, message: isSpoken ? message : sentenceOf(code) };
}

/** Takes an error's extensions; gives the code that a client sees for it: `INTERNAL` for all that is not ours. */
export function clientCodeOf(extensions: Readonly<Record<string, unknown>> | undefined): ErrorCodeName {
  const { code, validationErrorCode } = extensions ?? {};
  const named = typeof validationErrorCode === 'string' ? (OWN_CODES.get(validationErrorCode) ?? code) : code;
  if (typeof named !== 'string') return 'INTERNAL';
  return OWN_CODES.get(named) ?? (isErrorCode(named) ? named : 'INTERNAL');
}

/**
 * Takes an error as @apollo/server would send it; gives what is sent. The fetch step has masked what subgraphs said, so
 * a code of ours speaks of the client's own request; anything without one comes from inside and says nothing.
 */
export function maskError(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const given = formatted.extensions?.['code'];
  const code = clientCodeOf(formatted.extensions);
  const message = code === given ? formatted.message : sentenceOf(code);
  return {
    message,
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions: { code },
  };
}
