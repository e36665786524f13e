import { findLoosened } from './loosened.ts';

const supergraph = (directive: string, more = ''): string =>
  `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY) @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY) { query: Query }
   type Query { book: Book } type Book { title: String ${directive} year: Int ${more} }`;

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
