// For unit tests of the gateway: what a request carries, as far as a test is about it.
import { OPEN_CALLER } from '../../gateway/caller.ts';
import { ClientPatience } from '../../gateway/patience.ts';
import type { RequestState } from '../../gateway/requestState.ts';
import type { Clock } from '../../platform/clock.ts';

/** A caller's request, and how the caller hangs up. */
export interface Caller {
  readonly state: RequestState;
  readonly leave: () => void;
}

/** A request that came just now from a caller who waits for 10 s, with what a test says of it. */
export function callerAt(clock: Clock, more: Partial<RequestState> = {}, waitMs = 10_000): Caller {
  const startMs = clock.steadyMs();
  const patience = new ClientPatience(startMs, waitMs, clock);
  const state: RequestState = {
    requestId: 'r',
    patience,
    caller: OPEN_CALLER,
    address: '127.0.0.1',
    passed: {},
    startMs,
    elapsedMs: () => clock.steadyMs() - startMs,
    explanation: undefined,
    innerFaults: [],
    operation: undefined,
    trace: undefined,
    ...more,
  };
  return { state, leave: () => patience.leave() };
}
