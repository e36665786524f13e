// What the processes that share one caller's points have in common with the test that starts them.
import type { CallerLimits } from '../../gateway/caller.ts';

const limits: CallerLimits = {
  pointsPerSecond: 2_000,
  pointsBurst: 3_000,
  requestsPerSecond: 100_000,
  concurrentRequestsMax: 1_000,
  pointsPerDay: 1_000_000,
};

/** The one caller that all clients share. */
export const SHARED_CALLER = { id: 'key:shared', limits };

/** What one process was let spend, in units. */
export interface SpentReport {
  readonly charged: number;
  readonly refunded: number;
  readonly refusals: number;
  /** Charges while Redis did not keep the limits. */
  readonly alone: number;
}
