// Where a parcel goes through, by the address that the customers subgraph holds and the gateway brings along. Pure.
import { refuse } from '../../kit/refuse.ts';

/** Countries whose parcels are sorted by the first digit of the postal code. */
const SORTED_BY_DIGIT: ReadonlySet<string> = new Set(['DE', 'FR', 'US']);

/**
 * Takes an address as a reference carries it: anything. Gives `DE-1` for the countries that are sorted by the first
 * digit of the postal code, the country's code for others, null without an address. Refuses what is no address.
 */
export function shippingZoneOf(address: unknown): string | null {
  if (address === null || address === undefined) return null;
  const { countryCode, postalCode } = address as { countryCode?: unknown; postalCode?: unknown };
  const hasPostalCode = typeof postalCode === 'string';
  const isAddress = typeof countryCode === 'string' && /^[A-Z]{2}$/.test(countryCode);
  if (!isAddress || !(hasPostalCode || postalCode === null || postalCode === undefined)) {
    throw refuse('BAD_USER_INPUT', 'defaultAddress is not an address with countryCode and postalCode.');
  }
  const digit = hasPostalCode ? /^\s*(\d)/.exec(postalCode)?.[1] : undefined;
  return digit !== undefined && SORTED_BY_DIGIT.has(countryCode) ? `${countryCode}-${digit}` : countryCode;
}
