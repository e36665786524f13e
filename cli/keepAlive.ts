// A part that dies while the rest runs is started anew, as docker's restart rule does it in production.
import { setTimeout as pause } from 'node:timers/promises';
import { startChild, type ChildPart, type ChildPlan } from './childPart.ts';
import { showFault, showNote } from './show.ts';

const PAUSE_MS = 500;
/** After a restart that failed: what the part needs, the database mostly, takes its time to come back. */
const FAILED_PAUSE_MS = 2_000;
const RESTARTS_MAX = 20;

/**
 * Takes a part that is starting, what it is started from, and what says that all is to stop; gives what ends the part,
 * whether it runs already or not. Whoever waits for the first start hears of its fault; later ones are shown.
 */
export function keepAlive(starting: Promise<ChildPart>, plan: ChildPlan, stopping: AbortSignal): () => Promise<void> {
  let part: ChildPart | undefined;
  const isStopping = (): boolean => stopping.aborted;

  async function startAgain(): Promise<ChildPart | undefined> {
    for (let pauseMs = PAUSE_MS; !isStopping(); pauseMs = FAILED_PAUSE_MS) {
      await pause(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
      if (isStopping()) return undefined;
      try {
        return await startChild(plan);
      } catch (error) {
        if (pauseMs === PAUSE_MS) showFault(`${error instanceof Error ? error.message : String(error)}; trying again`);
      }
    }
    return undefined;
  }

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
      part = await startAgain();
    }
    await part?.stop();
  }

  const watching = watch().catch((error: unknown) => showFault(error instanceof Error ? error.message : String(error)));
  return async () => {
    await part?.stop();
    await watching;
  };
}
