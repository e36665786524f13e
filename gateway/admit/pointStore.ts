// The port behind which callers' limits are kept: in memory for one gateway, in Redis for many. All amounts are whole
// numbers of millionths, so that a refund gives back exactly what was charged, and no rounding ever makes points.
import type { CallerLimits } from '../caller.ts';

/** One cost point, or one request, in the units that are counted. */
export const UNITS = 1_000_000;
/** Units a millisecond for each whole one a second. */
const UNITS_PER_MS = UNITS / 1_000;
/** The largest burst or quota, in points: with it all sums stay far below where whole numbers end. */
const POINTS_MAX = 1_000_000_000;
const RATE_MAX = 1_000_000;
/** The length of a day in milliseconds; days are those of UTC. */
export const DAY_MS = 86_400_000;
/** How long a caller over its concurrent operations is told to wait: how long operations take is not known. */
export const CONCURRENT_WAIT_MS = 1_000;

/** A caller's limits in units. */
export interface UnitLimits {
  readonly pointsPerMs: number;
  readonly pointsMax: number;
  readonly requestsPerMs: number;
  readonly requestsMax: number;
  readonly concurrentMax: number;
  /** -1 for no quota. */
  readonly perDay: number;
}

/** What a caller has left, in units. */
export interface Levels {
  readonly points: number;
  /** Spent on this day; charged and not refunded. */
  readonly spentToday: number;
  /** Milliseconds until the next day begins. */
  readonly dayLeftMs: number;
}

/** What refused a charge, the first that did in this order. */
export type LimitName = 'quota' | 'concurrent' | 'requests' | 'points';

/** An operation that was charged and runs. It ends by being settled, or by itself when its gateway died. */
export interface Lease {
  readonly id: string;
  readonly callerId: string;
  readonly limits: UnitLimits;
  readonly units: number;
  /** The day that it was charged to, counted from 1970. */
  readonly day: number;
}

/** What came of a charge; the levels are those after it. */
export type Verdict =
  | { readonly lease: Lease; readonly levels: Levels }
  | { readonly lease: undefined; readonly levels: Levels; readonly refusedBy: LimitName; readonly waitMs: number };

/** What keeps the limits. */
export interface PointStore {
  /** Charges an operation with `units`, or says why not; nothing is charged then. */
  reserve(callerId: string, limits: CallerLimits, units: number): Verdict | Promise<Verdict>;
  /**
   * Ends an operation and gives `refund` units of its charge back. The first time counts, for a lease that still is;
   * never rejects and need not be waited for.
   */
  settle(lease: Lease, refund: number): void | Promise<void>;
}

function bounded(value: number, max: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), max) : max;
}

/** Takes a caller's limits; gives them in units. */
export function toUnits(limits: CallerLimits): UnitLimits {
  const requests = bounded(limits.requestsPerSecond, RATE_MAX);
  return {
    pointsPerMs: Math.floor(bounded(limits.pointsPerSecond, RATE_MAX) * UNITS_PER_MS),
    pointsMax: Math.floor(bounded(limits.pointsBurst, POINTS_MAX) * UNITS),
    requestsPerMs: Math.floor(requests * UNITS_PER_MS),
    // One second of requests may come at once, and always one.
    requestsMax: Math.floor(Math.max(requests, 1) * UNITS),
    concurrentMax: Math.floor(bounded(limits.concurrentRequestsMax, RATE_MAX)),
    perDay: limits.pointsPerDay === undefined ? -1 : Math.floor(bounded(limits.pointsPerDay, POINTS_MAX) * UNITS),
  };
}

/**
 * Takes a caller's limits and a share from 0 to 1; gives the limits of one gateway that goes on alone. Whole things stay
 * at one at least, and a burst stays large enough for the operation that costs `pointsAtOnce`.
 */
export function shareOf(limits: CallerLimits, share: number, pointsAtOnce: number): CallerLimits {
  return {
    pointsPerSecond: limits.pointsPerSecond * share,
    pointsBurst: Math.max(limits.pointsBurst * share, Math.min(limits.pointsBurst, pointsAtOnce)),
    requestsPerSecond: limits.requestsPerSecond * share,
    concurrentRequestsMax: Math.max(Math.floor(limits.concurrentRequestsMax * share), 1),
    pointsPerDay: limits.pointsPerDay === undefined ? undefined : limits.pointsPerDay * share,
  };
}

/** Milliseconds until something that grows by `perMs` has grown by `missing`; a day where it never does. */
export function waitFor(missing: number, perMs: number): number {
  if (missing <= 0) return 0;
  return perMs <= 0 ? DAY_MS : Math.min(Math.ceil(missing / perMs), DAY_MS);
}
