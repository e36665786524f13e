// Charges a caller for an operation, before it is planned, and gives back what it did not cost. What the client is told
// of it: `RateLimit` and `RateLimit-Policy` as draft-ietf-httpapi-ratelimit-headers has them, and `extensions.cost`.
import type { ErrorCodeName } from '../../contracts/errorCodes.ts';
import type { Caller, CallerLimits } from '../caller.ts';
import { refuse, type Refusal } from '../requestState.ts';
import { DAY_MS, UNITS, waitFor, type Lease, type Levels, type LimitName, type PointStore } from './pointStore.ts';
import type { Verdict } from './pointStore.ts';

/** What stands in `extensions.cost`, in points. */
export interface CostReport {
  readonly requested: number;
  /** What it cost in the end; null for what did not run. */
  readonly actual: number | null;
  /** Absent for a caller without limits. */
  readonly throttleStatus?: { readonly maximum: number; readonly available: number; readonly restoreRate: number };
}

/** An operation that was charged. */
export interface Charge {
  /** What the answer carries of the caller's limits. */
  headers(): Readonly<Record<string, string>>;
  /**
   * Takes what it cost in points; gives the rest back, at once for the reader and soon for the store. The first call
   * counts, so that it can stand in a `finally`. More than was charged is not charged.
   */
  settle(actualPoints: number): CostReport;
}

/** A charge that was refused, with what `extensions.cost` tells of it. */
export interface ChargeRefusal extends Refusal {
  readonly cost: CostReport;
}

const CODES = {
  quota: 'QUOTA_EXHAUSTED',
  concurrent: 'RATE_LIMITED',
  requests: 'RATE_LIMITED',
  points: 'RATE_LIMITED',
} as const satisfies Record<LimitName, ErrorCodeName>;
const SENTENCES = {
  quota: "The day's quota of cost points is used up; it begins anew at 00:00 UTC.",
  concurrent: 'Too many operations of this caller run at once.',
  requests: 'Too many requests a second.',
  points: 'Too many cost points at once; they come back with time.',
} as const satisfies Record<LimitName, string>;

function toPoints(units: number): number {
  return Math.floor(Math.max(units, 0) / UNITS);
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1_000);
}

const policies = new WeakMap<CallerLimits, string>();

function policyOf(limits: CallerLimits): string {
  let policy = policies.get(limits);
  if (policy === undefined) {
    const { pointsBurst, pointsPerSecond, requestsPerSecond, pointsPerDay } = limits;
    const windowMs = waitFor(pointsBurst, pointsPerSecond / 1_000);
    policy = `"points";q=${Math.floor(pointsBurst)};w=${secondsOf(windowMs)}, "requests";q=${Math.floor(requestsPerSecond)};w=1`;
    if (pointsPerDay !== undefined) policy += `, "day";q=${Math.floor(pointsPerDay)};w=${DAY_MS / 1_000}`;
    policies.set(limits, policy);
  }
  return policy;
}

/** The levels as headers: `r` is what is left, `t` the seconds until all of it is there again. */
function headersOf(limits: CallerLimits, levels: Levels): Record<string, string> {
  const left = toPoints(levels.points);
  const fullMs = waitFor(limits.pointsBurst - levels.points / UNITS, limits.pointsPerSecond / 1_000);
  let limit = `"points";r=${left};t=${secondsOf(fullMs)}`;
  if (limits.pointsPerDay !== undefined) {
    const leftToday = toPoints(limits.pointsPerDay * UNITS - levels.spentToday);
    limit += `, "day";r=${leftToday};t=${secondsOf(levels.dayLeftMs)}`;
  }
  return { ratelimit: limit, 'ratelimit-policy': policyOf(limits) };
}

function reportOf(limits: CallerLimits, levels: Levels, requested: number, actual: number | null): CostReport {
  const maximum = Math.floor(limits.pointsBurst);
  const available = Math.min(maximum, toPoints(levels.points));
  return { requested, actual, throttleStatus: { maximum, available, restoreRate: limits.pointsPerSecond } };
}

class StoredCharge implements Charge {
  private readonly store: PointStore;
  private readonly lease: Lease;
  private readonly limits: CallerLimits;
  private readonly requested: number;
  private levels: Levels;
  private report: CostReport | undefined;

  constructor(store: PointStore, lease: Lease, limits: CallerLimits, levels: Levels) {
    this.store = store;
    this.lease = lease;
    this.limits = limits;
    this.levels = levels;
    this.requested = lease.units / UNITS;
  }

  headers(): Record<string, string> {
    return headersOf(this.limits, this.levels);
  }

  settle(actualPoints: number): CostReport {
    if (this.report !== undefined) return this.report;
    const { units, limits } = this.lease;
    const cost = Number.isFinite(actualPoints) ? Math.max(Math.ceil(actualPoints * UNITS), 0) : units;
    const refund = units - Math.min(cost, units);
    const { points, spentToday, dayLeftMs } = this.levels;
    this.levels = { points: Math.min(limits.pointsMax, points + refund), spentToday: spentToday - refund, dayLeftMs };
    this.report = reportOf(this.limits, this.levels, this.requested, (units - refund) / UNITS);
    void this.store.settle(this.lease, refund);
    return this.report;
  }
}

function unlimited(points: number): Charge {
  return {
    headers: () => ({}),
    settle: (actual) => ({ requested: points, actual: Math.min(Math.max(actual, 0), points) }),
  };
}

function tooDear(limits: CallerLimits, points: number): string | undefined {
  const max = Math.min(limits.pointsBurst, limits.pointsPerDay ?? Infinity);
  if (points <= max) return undefined;
  return `The operation costs ${points} points; this caller can spend ${Math.floor(max)} at once.`;
}

function judge(store: PointStore, limits: CallerLimits, points: number, verdict: Verdict): Charge | ChargeRefusal {
  const { lease, levels } = verdict;
  if (lease !== undefined) return new StoredCharge(store, lease, limits, levels);
  const { refusedBy, waitMs } = verdict;
  const headers = { ...headersOf(limits, levels), 'retry-after': String(Math.max(secondsOf(waitMs), 1)) };
  const refusal = refuse(CODES[refusedBy], SENTENCES[refusedBy], { headers });
  return { ...refusal, cost: reportOf(limits, levels, points, null) };
}

/**
 * Takes the caller and what the operation is estimated to cost, in points; gives the charge, which must be settled
 * whatever becomes of the operation, or the refusal: 429 `RATE_LIMITED` or `QUOTA_EXHAUSTED` with `Retry-After`, and
 * `OPERATION_TOO_LARGE` for what this caller can never afford. A promise only where the store asks Redis.
 */
export function chargePoints(
  store: PointStore,
  caller: Pick<Caller, 'id' | 'limits'>,
  points: number,
): Charge | Refusal | Promise<Charge | Refusal> {
  const { limits } = caller;
  if (limits === undefined) return unlimited(points);
  const dear = tooDear(limits, points);
  if (dear !== undefined) return refuse('OPERATION_TOO_LARGE', dear);
  const verdict = store.reserve(caller.id, limits, Math.ceil(points * UNITS));
  if (verdict instanceof Promise) return verdict.then((late) => judge(store, limits, points, late));
  return judge(store, limits, points, verdict);
}
