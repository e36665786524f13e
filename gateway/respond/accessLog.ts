// The one log line of a request: who asked which operation, how long it took, what came of it. Never the document, the
// variables or the address's search part, which can hold both.
import type { Log } from '../../platform/log.ts';
import type { ChosenOperation, RequestState } from '../requestState.ts';

const DETAILS_MAX = 5;

/** What came of a request. */
export interface RequestEnd {
  readonly status: number;
  readonly codes: ReadonlySet<string>;
  readonly operation: ChosenOperation | undefined;
}

/** Takes the finished request and what came of it; writes its line. */
export function writeAccessLine(log: Log, state: RequestState, { status, codes, operation }: RequestEnd): void {
  if (!log.isLevelEnabled('info')) return;
  const details = state.innerFaults.slice(0, DETAILS_MAX);
  const line = {
    requestId: state.requestId,
    caller: state.caller.id,
    status,
    ms: Math.round(state.elapsedMs() * 10) / 10,
    ...(operation !== undefined && { operation: operation.name?.slice(0, 100) ?? null, kind: operation.kind }),
    ...(codes.size > 0 && { codes: [...codes] }),
    ...(details.length > 0 && { details }),
  };
  log.info(line, 'request');
}
