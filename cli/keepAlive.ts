// A part that dies while the rest runs is started anew, as docker's restart rule does it in production.
import { setTimeout as pause } from 'node:timers/promises';
import { startChild, type ChildPart, type ChildPlan } from './childPart.ts';
import { showFault, showNote } from './show.ts';

const PAUSE_MS = 500;
const RESTARTS_MAX = 20;

/**
 * Takes a part that is starting, what it is started from, and what says that all is to stop; gives what ends the part,
 * whether it runs already or not. Whoever waits for the first start hears of its fault; later ones are shown.
 */
export function keepAlive(starting: Promise<ChildPart>, plan: ChildPlan, stopping: AbortSignal): () => Promise<void> {
  let part: ChildPart | undefined;
  const isStopping = (): boolean => stopping.aborted;

  async function watch(): Promise<void> {
    part = await starting.catch(() => undefined);
    for (let restarts = 1; part !== undefined && !isStopping(); restarts += 1) {
      await part.ended;
      if (isStopping()) return;
      if (restarts > RESTARTS_MAX) {
        showFault(`${plan.name} ended ${RESTARTS_MAX} times; it stays down`);
        return;
      }
      showNote(`${plan.name} ended; starting it anew (its log: ${plan.logPath})`);
      await pause(PAUSE_MS);
      part = await startChild(plan);
    }
    await part?.stop();
  }

  const watching = watch().catch((error: unknown) => showFault(error instanceof Error ? error.message : String(error)));
  return async () => {
    await part?.stop();
    await watching;
  };
}
