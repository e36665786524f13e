import fc from 'fast-check';
import { alternativesOf, missingFor, NO_NEEDS, type Needs } from '../supergraph/needs.ts';
import { findLoosened, isLooser } from './loosened.ts';

const scopes = (...lists: string[][]): Needs => ({ ...NO_NEEDS, scopes: [alternativesOf(lists) ?? []] });
const supergraph = (directive: string, more = ''): string =>
  `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY) @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY) { query: Query }
   type Query { book: Book } type Book { title: String ${directive} year: Int ${more} }`;

describe('isLooser', () => {
  it.each([
    ['nothing in place of a scope', scopes(['a']), NO_NEEDS, true],
    ['another scope', scopes(['a']), scopes(['b']), true],
    ['one of two scopes in place of both', scopes(['a', 'b']), scopes(['a']), true],
    ['a way more', scopes(['a']), scopes(['a'], ['b']), true],
    ['a scope in place of being signed in', { ...NO_NEEDS, authenticated: true }, scopes(['a']), true],
    ['both in place of one', scopes(['a']), scopes(['a', 'b']), false],
    ['a way less', scopes(['a'], ['b']), scopes(['a']), false],
    ['the same', scopes(['b', 'a']), scopes(['a', 'b']), false],
    ['something in place of nothing', NO_NEEDS, scopes(['a']), false],
  ])('tells whether a caller sees more: %s', (_, from, to, expected) => {
    expect(isLooser(from, to)).toBe(expected);
  });

  it('finds every holder who sees by the one and not by the other, and nobody else', () => {
    const names = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
    const needs = fc
      .record({ authenticated: fc.boolean(), lists: fc.array(names, { maxLength: 3 }) })
      .map(({ authenticated, lists }): Needs => {
        const alternatives = alternativesOf(lists);
        return { authenticated, scopes: alternatives === undefined ? [] : [alternatives], policies: [] };
      });
    const holders = Array.from({ length: 16 }, (_, bits) => ({
      authenticated: (bits & 8) !== 0,
      scopes: new Set(['a', 'b', 'c'].filter((__, at) => (bits & (1 << at)) !== 0)),
      policies: new Set<string>(),
    }));
    fc.assert(
      fc.property(needs, needs, (from, to) => {
        const isSeen = holders.some(
          (held) => missingFor(to, held) === undefined && missingFor(from, held) !== undefined,
        );
        expect(isLooser(from, to)).toBe(isSeen);
      }),
    );
  });
});

describe('findLoosened', () => {
  const read = '@requiresScopes(scopes: [["read"]])';

  it('names the fields that take less', () => {
    expect(findLoosened(supergraph(read), supergraph(''))).toEqual(['Book.title']);
    expect(findLoosened(supergraph(read), supergraph('@authenticated'))).toEqual(['Book.title']);
  });

  it('says nothing of a field that is gone, is new, or takes more', () => {
    expect(findLoosened(supergraph('', `pages: Int ${read}`), supergraph(''))).toEqual([]);
    expect(findLoosened(supergraph(''), supergraph('', `pages: Int ${read}`))).toEqual([]);
    expect(findLoosened(supergraph('@authenticated'), supergraph(`@authenticated ${read}`))).toEqual([]);
  });

  it('refuses a supergraph that asks for what nobody enforces', () => {
    const unknown = supergraph('').replace('requiresScopes/v0.1', 'requiresScopes/v9.0');
    expect(() => findLoosened(supergraph(''), unknown)).toThrow('v9.0');
  });
});
