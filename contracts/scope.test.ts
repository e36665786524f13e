import fc from 'fast-check';
import { checkWithin, expandGrants, parseScope, ScopeError } from './scope.ts';

const KNOWN = ['customers:read', 'customers:read:pii', 'customers:write', 'orders:read', 'orders:read:totals'];

describe('a scope', () => {
  it('has a resource, a verb and perhaps a class', () => {
    expect(parseScope('orders:read')).toEqual({ resource: 'orders', verb: 'read', class: undefined });
    expect(parseScope('customers:read:pii')).toEqual({ resource: 'customers', verb: 'read', class: 'pii' });
  });

  it('is nothing else', () => {
    const wrong = [
      '',
      'orders',
      ':',
      'a:',
      ':b',
      'a:b:',
      'a:b:c:d',
      'a:*',
      '*',
      'a b:c',
      'a:b ',
      'a:b\n',
      `a:${'b'.repeat(127)}`,
    ];
    for (const text of wrong) expect({ text, scope: parseScope(text) }).toEqual({ text, scope: undefined });
  });
});

describe('granting', () => {
  it('expands a wildcard to the scopes of as many parts, so that none reaches a class unnamed', () => {
    expect(expandGrants(['customers:*'], KNOWN)).toEqual(['customers:read', 'customers:write']);
    expect(expandGrants(['*:read'], KNOWN)).toEqual(['customers:read', 'orders:read']);
    expect(expandGrants(['*:read:*'], KNOWN)).toEqual(['customers:read:pii', 'orders:read:totals']);
    expect(expandGrants(['*:*', 'orders:read', 'orders:*'], KNOWN)).toEqual([
      'customers:read',
      'customers:write',
      'orders:read',
    ]);
  });

  it('refuses by name what matches nothing, is no scope, or needs a graph to be expanded', () => {
    expect(() => expandGrants(['orders:read', 'invoices:*'], KNOWN)).toThrow('"invoices:*" matches none of the 5');
    expect(() => expandGrants(['orders:raed'], KNOWN)).toThrow('"orders:raed" matches none');
    expect(() => expandGrants(['ord*:read'], KNOWN)).toThrow('"ord*:read" is no scope');
    expect(() => expandGrants(['*'], KNOWN)).toThrow('"*" is no scope');
    expect(() => expandGrants(['orders:*'], undefined)).toThrow('"orders:*" can only be expanded with a supergraph');
    expect(expandGrants(['orders:read'], undefined)).toEqual(['orders:read']);
  });

  it('never gives a wildcard, nor a scope that the graph does not know', () => {
    const part = fc.constantFrom('*', 'customers', 'orders', 'read', 'write', 'pii');
    const grants = fc.array(fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(':')));
    fc.assert(
      fc.property(grants, (given) => {
        try {
          return expandGrants(given, KNOWN).every((scope) => KNOWN.includes(scope));
        } catch (error) {
          return error instanceof ScopeError;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses more than the creator holds, by name', () => {
    const held = new Set(['orders:read']);
    expect(() => checkWithin(['orders:read', 'customers:read'], held)).toThrow('customers:read');
    expect(() => checkWithin(['orders:read'], held)).not.toThrow();
    expect(() => checkWithin(['customers:read:pii'], undefined)).not.toThrow();
  });
});
