// What a client may read of an error. Only codes of contracts/errorCodes.ts pass; a subgraph's own words pass only for
// the codes that are about the client's input; everything else becomes the code's fixed sentence. Inner text goes to
// the log: subgraph answers have carried addresses, stacks and other people's e-mail (reliability.md, F4).
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
const OWN_WORDS = /\b(_entities|_Any|representations?\d*|contextualArgument\w*)\b|__(client|with_\d|alias_\d)/;

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
