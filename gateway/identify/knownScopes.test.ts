import { readKnownScopes } from './knownScopes.ts';

const sdl = (link: string, name: string): string => `
schema @link(url: "https://specs.apollo.dev/link/v1.0") ${link} { query: Query }
directive @${name}(scopes: [[Scope!]!]!) on FIELD_DEFINITION
type Query {
  a: Int @${name}(scopes: [["orders:read", "customers:read"], ["admin:all"]])
  b: Int @${name}(scopes: [["orders:read"]]) @tag(name: "not:this")
}`;

describe('the scopes that a supergraph knows', () => {
  it('are those of @requiresScopes, each once, sorted', () => {
    const text = sdl('@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)', 'requiresScopes');
    expect(readKnownScopes(text)).toEqual(['admin:all', 'customers:read', 'orders:read']);
  });

  it('are found where the directive is renamed', () => {
    const link =
      '@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", import: [{name: "@requiresScopes", as: "@need"}])';
    expect(readKnownScopes(sdl(link, 'need'))).toEqual(['admin:all', 'customers:read', 'orders:read']);
  });

  it('are none where nothing is asked for', () => {
    expect(readKnownScopes('type Query { a: Int }')).toEqual([]);
  });
});
