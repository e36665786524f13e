import { parse } from 'graphql';
import { readAuthLinks } from './authLinks.ts';

const SPECS = 'https://specs.apollo.dev';

function read(...links: string[]) {
  const { directives, scalars } = readAuthLinks(
    parse(`schema ${links.join(' ')} { query: Query } type Query { a: Int }`),
  );
  return { directives: Object.fromEntries(directives), scalars: [...scalars] };
}

describe('readAuthLinks', () => {
  it.each([
    [`@link(url: "${SPECS}/requiresScopes/v0.1", for: SECURITY)`, 'requiresScopes'],
    [`@link(url: "${SPECS}/requiresScopes/v0.1", for: SECURITY)`, 'requiresScopes__requiresScopes'],
    [`@link(url: "${SPECS}/requiresScopes/v0.1", as: "auth")`, 'auth'],
    [`@link(url: "${SPECS}/requiresScopes/v0.1/", import: [{ name: "@requiresScopes", as: "@need" }])`, 'need'],
    [`@link(url: "${SPECS}/requiresScopes/v0.1", import: "@requiresScopes")`, 'requiresScopes'],
    [`@core(feature: "${SPECS}/requiresScopes/v0.1", for: SECURITY)`, 'requiresScopes'],
    [`@link(url: "${SPECS}/federation/v2.9")`, 'federation__requiresScopes'],
    [`@link(url: "${SPECS}/federation/v2.9", import: ["@key", "@requiresScopes"])`, 'requiresScopes'],
    [`@hook(url: "${SPECS}/requiresScopes/v0.1")`, 'requiresScopes'],
  ])('knows the directive that %s brings as @%s', (link, name) => {
    expect(read(link).directives[name]).toBe('requiresScopes');
  });

  it('goes by the address where one directive has the name of another', () => {
    const { directives } = read(
      `@link(url: "${SPECS}/policy/v0.1", import: [{ name: "@policy", as: "@authenticated" }])`,
      `@link(url: "${SPECS}/authenticated/v0.1", import: [{ name: "@authenticated", as: "@policy" }])`,
    );
    expect(directives).toMatchObject({ authenticated: 'policy', policy: 'authenticated' });
  });

  it('takes a directive of the same name from elsewhere for what it is', () => {
    expect(read('@link(url: "https://example.org/policy/v3.0", import: ["@policy"])').directives).toEqual({});
  });

  it('knows the scalars that come along, under the names that they have', () => {
    const link = `@link(url: "${SPECS}/policy/v0.1", as: "rules", import: [{ name: "Policy", as: "Rule" }])`;
    expect(read(link).scalars).toEqual(['rules__Scope', 'rules__Policy', 'Rule']);
  });

  it.each([
    [`@link(url: "${SPECS}/requiresScopes/v0.2", for: SECURITY)`, 'requiresScopes/v0.2'],
    [`@link(url: "${SPECS}/policy/v1.0")`, 'policy/v1.0'],
    ['@link(url: "https://example.org/clearance/v0.1", for: SECURITY)', 'clearance'],
    [`@link(url: "${SPECS}/inaccessible/v0.9", for: SECURITY)`, 'inaccessible/v0.9'],
    ['@core(feature: "https://example.org/clearance/v0.1", for: SECURITY)', 'clearance'],
  ])('refuses %s', (link, named) => {
    expect(() => read(link)).toThrow(named);
  });

  it('lets the features pass that others hold', () => {
    const links = [
      `@link(url: "${SPECS}/inaccessible/v0.2", for: SECURITY)`,
      `@link(url: "${SPECS}/context/v0.1", for: SECURITY)`,
    ];
    expect(read(...links).directives).toEqual({});
  });
});
