// How long the key store is waited for: one that hangs is as good as away.
import type { Clock } from '../../platform/clock.ts';

/** Gives what `answer` gives; rejects after `timeoutMs` without it. */
export async function inTime<T>(answer: Promise<T>, timeoutMs: number, clock: Clock): Promise<T> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, fail) => {
    cancel = clock.after(timeoutMs, () => fail(new Error('the key store did not answer in time')));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}
