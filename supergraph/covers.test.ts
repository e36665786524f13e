import fc from 'fast-check';
import { alternativesOf, covers, missingFor, NO_NEEDS, textOf, type Needs, type NeedsProduct } from './needs.ts';

const scopes = (...lists: string[][]): Needs => ({ ...NO_NEEDS, scopes: [alternativesOf(lists) ?? []] });
const policy = (name: string): Needs => ({ ...NO_NEEDS, policies: [[[name]]] });
const coversAll = (some: Needs, other: Needs): boolean =>
  covers(JSON.parse(textOf(some)) as NeedsProduct, JSON.parse(textOf(other)) as NeedsProduct);

describe('covers', () => {
  it.each([
    ['nothing in place of a scope', scopes(['a']), NO_NEEDS, true],
    ['another scope', scopes(['a']), scopes(['b']), true],
    ['one of two scopes in place of both', scopes(['a', 'b']), scopes(['a']), true],
    ['a way more', scopes(['a']), scopes(['a'], ['b']), true],
    ['a scope in place of being signed in', { ...NO_NEEDS, authenticated: true }, scopes(['a']), false],
    ['both in place of one', scopes(['a']), scopes(['a', 'b']), false],
    ['a way less', scopes(['a'], ['b']), scopes(['a']), false],
    ['the same', scopes(['b', 'a']), scopes(['a', 'b']), false],
    ['something in place of nothing', NO_NEEDS, scopes(['a']), false],
    ['a policy in place of being signed in', { ...NO_NEEDS, authenticated: true }, policy('p'), true],
  ])('tells whether a caller sees more: %s', (_, from, to, expected) => {
    expect(!coversAll(to, from)).toBe(expected);
  });

  it('finds every holder who sees by the one and not by the other, and nobody else', () => {
    const names = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
    const needs = fc
      .record({ authenticated: fc.boolean(), lists: fc.array(names, { maxLength: 3 }) })
      .map(({ authenticated, lists }): Needs => {
        const alternatives = alternativesOf(lists);
        return { authenticated, scopes: alternatives === undefined ? [] : [alternatives], policies: [] };
      });
    // Whoever has a scope is known.
    const holders = Array.from({ length: 16 }, (_, bits) => ({
      authenticated: bits > 0,
      scopes: new Set(['a', 'b', 'c'].filter((__, at) => (bits & (1 << at)) !== 0)),
      policies: new Set<string>(),
    }));
    fc.assert(
      fc.property(needs, needs, (from, to) => {
        const isSeen = holders.some(
          (held) => missingFor(to, held) === undefined && missingFor(from, held) !== undefined,
        );
        expect(!coversAll(to, from)).toBe(isSeen);
      }),
    );
  });
});
