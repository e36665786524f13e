// The gate of this process, by what may be too much for it: requests, plans that wait, a late event loop.
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { openIdleWatch, type LoopDelay, type LoopDelayLimits } from '../platform/eventLoop.ts';
import { LIMITS } from './admit/limits.ts';
import { openGate, type Gate } from './admit/shedLoad.ts';
import type { PlannerClient } from './plan/plannerClient.ts';

/** Takes the settings; gives how late the loop may be. A late loop counts as in time again below the half of that. */
export function loopDelayLimits(config: Config): LoopDelayLimits {
  const delayMsMax = config.CRM_LOOP_DELAY_MS_MAX ?? LIMITS.loopDelayMsMax.value;
  return { delayMsMax, recoveredMs: delayMsMax / 2, windowMs: 1_000, sampleEveryMs: 20 };
}

/** Opens the gate. The planner refuses whoever is one too many: the gate lets nobody further in from the half on. */
export function openGateFor(loopDelay: LoopDelay, planner: PlannerClient): Gate {
  return openGate({
    executingMax: LIMITS.operationsExecutingMax.value,
    inFlightMax: LIMITS.requestsInFlightMax.value,
    waitingMax: LIMITS.requestsWaitingMax.value,
    waitMsMax: LIMITS.requestWaitMsMax.value,
    clock: systemClock,
    hasRoom: () => planner.plansWaiting() < LIMITS.plansWaitingMax.value / 2,
    whenIdle: openIdleWatch(systemClock),
    isTooLate: () => loopDelay.isTooLate(),
  });
}
