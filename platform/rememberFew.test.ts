import { rememberFew } from './rememberFew.ts';

describe('what is read of a text that comes again', () => {
  it('is read once, also where nothing came of it', () => {
    const texts: string[] = [];
    const read = rememberFew((text) => {
      texts.push(text);
      return text === 'none' ? undefined : text.length;
    });
    expect(['none', 'three', 'none', 'three'].map(read)).toEqual([undefined, 5, undefined, 5]);
    expect(texts).toEqual(['none', 'three']);
  });

  it('is kept of a hundred texts, however many come', () => {
    let count = 0;
    const read = rememberFew(() => ++count);
    for (let at = 0; at < 1_000; at++) read(String(at));
    expect(read('99')).toBe(100);
    expect(read('100')).toBe(1_001);
  });
});
