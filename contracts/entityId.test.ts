import fc from 'fast-check';
import { isIdOf, prefixOf } from './entityId.ts';

describe('entity ids', () => {
  it('knows an id by its prefix', () => {
    expect(isIdOf('cus', 'cus_0a1b2c3d')).toBe(true);
    expect(isIdOf('cus', 'ord_0a1b2c3d')).toBe(false);
    expect(prefixOf('ord_0a1b2c3d')).toBe('ord');
    expect(prefixOf('xyz_0a1b2c3d')).toBeUndefined();
  });

  it('takes no JSON value but a well-formed text', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof value === 'string' || !isIdOf('cus', value)));
    for (const text of ['', 'cus_', 'cus_UPPERCASE', 'cus_has space', `cus_${'a'.repeat(41)}`, 'cus_abcdef\n']) {
      expect(isIdOf('cus', text)).toBe(false);
    }
  });
});
