import fc from 'fast-check';
import { allOf, alternativesOf, missingFor, NO_NEEDS, textOf, type Needs } from './needs.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd');
const alternatives = fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
const needs = fc.record({
  authenticated: fc.boolean(),
  scopes: fc.array(alternatives, { maxLength: 3 }),
  policies: fc.array(alternatives, { maxLength: 2 }),
});
const names = fc.uniqueArray(name).map((list) => new Set(list));
const held = fc.record({ authenticated: fc.boolean(), scopes: names, policies: names });

function scopes(...all: string[][][]): Needs {
  return { ...NO_NEEDS, scopes: all };
}

describe('alternativesOf', () => {
  it('demands nothing for an empty list, and drops what asks for more than another alternative', () => {
    expect(alternativesOf([])).toBeUndefined();
    expect(alternativesOf([['a'], []])).toBeUndefined();
    expect(alternativesOf([['b', 'a', 'b'], ['a'], ['c']])).toEqual([['a'], ['c']]);
  });
});

describe('allOf', () => {
  it('is met exactly where each part is', () => {
    fc.assert(
      fc.property(fc.array(needs, { maxLength: 4 }), held, (parts, caller) => {
        const each = parts.every((part) => missingFor(part, caller) === undefined);
        expect(missingFor(allOf(parts), caller) === undefined).toBe(each);
      }),
    );
  });
});

describe('textOf', () => {
  it('is the same exactly for needs that the same callers meet', () => {
    expect(textOf(scopes([['s1'], ['s0', 's2']], [['s2'], ['s1', 's3']]))).toBe(
      textOf(
        scopes([
          ['s0', 's2'],
          ['s1', 's3'],
          ['s1', 's2'],
        ]),
      ),
    );
    expect(textOf(scopes([['a']], [['b']]))).not.toBe(textOf(scopes([['a'], ['b']])));
  });

  it('refuses needs that multiply out to too many alternatives', () => {
    const many = Array.from({ length: 13 }, (_, at) => [[`a${at}`], [`b${at}`]]);
    expect(() => textOf(scopes(...many))).toThrow('4096');
  });
});

describe('missingFor', () => {
  it('names each list of scopes that would do', () => {
    const missing = missingFor(scopes([['a', 'b'], ['c']], [['d']]), {
      authenticated: false,
      scopes: new Set(['a']),
      policies: new Set(),
    });
    expect(missing).toEqual({
      authentication: false,
      scopes: [
        ['b', 'd'],
        ['c', 'd'],
      ],
      policies: [],
    });
  });

  it('names scopes that, added, are enough', () => {
    fc.assert(
      fc.property(needs, held, (all, caller) => {
        const missing = missingFor(all, caller);
        if (missing === undefined) return;
        const enough = {
          authenticated: true,
          scopes: new Set([...caller.scopes, ...(missing.scopes[0] ?? [])]),
          policies: new Set([...caller.policies, ...(missing.policies[0] ?? [])]),
        };
        expect(missingFor(all, enough)).toBeUndefined();
      }),
    );
  });

  it('tells of the shortest way where there are too many to multiply out', () => {
    const many = Array.from({ length: 20 }, (_, at) => [[`a${at}`], [`b${at}`, `c${at}`]]);
    const missing = missingFor(scopes(...many), { authenticated: true, scopes: new Set(), policies: new Set() });
    expect(missing?.scopes).toEqual([many.map(([first]) => first?.[0]).sort()]);
  });
});
