import fc from 'fast-check';
import { customersIn, missingRanges } from './progress.ts';

describe('missingRanges', () => {
  it('gives every customer once when nothing is stored', () => {
    expect(missingRanges([], 700)).toEqual([
      { from: 0, to: 300 },
      { from: 300, to: 600 },
      { from: 600, to: 700 },
    ]);
  });

  it('goes on behind a range that was cut short', () => {
    const stored = [
      { from: 0, to: 300 },
      { from: 300, to: 500 },
    ];
    expect(missingRanges(stored, 700)).toEqual([
      { from: 500, to: 600 },
      { from: 600, to: 700 },
    ]);
    expect(missingRanges(stored, 500)).toEqual([]);
    expect(missingRanges(stored, 20)).toEqual([]);
  });

  it('covers each customer exactly once, however often the number grew and whatever was lost on the way', () => {
    const step = fc.record({ customers: fc.integer({ min: 1, max: 3_000 }), keep: fc.array(fc.boolean()) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
        const stored: { from: number; to: number }[] = [];
        for (const { customers, keep } of steps) {
          stored.push(...missingRanges(stored, customers).filter((_, at) => keep[at] ?? true));
        }
        stored.push(...missingRanges(stored, 3_000));
        const numbers = stored.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at));
        expect(new Set(numbers).size).toBe(3_000);
        expect(customersIn(stored)).toBe(3_000);
      }),
    );
  });
});
