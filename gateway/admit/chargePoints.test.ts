// What a caller is told of its limits, and that a charge is settled once.
import { openHandClock } from '../../test/harness/handClock.ts';
import type { CallerLimits } from '../caller.ts';
import { isRefusal } from '../requestState.ts';
import { chargePoints, type Charge, type ChargeRefusal } from './chargePoints.ts';
import { openMemoryPoints } from './memoryPoints.ts';

const LIMITS: CallerLimits = {
  pointsPerSecond: 50,
  pointsBurst: 1_000,
  requestsPerSecond: 20,
  concurrentRequestsMax: 5,
  pointsPerDay: undefined,
};

function openStore(limits: CallerLimits | undefined = LIMITS) {
  const clock = openHandClock();
  const store = openMemoryPoints(clock, { callersMax: 100, leaseMs: 60_000 });
  const charge = (points: number): Charge => {
    const outcome = chargePoints(store, { id: 'key:a', limits }, points);
    if (outcome instanceof Promise || isRefusal(outcome)) throw new Error('it was not charged at once');
    return outcome;
  };
  const refusal = (points: number): ChargeRefusal => {
    const outcome = chargePoints(store, { id: 'key:a', limits }, points);
    if (outcome instanceof Promise || !isRefusal(outcome)) throw new Error('it was charged');
    return outcome as ChargeRefusal;
  };
  return { clock, charge, refusal };
}

it('tells what is left before and after the refund', () => {
  const { charge } = openStore();
  const made = charge(300);
  expect(made.headers()).toEqual({
    ratelimit: '"points";r=700;t=6',
    'ratelimit-policy': '"points";q=1000;w=20, "requests";q=20;w=1',
  });
  expect(made.settle(120)).toEqual({
    requested: 300,
    actual: 120,
    throttleStatus: { maximum: 1_000, available: 880, restoreRate: 50 },
  });
  expect(made.headers()['ratelimit']).toBe('"points";r=880;t=3');
});

it('settles once, and never more than was charged', () => {
  const { charge } = openStore();
  const made = charge(300);
  expect(made.settle(900)).toMatchObject({ actual: 300 });
  expect(made.settle(0)).toMatchObject({ actual: 300, throttleStatus: { available: 700 } });
  expect(charge(0).settle(-5)).toMatchObject({ actual: 0, throttleStatus: { available: 700 } });
  expect(charge(10).settle(NaN)).toMatchObject({ actual: 10 });
});

it('refuses with 429 RATE_LIMITED, when to come again, and the cost', () => {
  const { charge, refusal, clock } = openStore();
  charge(1_000).settle(1_000);
  expect(refusal(120)).toMatchObject({
    refused: 'RATE_LIMITED',
    headers: { 'retry-after': '3', ratelimit: '"points";r=0;t=20' },
    cost: { requested: 120, actual: null, throttleStatus: { available: 0 } },
  });
  clock.pass(3_000);
  charge(120);
});

it('refuses with 429 QUOTA_EXHAUSTED until the day ends', () => {
  const { charge, refusal } = openStore({ ...LIMITS, pointsPerDay: 400 });
  expect(charge(300).headers()).toMatchObject({
    ratelimit: '"points";r=700;t=6, "day";r=100;t=86399',
    'ratelimit-policy': '"points";q=1000;w=20, "requests";q=20;w=1, "day";q=400;w=86400',
  });
  expect(refusal(101)).toMatchObject({ refused: 'QUOTA_EXHAUSTED', headers: { 'retry-after': '86399' } });
});

it('refuses what the caller can never afford for good, and charges nothing', () => {
  const { charge, refusal } = openStore();
  expect(refusal(1_001)).toMatchObject({ refused: 'OPERATION_TOO_LARGE' });
  expect(charge(1_000).settle(0)).toMatchObject({ actual: 0 });
});

it('charges a caller without limits nothing and tells it no limits', () => {
  const store = openMemoryPoints(openHandClock(), { callersMax: 1, leaseMs: 1 });
  const made = chargePoints(store, { id: 'open', limits: undefined }, 70) as Charge;
  expect(made.headers()).toEqual({});
  expect(made.settle(30)).toEqual({ requested: 70, actual: 30 });
});
