// A wish for a key with all that a key needs, to which a test adds what it is about; and peppers to hash it with.
import type { KeySettings } from '../../gateway/identify/keyLifecycle.ts';
import { openPeppers, readPeppers } from '../../gateway/identify/peppers.ts';

/** The text of a file of peppers. */
export const PEPPERS_TEXT = `1=${'5a'.repeat(32)}`;

/** Peppers for tests. */
export const TEST_PEPPERS = openPeppers(readPeppers(PEPPERS_TEXT));

/** Takes when it is asked and what differs; gives the settings of a key that lives for 30 days. */
export function keyWish(now: Date, more: Partial<KeySettings> = {}): KeySettings {
  return {
    owner: 'Acme',
    purpose: 'order status',
    scopes: ['orders:read'],
    contract: undefined,
    denial: 'refuse',
    registeredOnly: false,
    networks: [],
    limits: {
      pointsPerSecond: 100,
      pointsBurst: 1_000,
      requestsPerSecond: 10,
      concurrentRequestsMax: 5,
      pointsPerDay: undefined,
    },
    expiresAt: new Date(now.getTime() + 30 * 86_400_000),
    ...more,
  };
}
