import { drawTestKey, TEST_PEPPERS } from '../../test/harness/identifyParts.ts';
import { NOBODY, endOf, proveSecret, readKnownKey } from './keyCaller.ts';
import { rotateKey } from './keyLifecycle.ts';

const { key, record } = drawTestKey();
const OVERLAP_MS = 5_000;
const change = { actor: 'test', now: new Date(0), reason: undefined, known: undefined, held: undefined };

describe('the callers of a key', () => {
  it('end with the key, and by a secret that was rotated with its overlap', () => {
    const rotated = readKnownKey(rotateKey(record, OVERLAP_MS, TEST_PEPPERS, change).key);
    expect(endOf(rotated.caller)).toEqual(record.expiresAt);
    expect(endOf(rotated.endingCaller)).toEqual(new Date(OVERLAP_MS));
    expect(rotated.endingCaller).toEqual(rotated.caller);
    expect(endOf(NOBODY)).toBeUndefined();
  });

  it('end with the key where its expiry comes before the end of the overlap', () => {
    const expiresAt = new Date(OVERLAP_MS - 1);
    const rotated = readKnownKey(rotateKey({ ...record, expiresAt }, OVERLAP_MS, TEST_PEPPERS, change).key);
    expect(endOf(rotated.endingCaller)).toEqual(expiresAt);
  });

  it('are told apart by the secret, which is ending in the overlap and ended after it', () => {
    const rotated = readKnownKey(rotateKey(record, OVERLAP_MS, TEST_PEPPERS, change).key);
    const prove = (nowMs: number): string => proveSecret(key.secret, rotated, TEST_PEPPERS, nowMs);
    expect([prove(OVERLAP_MS - 1), prove(OVERLAP_MS)]).toEqual(['ending', 'ended']);
    expect(proveSecret(key.secret, readKnownKey(record), TEST_PEPPERS, OVERLAP_MS)).toBe('right');
  });
});
