// When what runs for a caller has to end: its key is revoked, or its key, the secret that it showed or its token ends.
import type { Clock } from '../../platform/clock.ts';
import type { Caller } from '../caller.ts';
import { refuse, type Refusal } from '../requestState.ts';
import { endOf } from './keyCaller.ts';
import type { Identify } from './openIdentify.ts';

/** A timer waits no longer at once; the rest is waited for anew. */
const WAIT_MS_MAX = 86_400_000;

function endMsOf(caller: Caller): number | undefined {
  const { exp } = caller.claims;
  if (caller.kind === 'person' && typeof exp === 'number') return exp * 1_000;
  return endOf(caller)?.getTime();
}

/** Calls `listener` once, with what the caller is told; gives what takes it back. */
export function watchEnd(
  caller: Caller,
  identify: Pick<Identify, 'onRevoked'>,
  clock: Clock,
  listener: (refusal: Refusal) => void,
): () => void {
  const endMs = endMsOf(caller);
  let cancel = (): void => undefined;
  const ended = (): void => {
    stop();
    if (caller.kind === 'person') listener(refuse('TOKEN_EXPIRED'));
    else
      listener(refuse(endMs !== undefined && endMs <= clock.now().getTime() ? 'API_KEY_EXPIRED' : 'API_KEY_REVOKED'));
  };
  const wait = (): void => {
    if (endMs === undefined) return;
    const leftMs = endMs - clock.now().getTime();
    if (leftMs <= 0) ended();
    else cancel = clock.after(Math.min(leftMs, WAIT_MS_MAX), wait);
  };
  const stopRevoked = identify.onRevoked(caller, ended);
  const stop = (): void => {
    cancel();
    stopRevoked();
  };
  wait();
  return stop;
}
