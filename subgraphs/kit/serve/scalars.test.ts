import fc from 'fast-check';
import { Kind } from 'graphql';
import { DateTime, SafeInt } from './scalars.ts';

describe('DateTime', () => {
  it('gives back every moment in its one form', () => {
    const moments = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
    fc.assert(
      fc.property(moments, (moment) => DateTime.parseValue(DateTime.serialize(moment)).getTime() === moment.getTime()),
    );
  });

  it.each([
    '2026-01-01',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.000+01:00',
    '2026-02-30T00:00:00.000Z',
    '',
    0,
    null,
    {},
  ])('refuses %j', (value) => {
    expect(() => DateTime.parseValue(value)).toThrow('UTC with milliseconds');
  });
});

describe('SafeInt', () => {
  it('takes whole numbers up to 2^53-1 and refuses the next', () => {
    expect(SafeInt.parseValue(9_007_199_254_740_991)).toBe(9_007_199_254_740_991);
    for (const value of [9_007_199_254_740_992, 1.5, '1', null, Number.NaN]) {
      expect(() => SafeInt.parseValue(value)).toThrow('whole number');
    }
    expect(() => SafeInt.parseLiteral({ kind: Kind.FLOAT, value: '1.5' }, {})).toThrow('whole number');
  });
});
