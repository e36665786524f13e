// What must hold of every answer, whatever was sent: an honest status, JSON of the right form with codes of ours, and no
// word from inside that the client did not bring itself.
import { ERROR_CODES, isErrorCode, type ErrorCodeName } from '../../contracts/errorCodes.ts';
import type { BadInput } from './badInput.ts';
import type { WireAnswer } from './readAnswers.ts';
import type { Exchange } from './wireClient.ts';

/** Refusals that no bad input causes, but a busy machine may: rare, and each says when to come again. */
const MEANT_5XX = new Set([503, 504]);
const INNER_WORDS =
  /node_modules|\bat [\w.<> ]*\(?\/|\/[\w/.-]+\.[jt]s\b|file:\/\/|\w+Error:|(?<!Syntax )\bError:|_entities|_Any\b|_service\b|__client\w*|__with_\w*|__alias_\w*|entry__\w*|entities\d|representations\d?|contextualArgument\w*|127\.0\.0\.1|ECONN\w+|undefined|\[object |graphql-js/g;

interface AnsweredErrors {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message?: unknown;
    readonly path?: unknown;
    readonly extensions?: { code?: unknown };
  }[];
}

/** Words of inside that the input did not have. */
function leakedWords(body: string, input: BadInput): string[] {
  const sent = input.bytes.toString('latin1');
  return [...new Set(body.match(INNER_WORDS))].filter((word) => !sent.includes(word));
}

/** The subgraphs answer everything but a null where only the schema's default keeps the argument from being null. */
function isGatewaysFault(code: ErrorCodeName, input: BadInput): boolean {
  if (code === 'SUBGRAPH_BAD_ANSWER') return !/null/.test(input.bytes.toString('latin1'));
  return code.startsWith('SUBGRAPH_') || code === 'INTERNAL' || code === 'OUTCOME_UNKNOWN';
}

function judgeErrors({ data, errors }: AnsweredErrors, status: number, input: BadInput): string | undefined {
  if (errors === undefined) return data === undefined ? 'neither data nor errors' : undefined;
  if (errors.length === 0) return 'an empty list of errors';
  for (const { message, path, extensions } of errors) {
    const code = extensions?.code;
    if (typeof message !== 'string' || message === '') return 'an error without a message';
    if (!isErrorCode(code)) return `an error with the code ${String(code)}`;
    if (isGatewaysFault(code, input)) return `an error ${code}`;
    if (path !== undefined && !Array.isArray(path)) return 'an error with a misshapen path';
    if (data === undefined && status !== 200 && ERROR_CODES[code].status !== status) return `${code} with ${status}`;
  }
  return undefined;
}

function judgeBody(answer: WireAnswer, input: BadInput): string | undefined {
  const type = answer.headers.get('content-type') ?? '';
  const isStream = type.startsWith('text/event-stream') && /text\/event-stream/i.test(input.bytes.toString('latin1'));
  if (!isStream && !/json/.test(type)) return `the type ${type}`;
  // A query that asked for a stream gets its one answer as an event.
  const text = isStream ? (/^data: (\{.*)$/m.exec(answer.body.toString())?.[1] ?? '') : answer.body.toString();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'an answer that is no JSON';
  }
  const leaked = leakedWords(text, input);
  if (leaked.length > 0) return `the inner words ${leaked.join(', ')}`;
  if (typeof body !== 'object' || body === null) return 'an answer that is no object';
  // The gateway's health has a form of its own.
  if ('live' in body || 'ready' in body) return undefined;
  return judgeErrors(body, answer.status, input);
}

function judgeAnswer(answer: WireAnswer, input: BadInput): string | undefined {
  const { status, headers } = answer;
  if (status >= 500 && !MEANT_5XX.has(status)) return `status ${status}`;
  if (MEANT_5XX.has(status) && !headers.has('retry-after')) return `${status} without Retry-After`;
  return input.isHead ? undefined : judgeBody(answer, input);
}

/** Takes an input and what came back; gives what is wrong with it, undefined where nothing is. */
export function judgeExchange(input: BadInput, exchange: Exchange): string | undefined {
  if (exchange.fault !== undefined) return exchange.fault;
  if (exchange.hangs) return 'no answer in time';
  for (const answer of exchange.answers) {
    const fault = judgeAnswer(answer, input);
    if (fault !== undefined) return fault;
  }
  // The method of a head that is too large is not known: its answer has a body, and is the last.
  if (exchange.isPartial && input.answers !== undefined && !input.isHead) return 'an answer that breaks off';
  if (input.answers !== undefined && exchange.answers.length === 0) return 'closed without an answer';
  return undefined;
}
