// What a request came to, and the answer that each of those who waited for it gets: the same text for all, and of costs
// what is the caller's own.
import type { CostReport } from './admit/chargePoints.ts';
import type { RequestOutcome } from './observe/observer.ts';
import { refuse, type ChosenOperation, type Refusal, type RequestState } from './requestState.ts';
import { LIMITS } from './admit/limits.ts';
import type { MediaType } from './respond/mediaType.ts';
import type { UsedOperation } from './usage/minuteCounts.ts';
import {
  answerRefusal,
  bodyBytes,
  encodeBody,
  withHeaders,
  type AnswerBody,
  type HttpAnswer,
} from './respond/status.ts';

/** How every executed answer ends: what may follow its data stands before it. */
export const ANSWER_END = '}\n';

/** An operation that ran. */
export interface Executed {
  readonly status: number;
  readonly contentType: string;
  /** The answer without extensions. */
  readonly text: string;
  /** What stands in its `extensions` for everybody, as `"name":value`. */
  readonly extensions: string | undefined;
  /** What it cost in the end, in points. */
  readonly actualPoints: number;
  /** The answer without anything of one caller's own: the same bytes for all who wait. */
  answer?: HttpAnswer;
}

/** What a request came to, and what its log line and the metrics tell. */
export interface Concluded {
  readonly came: HttpAnswer | Executed;
  readonly outcome: RequestOutcome;
  readonly codes: ReadonlySet<string>;
  readonly operation: ChosenOperation | undefined;
  /** What it used of the schema: each who is answered with it asked for that. Undefined for what is not counted. */
  readonly used: UsedOperation | undefined;
}

/** What a caller with limits is told of a request's cost. */
export interface ToldCost {
  readonly report: CostReport | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes what a request came to, and of costs what this caller is told. */
export type Conclude = (concluded: Concluded, cost?: ToldCost) => void;

/** What a request came to that was refused. */
export function concludeRefused(refusal: Refusal, media: MediaType | undefined, state: RequestState): Concluded {
  return {
    came: answerRefusal(refusal, media),
    outcome: 'refused',
    codes: new Set([refusal.refused]),
    operation: state.operation,
    used: undefined,
  };
}

function bodyOf({ text, extensions }: Executed, report: CostReport | undefined): AnswerBody {
  const parts = [
    ...(extensions === undefined ? [] : [extensions]),
    ...(report === undefined ? [] : [`"cost":${JSON.stringify(report)}`]),
  ];
  if (parts.length === 0) return encodeBody(text);
  return encodeBody(`${text.slice(0, -ANSWER_END.length)},"extensions":{${parts.join(',')}}${ANSWER_END}`);
}

function answerExecuted(executed: Executed, cost: ToldCost | undefined): HttpAnswer {
  const body = bodyOf(executed, cost?.report);
  if (bodyBytes(body) > LIMITS.responseBytesMax.value) return answerRefusal(refuse('ANSWER_TOO_LARGE'));
  return { status: executed.status, headers: { 'content-type': executed.contentType, ...cost?.headers }, body };
}

/** Takes what a request came to and what the caller is told of its cost; gives the answer. */
export function answerOf({ came }: Concluded, cost: ToldCost | undefined): HttpAnswer {
  if ('text' in came)
    return cost === undefined ? (came.answer ??= answerExecuted(came, undefined)) : answerExecuted(came, cost);
  return cost === undefined ? came : withHeaders(came, cost.headers);
}
