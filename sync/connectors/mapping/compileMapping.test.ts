import fc from 'fast-check';
import type { ConfigFault } from '../config/positionedYaml.ts';
import { compileMapping } from './compileMapping.ts';
import { readInputTypes } from './inputTypes.ts';
import { momentReader } from './moments.ts';

const TYPES = readInputTypes(`
  scalar DateTime scalar SafeInt
  enum Channel { EMAIL SMS }
  input Line { sku: String! quantity: Int! }
  input Address { city: String countryCode: String! }
  input Thing {
    id: String! name: String count: Int amount: SafeInt isOn: Boolean at: DateTime channel: Channel
    customerId: ID address: Address lines: [Line!] tags: [String!] withDefault: Int! = 3
  }
`);

function map(fields: object, record: Readonly<Record<string, unknown>>, known: Readonly<Record<string, string>> = {}) {
  const faults: ConfigFault[] = [];
  const mapping = compileMapping({ id: 'id', ...fields }, 'Thing', [], { types: TYPES, isText: false, faults });
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
  return mapping.toInput({ id: 'a', ...record }, ({ source, id }) => known[`${source}:${id}`]);
}

function amount(digits: number | string) {
  return { amount: { column: 'x', transforms: [{ minorUnits: digits }] } };
}

describe('a mapping', () => {
  it.each<[string, object, Readonly<Record<string, unknown>>, object]>([
    ['a column as it is', { name: 'x' }, { x: 'b' }, { name: 'b' }],
    ['a number as the text of an id', { name: 'x' }, { x: 7 }, { name: '7' }],
    ['an absent column: the field stays', { name: 'x' }, {}, {}],
    ['an empty column: the field is emptied', { name: 'x' }, { x: '' }, { name: null }],
    ['a default for what is empty', { name: { column: 'x', default: 'none' } }, { x: '' }, { name: 'none' }],
    ['a constant', { channel: { constant: 'SMS' } }, {}, { channel: 'SMS' }],
    [
      'transforms one after the other',
      { name: { column: 'x', transforms: ['trim', 'lower'] } },
      { x: ' AbC ' },
      { name: 'abc' },
    ],
    ['a number', { count: { column: 'x', transforms: ['number'] } }, { x: '-12' }, { count: -12 }],
    ['a boolean', { isOn: { column: 'x', transforms: ['boolean'] } }, { x: 'Yes' }, { isOn: true }],
    ['an amount in hundredths', amount('EUR'), { x: '10.99' }, { amount: 1_099 }],
    ['an amount without decimals', amount('JPY'), { x: '1099' }, { amount: 1_099 }],
    ['an amount in thousandths', amount('KWD'), { x: '-1.5' }, { amount: -1_500 }],
    [
      'values by name',
      { channel: { column: 'x', transforms: [{ map: { mail: 'EMAIL' } }] } },
      { x: 'mail' },
      { channel: 'EMAIL' },
    ],
    ['a Date', { at: 'x' }, { x: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['an inner column', { name: 'a.b' }, { a: { b: 'c' } }, { name: 'c' }],
    ['an object', { address: { fields: { countryCode: 'c' } } }, { c: 'DE' }, { address: { countryCode: 'DE' } }],
    [
      'an object of empty columns: none',
      { address: { fields: { city: 'x', countryCode: 'c' } } },
      { c: '', x: '' },
      { address: null },
    ],
    [
      'a list of objects',
      { lines: { each: 'l', fields: { sku: 's', quantity: 'q' } } },
      { l: [{ s: 'a', q: 1 }] },
      { lines: [{ sku: 'a', quantity: 1 }] },
    ],
    ['a list of columns', { tags: ['x', 'y'] }, { x: 'a', y: '' }, { tags: ['a'] }],
    [
      'a customer by another name',
      { customerId: { lookup: 'customers', source: 'shop', column: 'x' } },
      { x: 7 },
      { customerId: 'cus_7' },
    ],
  ])('makes %s', (_, fields, record, expected) => {
    expect(map(fields, record, { 'shop:7': 'cus_7' })).toEqual({ id: 'a', ...expected });
  });

  it.each<[string, object, Readonly<Record<string, unknown>>, string]>([
    ['a required field that is empty', {}, { id: '' }, 'id is missing'],
    ['text for a number', { count: 'x' }, { x: '7' }, 'count expects a whole number, the source has a text'],
    ['what is no number', { count: { column: 'x', transforms: ['number'] } }, { x: '7a' }, 'count is no number'],
    [
      'a number with more digits than it holds',
      { name: 'x' },
      JSON.parse('{"x":1234567890123456789}') as Record<string, unknown>,
      'name is a number too large to be exact',
    ],
    ['a number that is none', { name: 'x' }, { x: Number.NaN }, 'name is no number that there is'],
    ['a Date that is none', { name: 'x' }, { x: new Date('0000-00-00') }, 'name is no date that there is'],
    [
      'a Date that is none, for a moment',
      { at: { column: 'x', transforms: [{ date: 'iso' }] } },
      { x: new Date('0000-00-00') },
      'at is no date that there is',
    ],
    [
      'an id that nobody can have',
      { customerId: { lookup: 'customers', source: 'shop', column: 'x' } },
      { x: 'z'.repeat(201) },
      'customerId is too long for an id',
    ],
    ['a number beyond 32 bits', { count: 'x' }, { x: 3e9 }, 'count expects a whole number'],
    ['too many decimals', amount('EUR'), { x: '1.005' }, 'amount has more than 2 decimal places'],
    [
      'a value that map does not name',
      { channel: { column: 'x', transforms: [{ map: { a: 'SMS' } }] } },
      { x: 'b' },
      'channel is none of the values',
    ],
    [
      'an unknown customer',
      { customerId: { lookup: 'customers', source: 'shop', column: 'x' } },
      { x: 'z' },
      'customerId names a customer that is not known',
    ],
    ['an object for a text', { name: 'x' }, { x: {} }, 'name expects a text, the source has an object'],
    [
      'an inner required field',
      { address: { fields: { city: 'x', countryCode: 'c' } } },
      { x: 'B', c: '' },
      'address countryCode is missing',
    ],
  ])('refuses a record with %s', (_, fields, record, reason) => {
    expect(() => map(fields, record)).toThrow(reason);
  });

  it('never tells a value of the source in a reason', () => {
    const values = fc.string({ minLength: 6, maxLength: 20 }).filter((text) => !/^[+-]?[\d.eE+-]+$/.test(text.trim()));
    fc.assert(
      fc.property(values, (value) => {
        const secret = `§${value}§`;
        for (const transform of ['number', 'boolean', { minorUnits: 'EUR' }, { date: { format: 'iso' } }]) {
          const field = { column: 'x', transforms: [transform] };
          const made = (): unknown =>
            map(
              {
                [typeof transform === 'string'
                  ? transform === 'number'
                    ? 'count'
                    : 'isOn'
                  : 'minorUnits' in transform
                    ? 'amount'
                    : 'at']: field,
              },
              { x: secret },
            );
          expect(made).toThrow(
            expect.objectContaining({ message: expect.not.stringContaining(secret) as string }) as Error,
          );
        }
      }),
    );
  });

  it('keeps every amount exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (minor) => {
        const digits = String(Math.abs(minor)).padStart(3, '0');
        const text = `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
        expect(map(amount('EUR'), { x: text })).toMatchObject({ amount: minor });
      }),
    );
  });
});

describe('a moment', () => {
  it.each([
    ['iso', 'UTC', '2026-07-01T10:00:00+02:00', '2026-07-01T08:00:00.000Z'],
    ['iso', 'Europe/Berlin', '2026-07-01 10:00', '2026-07-01T08:00:00.000Z'],
    ['iso', 'Europe/Berlin', '2026-01-01', '2025-12-31T23:00:00.000Z'],
    ['dd.MM.yyyy HH:mm', 'Europe/Berlin', '01.01.2026 10:00', '2026-01-01T09:00:00.000Z'],
    ['yyyyMMdd', 'America/New_York', '20260701', '2026-07-01T04:00:00.000Z'],
    ['epochSeconds', 'UTC', '1', '1970-01-01T00:00:01.000Z'],
    // An hour that the clock left out, and one that it repeated: by the offset before the change.
    ['iso', 'Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30:00.000Z'],
    ['iso', 'Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00.000Z'],
  ])('in the format %s and the zone %s is read', (format, zone, text, iso) => {
    expect(momentReader(format, zone)?.(text)).toBe(iso);
  });

  it.each([
    ['dd.MM.yyyy', '31.02.2026'],
    ['iso', '2026-13-01'],
    ['iso', '2026-04-31'],
    ['iso', '2026-02-29T10:00:00+02:00'],
    ['iso', 'yesterday'],
    ['dd.MM.yyyy', '1.1.2026'],
    ['epochSeconds', 'x'],
  ])('in the format %s is not made of %s', (format, text) => {
    expect(momentReader(format, 'UTC')?.(text)).toBeUndefined();
  });
});
