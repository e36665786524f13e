import fc from 'fast-check';
import { drawBase62, drawIdAt } from './random.ts';

describe('a text drawn in base62', () => {
  it('has its length, its 62 characters alone, and all of them about equally often', () => {
    const text = drawBase62(62_000);
    expect(text).toMatch(/^[0-9A-Za-z]{62000}$/);
    const counts = new Map<string, number>();
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 1,000 each is expected, with a deviation of 32: eight of them happen to nobody.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(256);
  });
});

describe('an id that begins with its time', () => {
  const moments = fc.date({ min: new Date(0), max: new Date(Date.UTC(2200, 0, 1)), noInvalidDate: true });

  it('sorts as its moment does, and is never drawn twice for one', () => {
    fc.assert(
      fc.property(moments, moments, (one, other) => {
        const [first, again, second] = [drawIdAt(one), drawIdAt(one), drawIdAt(other)];
        for (const id of [first, again, second]) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
        expect(again).not.toBe(first);
        expect(again.slice(0, 10)).toBe(first.slice(0, 10));
        if (one.getTime() !== other.getTime()) expect(first < second).toBe(one < other);
      }),
    );
  });
});
