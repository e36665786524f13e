// The shipping zone: by digit where parcels are sorted so, by country elsewhere; what is no address is refused.
import { shippingZoneOf } from './shippingZone.ts';

describe('shippingZoneOf', () => {
  it.each([
    ['DE', '10115', 'DE-1'],
    ['FR', ' 75001', 'FR-7'],
    ['US', '94107', 'US-9'],
    ['US', 'AB1', 'US'],
    ['DE', null, 'DE'],
    ['GB', '1AA', 'GB'],
  ])('gives for %s %s the zone %s', (countryCode, postalCode, zone) => {
    expect(shippingZoneOf({ countryCode, postalCode })).toBe(zone);
  });

  it('gives none without an address', () => {
    expect([shippingZoneOf(null), shippingZoneOf(undefined)]).toEqual([null, null]);
  });

  it.each([['text'], [7], [{}], [{ countryCode: 'de' }], [{ countryCode: 'DE', postalCode: { $gt: '' } }]])(
    'refuses %j',
    (address) => {
      expect(() => shippingZoneOf(address)).toThrow('defaultAddress is not an address');
    },
  );
});
