// Waiting by the clock port, ended by a signal: for sources and subgraphs that ask to be left alone for a while.
import type { Clock } from '../../platform/clock.ts';

/** Waits; ends early with the signal's reason. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  let cancel: () => void = () => undefined;
  try {
    await new Promise<void>((resolve) => {
      stop = resolve;
      signal.addEventListener('abort', stop, { once: true });
      cancel = clock.after(ms, resolve);
    });
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
}
