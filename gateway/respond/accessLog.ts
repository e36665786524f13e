// The one log line of a request: who asked which operation, how long it took, what came of it. Never the document, the
// variables or the address's search part, which can hold both.
import type { Log } from '../../platform/log.ts';
import type { RequestState } from '../requestState.ts';

const DETAILS_MAX = 5;

/** Takes the finished request and its status; writes its line. */
export function writeAccessLine(log: Log, state: RequestState, status: number): void {
  const details = state.innerFaults.slice(0, DETAILS_MAX);
  const line = {
    requestId: state.requestId,
    status,
    ms: Math.round(state.elapsedMs() * 10) / 10,
    ...(state.operation !== undefined && {
      operation: state.operation.name?.slice(0, 100) ?? null,
      kind: state.operation.kind,
    }),
    ...(state.codes.size > 0 && { codes: [...state.codes] }),
    ...(details.length > 0 && { details }),
  };
  log.info(line, 'request');
}
