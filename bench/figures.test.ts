import { figuresLine, figuresOf } from './figures.ts';

describe('figuresOf', () => {
  it('takes the middle, the 99th of a hundred and the largest, whatever the order', () => {
    const times = Array.from({ length: 100 }, (_, at) => ((at * 37) % 100) + 1);
    expect(figuresOf(times)).toEqual({ count: 100, p50Ms: 50, p99Ms: 99, maxMs: 100 });
  });

  it('gives a single time for all figures, and zeros for none', () => {
    expect(figuresOf([7.126])).toEqual({ count: 1, p50Ms: 7.13, p99Ms: 7.13, maxMs: 7.13 });
    expect(figuresOf([])).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });

  it('reads as text', () => {
    expect(figuresLine(figuresOf([1, 2, 3]))).toBe('p50 2.0 ms, p99 3.0 ms, max 3.0 ms');
  });
});
