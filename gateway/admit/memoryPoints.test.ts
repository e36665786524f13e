// The arithmetic of limits in memory: exact sums, bounds, time that goes back, and a memory that is full.
import fc from 'fast-check';
import { openHandClock } from '../../test/harness/handClock.ts';
import type { CallerLimits } from '../caller.ts';
import { openMemoryPoints } from './memoryPoints.ts';
import { shareOf, toUnits, UNITS, waitFor, type Lease } from './pointStore.ts';

const LIMITS: CallerLimits = {
  pointsPerSecond: 10,
  pointsBurst: 100,
  requestsPerSecond: 1_000,
  concurrentRequestsMax: 1_000,
  pointsPerDay: undefined,
};
const OPTIONS = { callersMax: 10, leaseMs: 60_000 };

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('reserve' as const), points: fc.integer({ min: 0, max: 120 }) }),
    fc.record({ do: fc.constant('settle' as const), at: fc.nat(50), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  ),
  { maxLength: 60 },
);

describe('limits in memory', () => {
  it('keeps charges less refunds equal to what was spent, never below nothing nor above the burst', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const clock = openHandClock();
        const points = openMemoryPoints(clock, { ...OPTIONS, leaseMs: 10_000_000 });
        const leases: Lease[] = [];
        let spent = 0;
        for (const step of history) {
          if (step.do === 'pass') clock.pass(step.ms);
          if (step.do === 'reserve') {
            const verdict = points.reserve('a', LIMITS, step.points * UNITS);
            if (verdict.lease !== undefined) {
              leases.push(verdict.lease);
              spent += step.points * UNITS;
            }
            expect(verdict.levels.points).toBeGreaterThanOrEqual(0);
            expect(verdict.levels.points).toBeLessThanOrEqual(100 * UNITS);
            expect(verdict.levels.spentToday).toBe(spent);
          }
          if (step.do === 'settle') {
            const lease = leases.splice(step.at % Math.max(leases.length, 1), 1)[0];
            if (lease === undefined) continue;
            const refund = Math.floor(lease.units * step.part);
            points.settle(lease, refund);
            points.settle(lease, refund);
            spent -= refund;
          }
        }
      }),
    );
  });

  it('admits no more than the burst and what came back, whatever is asked and when', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const clock = openHandClock();
        const points = openMemoryPoints(clock, OPTIONS);
        let admitted = 0;
        let passedMs = 0;
        for (const step of history) {
          if (step.do === 'pass') {
            clock.pass(step.ms);
            passedMs += step.ms;
          }
          if (step.do !== 'reserve') continue;
          if (points.reserve('a', LIMITS, step.points * UNITS).lease !== undefined) admitted += step.points;
          expect(admitted).toBeLessThanOrEqual(100 + (10 * passedMs) / 1_000);
        }
      }),
    );
  });

  it('says how long to wait, and admits then and not a millisecond before', () => {
    const clock = openHandClock();
    const points = openMemoryPoints(clock, OPTIONS);
    points.reserve('a', LIMITS, 100 * UNITS);
    const refused = points.reserve('a', LIMITS, 7 * UNITS);
    expect(refused).toMatchObject({ lease: undefined, refusedBy: 'points', waitMs: 700 });
    clock.pass(699);
    expect(points.reserve('a', LIMITS, 7 * UNITS).lease).toBeUndefined();
    clock.pass(1);
    expect(points.reserve('a', LIMITS, 7 * UNITS).lease).toBeDefined();
  });

  it('holds requests a second and operations at once, and frees what its gateway never ended', () => {
    const clock = openHandClock();
    const points = openMemoryPoints(clock, OPTIONS);
    const limits = { ...LIMITS, requestsPerSecond: 3, concurrentRequestsMax: 2 };
    const first = points.reserve('a', limits, 0);
    points.reserve('a', limits, 0);
    expect(points.reserve('a', limits, 0)).toMatchObject({ refusedBy: 'concurrent' });
    if (first.lease !== undefined) points.settle(first.lease, 0);
    expect(points.reserve('a', limits, 0).lease).toBeDefined();
    clock.pass(60_000);
    for (const expected of [true, true, false]) {
      expect(points.reserve('a', limits, 0).lease !== undefined).toBe(expected);
    }
    const other = { ...limits, concurrentRequestsMax: 100 };
    points.reserve('b', other, 0);
    points.reserve('b', other, 0);
    points.reserve('b', other, 0);
    expect(points.reserve('b', other, 0)).toMatchObject({ refusedBy: 'requests', waitMs: 334 });
  });

  it('keeps a day that neither a clock set back nor a refund of yesterday loosens', () => {
    const steady = openHandClock();
    let wallMs = Date.UTC(2026, 0, 2, 23, 59, 59);
    const points = openMemoryPoints({ ...steady, now: () => new Date(wallMs) }, OPTIONS);
    const limits = { ...LIMITS, pointsPerDay: 50 };
    const yesterday = points.reserve('a', limits, 50 * UNITS).lease;
    expect(points.reserve('a', limits, UNITS)).toMatchObject({ refusedBy: 'quota', waitMs: 1_000 });
    wallMs += 1_000;
    expect(points.reserve('a', limits, 30 * UNITS).lease).toBeDefined();
    if (yesterday !== undefined) points.settle(yesterday, 50 * UNITS);
    expect(points.reserve('a', limits, 21 * UNITS)).toMatchObject({ refusedBy: 'quota' });
    wallMs -= 86_400_000;
    expect(points.reserve('a', limits, 21 * UNITS)).toMatchObject({ refusedBy: 'quota' });
  });

  it('forgets full callers alone, so that many callers never reset one', () => {
    const clock = openHandClock();
    const points = openMemoryPoints(clock, { callersMax: 10, leaseMs: 1_000 });
    const spent = points.reserve('spent', LIMITS, 100 * UNITS);
    if (spent.lease !== undefined) points.settle(spent.lease, 0);
    for (let at = 0; at < 100; at++) {
      const { lease } = points.reserve(`other${at}`, LIMITS, UNITS);
      if (lease !== undefined) points.settle(lease, at % 2 === 0 ? UNITS : 0);
    }
    expect(points.callers).toBeLessThanOrEqual(11);
    expect(points.reserve('spent', LIMITS, UNITS)).toMatchObject({ refusedBy: 'points' });
    clock.pass(10_000);
    points.reserve('late', LIMITS, UNITS);
    expect(points.callers).toBeLessThanOrEqual(3);
  });

  it('lets callers for whom there is no room share one account', () => {
    const points = openMemoryPoints(openHandClock(), { callersMax: 1, leaseMs: 1_000 });
    points.reserve('kept', LIMITS, UNITS);
    expect(points.reserve('b', LIMITS, 60 * UNITS).lease).toBeDefined();
    expect(points.reserve('c', LIMITS, 60 * UNITS).lease).toBeUndefined();
  });
});

describe('units', () => {
  it('bounds limits that are no sensible numbers', () => {
    const odd = { ...LIMITS, pointsPerSecond: -1, pointsBurst: Infinity, requestsPerSecond: 0, pointsPerDay: 0 };
    expect(toUnits(odd)).toEqual({
      pointsPerMs: 0,
      pointsMax: 1e15,
      requestsPerMs: 0,
      requestsMax: UNITS,
      concurrentMax: 1_000,
      perDay: 0,
    });
    expect(waitFor(1, 0)).toBe(86_400_000);
    expect(waitFor(0, 0)).toBe(0);
  });

  it('gives shares that add up to no more than the rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 50 }), (rate, gateways) => {
        const whole = toUnits({ ...LIMITS, pointsPerSecond: rate });
        const part = toUnits(shareOf({ ...LIMITS, pointsPerSecond: rate }, 1 / gateways, 50));
        expect(part.pointsPerMs * gateways).toBeLessThanOrEqual(whole.pointsPerMs);
        expect(part.pointsMax).toBeGreaterThanOrEqual(50 * UNITS);
        expect(part.concurrentMax).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
