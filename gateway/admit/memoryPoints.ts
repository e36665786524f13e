// Callers' limits in the memory of one gateway: no promise, no timer, and a bounded number of callers. The buckets fill
// by the steady clock, so a clock that is set gives nothing; the day is that of UTC and never goes back.
import type { Clock } from '../../platform/clock.ts';
import type { CallerLimits } from '../caller.ts';
import {
  CONCURRENT_WAIT_MS,
  DAY_MS,
  toUnits,
  UNITS,
  waitFor,
  type Lease,
  type Levels,
  type LimitName,
  type PointStore,
  type UnitLimits,
  type Verdict,
} from './pointStore.ts';

/** How the memory is bounded. */
export interface MemoryOptions {
  /** How many callers are kept. */
  readonly callersMax: number;
  /** How long an operation can run: after it, it counts as ended. */
  readonly leaseMs: number;
}

interface HeldLease extends Lease {
  readonly account: Account;
  readonly endsAtMs: number;
}

/** What is kept of one caller. */
interface Account {
  limits: UnitLimits;
  points: number;
  requests: number;
  /** When the buckets were filled, in whole milliseconds of the steady clock. */
  atMs: number;
  day: number;
  spentToday: number;
  /** The operations that run, the earliest first. */
  readonly leases: Set<HeldLease>;
}

/** How many callers are looked at for one that can be forgotten. */
const LOOKED_AT = 32;
/** Callers beyond those that are kept share one account: neither can they reset theirs, nor are they locked out. */
const OTHERS = '(others)';

/** Limits kept in memory; every method answers at once. */
export interface MemoryPoints extends PointStore {
  reserve(callerId: string, limits: CallerLimits, units: number): Verdict;
  settle(lease: Lease, refund: number): void;
  /** How many callers are kept. */
  readonly callers: number;
}

class Accounts implements MemoryPoints {
  /** In the order of their last use. */
  private readonly accounts = new Map<string, Account>();
  private readonly units = new WeakMap<CallerLimits, UnitLimits>();
  private readonly clock: Clock;
  private readonly options: MemoryOptions;
  private leasesMade = 0;

  constructor(clock: Clock, options: MemoryOptions) {
    this.clock = clock;
    this.options = options;
  }

  get callers(): number {
    return this.accounts.size;
  }

  reserve(callerId: string, limits: CallerLimits, units: number): Verdict {
    const nowMs = Math.floor(this.clock.steadyMs());
    const wallMs = this.clock.now().getTime();
    const account = this.accountOf(callerId, this.unitsOf(limits), nowMs, wallMs);
    refresh(account, nowMs, Math.floor(wallMs / DAY_MS));
    const refused = judge(account, units, wallMs);
    if (refused !== undefined) return { lease: undefined, levels: levelsOf(account, wallMs), ...refused };
    account.points -= units;
    account.requests -= UNITS;
    account.spentToday += units;
    const { day, limits: unitLimits } = account;
    const endsAtMs = nowMs + this.options.leaseMs;
    const lease = { id: String(++this.leasesMade), callerId, limits: unitLimits, units, day, account, endsAtMs };
    account.leases.add(lease);
    return { lease, levels: levelsOf(account, wallMs) };
  }

  settle(lease: Lease, refund: number): void {
    const { account, endsAtMs } = lease as HeldLease;
    if (!account.leases.delete(lease as HeldLease) || endsAtMs <= Math.floor(this.clock.steadyMs())) return;
    account.points = Math.min(lease.limits.pointsMax, account.points + refund);
    if (account.day === lease.day) account.spentToday -= refund;
  }

  private unitsOf(limits: CallerLimits): UnitLimits {
    let units = this.units.get(limits);
    if (units === undefined) this.units.set(limits, (units = toUnits(limits)));
    return units;
  }

  private accountOf(callerId: string, limits: UnitLimits, nowMs: number, wallMs: number): Account {
    const known = this.accounts.get(callerId);
    if (known !== undefined) {
      this.accounts.delete(callerId);
      this.accounts.set(callerId, known);
      known.limits = limits;
      return known;
    }
    if (this.accounts.size >= this.options.callersMax && callerId !== OTHERS && !this.forgetOne(nowMs, wallMs)) {
      return this.accountOf(OTHERS, limits, nowMs, wallMs);
    }
    const account = {
      limits,
      points: limits.pointsMax,
      requests: limits.requestsMax,
      atMs: nowMs,
      day: 0,
      spentToday: 0,
      leases: new Set<HeldLease>(),
    };
    this.accounts.set(callerId, account);
    return account;
  }

  /** Forgets callers that are as if they had never come, of those whose last use is longest ago. */
  private forgetOne(nowMs: number, wallMs: number): boolean {
    const sizeBefore = this.accounts.size;
    let looked = 0;
    for (const [id, account] of this.accounts) {
      if (++looked > LOOKED_AT) break;
      refresh(account, nowMs, Math.floor(wallMs / DAY_MS));
      if (isUnused(account)) this.accounts.delete(id);
    }
    return this.accounts.size < sizeBefore;
  }
}

/** Brings an account to this moment. */
function refresh(account: Account, nowMs: number, day: number): void {
  const { limits, leases } = account;
  const passedMs = Math.max(nowMs - account.atMs, 0);
  account.points = Math.min(limits.pointsMax, account.points + passedMs * limits.pointsPerMs);
  account.requests = Math.min(limits.requestsMax, account.requests + passedMs * limits.requestsPerMs);
  account.atMs += passedMs;
  if (day > account.day) {
    account.day = day;
    account.spentToday = 0;
  }
  for (const lease of leases) {
    if (lease.endsAtMs > nowMs) break;
    leases.delete(lease);
  }
}

function isUnused({ limits, points, requests, spentToday, leases }: Account): boolean {
  const isFull = points >= limits.pointsMax && requests >= limits.requestsMax;
  return isFull && leases.size === 0 && (limits.perDay < 0 || spentToday === 0);
}

function dayLeftMs(account: Account, wallMs: number): number {
  return (account.day + 1) * DAY_MS - wallMs;
}

function judge(
  account: Account,
  units: number,
  wallMs: number,
): { readonly refusedBy: LimitName; readonly waitMs: number } | undefined {
  const { limits } = account;
  if (limits.perDay >= 0 && account.spentToday + units > limits.perDay) {
    return { refusedBy: 'quota', waitMs: dayLeftMs(account, wallMs) };
  }
  if (account.leases.size >= limits.concurrentMax) return { refusedBy: 'concurrent', waitMs: CONCURRENT_WAIT_MS };
  if (account.requests < UNITS) {
    return { refusedBy: 'requests', waitMs: waitFor(UNITS - account.requests, limits.requestsPerMs) };
  }
  if (account.points < units) {
    return { refusedBy: 'points', waitMs: waitFor(units - account.points, limits.pointsPerMs) };
  }
  return undefined;
}

function levelsOf(account: Account, wallMs: number): Levels {
  return { points: account.points, spentToday: account.spentToday, dayLeftMs: dayLeftMs(account, wallMs) };
}

/** Opens limits in memory: all callers full. */
export function openMemoryPoints(clock: Clock, options: MemoryOptions): MemoryPoints {
  return new Accounts(clock, options);
}
