import fc from 'fast-check';
import { CronFault, readCron } from './cron.ts';

const at = (text: string): number => new Date(text).getTime();
const texts = (times: readonly number[]): string[] => times.map((time) => new Date(time).toISOString());

describe('due times', () => {
  it('are due once at a fixed time that clocks pass twice', () => {
    const due = readCron('30 2 * * *', 'Europe/Berlin');
    expect(texts(due.between(at('2026-10-24T12:00Z'), at('2026-10-26T12:00Z'), 10))).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('are due right after an hour that clocks leave out', () => {
    const due = readCron('30 2 * * *', 'Europe/Berlin');
    expect(texts(due.between(at('2026-03-28T12:00Z'), at('2026-03-30T12:00Z'), 10))).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('go on every half hour while the clocks change', () => {
    const due = readCron('*/30 * * * *', 'Europe/Berlin');
    for (const day of ['2026-03-28T22:00Z', '2026-10-24T22:00Z']) {
      const found = due.between(at(day), at(day) + 6 * 3_600_000, 100);
      expect(found).toEqual(Array.from({ length: 12 }, (_, index) => at(day) + (index + 1) * 1_800_000));
    }
  });

  it('are the same walked forward and back, over every change of the clocks', () => {
    const patterns = ['*/7 * * * *', '30 2 * * *', '0 */2 * * *', '15 1-3 * * *', '0 0 1 * *', '*/5 * * * 1,7'];
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC', 'Asia/Kathmandu'];
    fc.assert(
      fc.property(
        fc.constantFrom(...patterns),
        fc.constantFrom(...zones),
        fc.integer({ min: at('2026-03-01T00:00Z'), max: at('2026-11-15T00:00Z') }),
        fc.integer({ min: 0, max: 86_400_000 }),
        (pattern, zone, fromMs, lengthMs) => {
          const due = readCron(pattern, zone);
          const walked: number[] = [];
          for (let next = due.nextAfter(fromMs); next !== undefined && next <= fromMs + lengthMs;) {
            walked.push(next);
            next = due.nextAfter(next);
          }
          expect(texts(due.between(fromMs, fromMs + lengthMs, 1_000))).toEqual(texts(walked));
          expect(due.between(fromMs, fromMs + lengthMs, 5)).toEqual(walked.slice(-5));
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    ['61 * * * *', 'UTC', /minute: 61/],
    ['* * * *', 'UTC', /5 or 6 parts|five, six/],
    ['0 0 30 2 *', 'UTC', /never due/],
    ['0 0 * * *', 'Europe/Atlantis', /no time zone "Europe\/Atlantis"/],
  ])('cannot be read of %s in %s', (text, zone, reason) => {
    expect(() => readCron(text, zone)).toThrow(CronFault);
    expect(() => readCron(text, zone)).toThrow(reason);
  });
});
