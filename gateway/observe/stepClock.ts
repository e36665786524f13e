// How long each step of a request takes, told once to the metrics, to the request's trace and to its explanation.
import type { Clock } from '../../platform/clock.ts';
import type { Observer, StepName } from './observer.ts';
import type { RequestTrace } from './requestTrace.ts';

/** How long a step took. */
export interface TimedStep {
  readonly step: StepName;
  readonly ms: number;
}

/** The parts of a request that get to know of its steps. */
export interface TimedRequest {
  readonly trace: RequestTrace | undefined;
  /** There when the request asked where its time went. */
  readonly explanation: { readonly steps: TimedStep[] } | undefined;
}

/** Times steps, one after the other. */
export interface StepClock {
  /** When a step begins, on the steady clock. */
  begin(): number;
  /** Takes a step, when it began and whose it is; gives when the next one begins. */
  end(step: StepName, startMs: number, request: TimedRequest): number;
}

/** Opens a clock that tells the observer. */
export function openStepClock(observer: Observer, clock: Clock): StepClock {
  return {
    begin: () => clock.steadyMs(),
    end(step, startMs, { trace, explanation }) {
      const endMs = clock.steadyMs();
      observer.stepEnded(step, endMs - startMs);
      trace?.stepEnded(step, startMs, endMs);
      explanation?.steps.push({ step, ms: endMs - startMs });
      return endMs;
    },
  };
}
