// The HTTP status of an answer: a refusal's own, or that of what @apollo/server gives, corrected where it says nothing.
import { ERROR_CODES, isErrorCode } from '../../contracts/errorCodes.ts';
import type { Refusal } from '../requestState.ts';
import { sentenceOf } from './maskErrors.ts';

/** An answer ready to be written. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly closing?: true;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Headers of every answer: nothing here may be kept by anybody, nor guessed to be another type. */
export const COMMON_HEADERS = { 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' };

/** Takes a refusal; gives the answer that carries it. */
export function answerRefusal(refusal: Refusal): HttpAnswer {
  const { refused, message, headers, closing, locations } = refusal;
  const error = {
    message: message ?? sentenceOf(refused),
    ...(locations && { locations }),
    extensions: { code: refused },
  };
  return {
    status: ERROR_CODES[refused].status,
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: `${JSON.stringify({ errors: [error] })}\n`,
    ...(closing && { closing }),
  };
}

/**
 * Takes the status that an executed request would get, whether anything was answered, and its error codes. A request of
 * which nothing was answered because of the client's own input is refused as a whole: some input is judged only by the
 * subgraph that reads it.
 */
export function statusOfExecuted(status: number, hasData: boolean, codes: ReadonlySet<string>): number {
  if (status !== 200 || hasData || codes.size === 0) return status;
  const isRefused = [...codes].every((code) => isErrorCode(code) && ERROR_CODES[code].status === 400);
  return isRefused ? 400 : status;
}

/** Gives an answer of plain JSON. */
export function answerJson(status: number, json: unknown): HttpAnswer {
  return { status, headers: { 'content-type': JSON_TYPE }, body: `${JSON.stringify(json)}\n` };
}
