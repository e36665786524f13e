import fc from 'fast-check';
import { readCron, type DueTimes } from './cron.ts';
import { decideRuns, FIRE_ALL_MAX, MISFIRE_MS, MISFIRE_POLICIES } from './decideRuns.ts';

const START_MS = new Date('2026-03-28T22:00:00Z').getTime();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const due = readCron('*/5 * * * *', 'Europe/Berlin');

/** Due every five minutes, worked out without a calendar. */
const everyFiveMinutes: DueTimes = {
  nextAfter: (ms) => (Math.floor(ms / (5 * MINUTE_MS)) + 1) * 5 * MINUTE_MS,
  between(afterMs, uptoMs, max) {
    const found: number[] = [];
    for (let next = this.nextAfter(afterMs) ?? 0; next <= uptoMs; next += 5 * MINUTE_MS) found.push(next);
    return found.slice(-max);
  },
};

describe('what is run now', () => {
  it.each(MISFIRE_POLICIES)('is a due time that is on time, by %s', (misfire) => {
    const nowMs = START_MS + 5 * MINUTE_MS + MISFIRE_MS;
    expect(decideRuns({ due, misfire }, START_MS, nowMs)).toEqual({
      ...{ run: [START_MS + 5 * MINUTE_MS], decidedMs: START_MS + 5 * MINUTE_MS, skipped: 0 },
    });
  });

  it('is one of all that were misfired, by fireOnceNow', () => {
    const decision = decideRuns({ due, misfire: 'fireOnceNow' }, START_MS, START_MS + 62 * MINUTE_MS);
    expect(decision).toEqual({ run: [START_MS + HOUR_MS], decidedMs: START_MS + HOUR_MS, skipped: 11 });
  });

  it('is none that was misfired, by doNothing', () => {
    expect(decideRuns({ due, misfire: 'doNothing' }, START_MS, START_MS + 62 * MINUTE_MS).run).toEqual([]);
    const later = decideRuns({ due, misfire: 'doNothing' }, START_MS, START_MS + 65 * MINUTE_MS);
    expect(later).toEqual({ run: [START_MS + 65 * MINUTE_MS], decidedMs: START_MS + 65 * MINUTE_MS, skipped: 12 });
  });

  it('is each that was misfired, the newest hundred of them, by fireAll', () => {
    const { run, skipped } = decideRuns({ due, misfire: 'fireAll' }, START_MS, START_MS + 24 * HOUR_MS);
    expect(run).toHaveLength(FIRE_ALL_MAX);
    expect(run.at(-1)).toBe(START_MS + 24 * HOUR_MS);
    expect(skipped).toBe(288 - FIRE_ALL_MAX);
  });

  it('is nothing while a clock that was set back has not passed what was decided', () => {
    const nowMs = START_MS - HOUR_MS;
    expect(decideRuns({ due, misfire: 'fireAll' }, START_MS, nowMs)).toEqual({
      ...{ run: [], decidedMs: START_MS, skipped: 0 },
    });
  });

  it('goes on with the time of day when what was decided lies years ahead', () => {
    const nowMs = START_MS;
    const { decidedMs } = decideRuns({ due, misfire: 'fireAll' }, START_MS + 10 * 365 * 24 * HOUR_MS, nowMs);
    expect(decideRuns({ due, misfire: 'fireAll' }, decidedMs, nowMs + 5 * MINUTE_MS).run).toHaveLength(1);
  });

  it('is never a due time twice, and with fireAll none is left out, whatever the clock does', () => {
    const steps = fc.array(fc.integer({ min: -HOUR_MS, max: HOUR_MS }), { minLength: 5, maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.constantFrom(...MISFIRE_POLICIES), (moves, misfire) => {
        let [nowMs, decidedMs] = [START_MS, START_MS];
        let furthestMs = START_MS;
        const ran: number[] = [];
        for (const move of moves) {
          nowMs = Math.max(nowMs + move, START_MS);
          furthestMs = Math.max(furthestMs, nowMs);
          const decision = decideRuns({ due: everyFiveMinutes, misfire }, decidedMs, nowMs);
          ran.push(...decision.run);
          decidedMs = decision.decidedMs;
        }
        expect(new Set(ran).size).toBe(ran.length);
        expect(ran).toEqual([...ran].sort((left, right) => left - right));
        if (misfire === 'fireAll') expect(ran).toEqual(everyFiveMinutes.between(START_MS, furthestMs, 10_000));
      }),
      { numRuns: 300 },
    );
  });
});
