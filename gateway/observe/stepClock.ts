// How long each step of a request takes, told once to the metrics and to the request's trace.
import type { Clock } from '../../platform/clock.ts';
import type { Observer, StepName } from './observer.ts';
import type { RequestTrace } from './requestTrace.ts';

/** Times steps, one after the other. */
export interface StepClock {
  /** When a step begins, on the steady clock. */
  begin(): number;
  /** Takes a step and when it began; gives when the next one begins. */
  end(step: StepName, startMs: number, trace: RequestTrace | undefined): number;
}

/** Opens a clock that tells the observer. */
export function openStepClock(observer: Observer, clock: Clock): StepClock {
  return {
    begin: () => clock.steadyMs(),
    end(step, startMs, trace) {
      const endMs = clock.steadyMs();
      observer.stepEnded(step, endMs - startMs);
      trace?.stepEnded(step, startMs, endMs);
      return endMs;
    },
  };
}
