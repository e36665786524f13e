import fc from 'fast-check';
import { fingerprintOf } from './fingerprint.ts';

const change = fc.record({
  code: fc.string(),
  coordinate: fc.option(fc.string(), { nil: undefined }),
  before: fc.option(fc.string(), { nil: undefined }),
  after: fc.option(fc.string(), { nil: undefined }),
});

describe('fingerprintOf', () => {
  it('gives 16 hexadecimal digits, the same in every version', () => {
    const known = { code: 'FIELD_REMOVED', coordinate: 'Customer.phone', before: 'String', after: undefined };
    expect(fingerprintOf(known)).toBe('45190b2a23efb843');
  });

  it('takes nothing but code, coordinate, before and after', () => {
    fc.assert(
      fc.property(change, fc.object(), (given, more) => {
        const reordered = Object.fromEntries(Object.entries({ ...more, ...given }).toReversed());
        expect(fingerprintOf({ ...given, ...reordered, ...given })).toBe(fingerprintOf(given));
      }),
    );
  });

  it('differs wherever one of the four differs', () => {
    fc.assert(
      fc.property(change, change, (left, right) => {
        const isSame = JSON.stringify(Object.values(left)) === JSON.stringify(Object.values(right));
        // JSON has null for undefined in a list and no value that a string could be taken for.
        expect(fingerprintOf(left) === fingerprintOf(right)).toBe(isSame);
      }),
    );
  });
});
