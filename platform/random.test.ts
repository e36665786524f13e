import { drawBase62 } from './random.ts';

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
