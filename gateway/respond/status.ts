// The HTTP status and form of an answer: a refusal's own, or that of what was executed.
import type { ServerResponse } from 'node:http';
import { ERROR_CODES, isErrorCode, type ErrorCodeName } from '../../contracts/errorCodes.ts';
import type { Refusal } from '../requestState.ts';
import { sentenceOf } from './maskErrors.ts';
import { DEFAULT_MEDIA_TYPE, type MediaType } from './mediaType.ts';

/** The bytes of an answer; a text of ASCII alone is written as it is, together with the head. */
export type AnswerBody = Buffer | { readonly ascii: string };

/** Takes the text of an answer; gives what is written. */
export function encodeBody(text: string): AnswerBody {
  return Buffer.byteLength(text) === text.length ? { ascii: text } : Buffer.from(text);
}

/** How many bytes a body has. */
export function bodyBytes(body: AnswerBody): number {
  return 'ascii' in body ? body.ascii.length : body.length;
}

/** An answer ready to be written. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
  readonly closing?: true;
  /** Writes on after the body, for as long as it likes: the length is not told then. */
  readonly live?: (response: ServerResponse) => void;
  /** How it begins but for the request's id, once that was worked out. */
  head?: readonly string[];
}

/** Takes an answer; gives it with more headers. */
export function withHeaders(answer: HttpAnswer, more: HttpAnswer['headers']): HttpAnswer {
  const { status, headers, body, closing, live } = answer;
  return { status, headers: { ...headers, ...more }, body, ...(closing && { closing }), ...(live && { live }) };
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Headers of every answer: nothing here may be kept by anybody, nor guessed to be another type. */
export const COMMON_HEADERS = { 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' };

/**
 * What is wrong with a request that is one of GraphQL over HTTP: a client that asked for plain JSON gets it with 200,
 * as the specification says, and every other with 400.
 */
const WELL_FORMED: ReadonlySet<ErrorCodeName> = new Set<ErrorCodeName>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
  'PERSISTED_QUERY_NOT_FOUND',
]);

/** Takes a refusal and the form of the answer; gives the answer that carries it. */
export function answerRefusal(refusal: Refusal, media: MediaType = DEFAULT_MEDIA_TYPE): HttpAnswer {
  const { refused, headers, closing, cost } = refusal;
  const errors = [refusal, ...(refusal.more ?? [])].map(({ message, locations, path, scopes }) => ({
    message: message ?? sentenceOf(refused),
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: { code: refused, ...(scopes && { scopes }) },
  }));
  const isPlain = media.isPlain && WELL_FORMED.has(refused);
  return {
    status: isPlain ? 200 : ERROR_CODES[refused].status,
    headers: { 'content-type': media.contentType, ...headers },
    body: encodeBody(`${JSON.stringify({ errors, ...(cost && { extensions: { cost } }) })}\n`),
    ...(closing && { closing }),
  };
}

/**
 * Takes whether anything was answered and the codes of the errors; gives the status. A request of which nothing was
 * answered because of the client's own input is refused as a whole: some input is judged only by the subgraph that
 * reads it.
 */
export function statusOfExecuted(hasData: boolean, codes: ReadonlySet<string>): number {
  if (hasData || codes.size === 0) return 200;
  for (const code of codes) if (!isErrorCode(code) || ERROR_CODES[code].status !== 400) return 200;
  return 400;
}

/** Gives an answer of plain JSON. */
export function answerJson(status: number, json: unknown): HttpAnswer {
  return { status, headers: { 'content-type': JSON_TYPE }, body: encodeBody(`${JSON.stringify(json)}\n`) };
}
