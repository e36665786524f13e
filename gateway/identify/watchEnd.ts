// When what runs for a caller has to end: its key is revoked or shut to its address, or its key, the secret that it showed
// or its token ends, as it was known to end when it came or as a later change has it.
import type { Clock } from '../../platform/clock.ts';
import type { Caller } from '../caller.ts';
import { refuse, type Refusal } from '../requestState.ts';
import { endOf } from './keyCaller.ts';
import type { Identify } from './openIdentify.ts';
import type { OverListener } from './revocations.ts';

/** A timer waits no longer at once; the rest is waited for anew. */
const WAIT_MS_MAX = 86_400_000;

function endMsOf(caller: Caller, toleranceMs: number): number | undefined {
  const { exp } = caller.claims;
  if (caller.kind === 'person' && typeof exp === 'number') return exp * 1_000 + toleranceMs;
  return endOf(caller)?.getTime();
}

/**
 * Calls `listener` once, with what the caller is told, at once where it may come no more already; gives what takes it
 * back. `toleranceMs`: how long behind its end a token is still taken.
 */
export function watchEnd(
  { caller, address }: { readonly caller: Caller; readonly address: string | undefined },
  identify: Pick<Identify, 'onOver'>,
  { clock, toleranceMs }: { readonly clock: Clock; readonly toleranceMs: number },
  listener: (refusal: Refusal) => void,
): () => void {
  const endMs = endMsOf(caller, toleranceMs);
  let cancel = (): void => undefined;
  const end = (code: Parameters<OverListener>[0] | 'TOKEN_EXPIRED'): void => {
    stop();
    listener(refuse(code));
  };
  const wait = (): void => {
    if (endMs === undefined) return;
    const leftMs = endMs - clock.now().getTime();
    if (leftMs <= 0) end(caller.kind === 'person' ? 'TOKEN_EXPIRED' : 'API_KEY_EXPIRED');
    else cancel = clock.after(Math.min(leftMs, WAIT_MS_MAX), wait);
  };
  const stopHearing = identify.onOver(caller, address, end);
  const stop = (): void => {
    cancel();
    stopHearing();
  };
  wait();
  return stop;
}
