// A part that dies while the rest runs is started anew, as docker's restart rule does it in production.
import { systemClock } from '../platform/clock.ts';
import { startChild, type ChildPart, type ChildPlan } from './childPart.ts';
import { showFault, showNote } from './show.ts';

const PAUSE_MS = 500;
const RESTARTS_MAX = 20;

/** Takes a running part and what it was started from; gives what ends the watch and the part. */
export function keepAlive(first: ChildPart, plan: ChildPlan): () => Promise<void> {
  let part = first;
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;

  async function watch(): Promise<void> {
    for (let restarts = 1; restarts <= RESTARTS_MAX; restarts += 1) {
      await part.ended;
      if (isStopping()) return;
      showNote(`${plan.name} ended; starting it anew (its log: ${plan.logPath})`);
      await new Promise<void>((resume) => void systemClock.after(PAUSE_MS, resume));
      part = await startChild(plan);
      // Stopped while it was starting: it must not outlive the rest.
      if (isStopping()) return part.stop();
    }
    showFault(`${plan.name} ended ${RESTARTS_MAX} times; it stays down`);
    return undefined;
  }

  const watching = watch().catch((error: unknown) => showFault(error instanceof Error ? error.message : String(error)));
  return async () => {
    stopping.abort();
    await part.stop();
    await watching;
  };
}
