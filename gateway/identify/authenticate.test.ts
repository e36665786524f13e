import { openHandClock } from '../../test/harness/handClock.ts';
import {
  drawTestKey,
  headOf,
  headWith,
  NO_LOG,
  openTestStore,
  TEST_PEPPERS,
  withWrongSecret,
  type TestKey,
} from '../../test/harness/identifyParts.ts';
import type { Identified } from './authenticate.ts';
import { openIdentify } from './openIdentify.ts';

function open(...keys: readonly TestKey[]) {
  const store = openTestStore(...keys);
  const clock = openHandClock();
  const parts = { store, peppers: TEST_PEPPERS, feed: undefined, people: undefined, clock, log: NO_LOG };
  return { store, clock, identify: openIdentify(parts) };
}

const codeOf = (outcome: Identified): string => ('refused' in outcome ? outcome.refused : outcome.kind);

describe('a key', () => {
  it('makes its caller, without waiting once it is known', async () => {
    const key = drawTestKey({ contract: 'partner', denial: 'filter' });
    const { identify } = open(key);
    expect(await identify.authenticate(headOf(key))).toMatchObject({
      ...{ kind: 'key', id: `key:${key.record.id}`, contract: 'partner', denial: 'filter' },
      scopes: new Set(key.record.scopes),
    });
    expect(identify.authenticate(headOf(key))).not.toBeInstanceOf(Promise);
  });

  it('lets in any number of requests of a right key that come at once while it is looked up', async () => {
    const key = drawTestKey();
    const { identify, store } = open(key);
    const outcomes = await Promise.all(Array.from({ length: 100 }, async () => identify.authenticate(headOf(key))));
    expect(new Set(outcomes.map(codeOf))).toEqual(new Set(['key']));
    expect(store.asked).toEqual([key.record.id]);
  });

  it('counts every wrong secret of those that come at once while their id is looked up', async () => {
    const wrong = withWrongSecret(drawTestKey());
    const { identify } = open(wrong);
    const outcomes = await Promise.all(Array.from({ length: 100 }, async () => identify.authenticate(headOf(wrong))));
    const codes = outcomes.map(codeOf);
    expect(codes.filter((code) => code === 'API_KEY_INVALID')).toHaveLength(20);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(80);
  });

  it('goes on after it changed, though others at its address have used up its failures', async () => {
    const key = drawTestKey();
    const { identify, store, clock } = open(key);
    expect(codeOf(await identify.authenticate(headOf(key)))).toBe('key');
    for (let at = 0; at < 30; at++) await identify.authenticate(headWith('Bearer nothing'));
    expect(codeOf(await identify.authenticate(headOf(drawTestKey())))).toBe('RATE_LIMITED');
    store.records.set(key.record.id, { ...key.record, version: 2 });
    store.changed = [{ id: key.record.id, version: 2 }];
    clock.pass(600);
    await new Promise(setImmediate);
    expect(codeOf(await identify.authenticate(headOf(withWrongSecret(key))))).toBe('RATE_LIMITED');
    expect(codeOf(await identify.authenticate(headOf(key)))).toBe('key');
    expect(store.asked).toEqual([key.record.id, key.record.id]);
  });

  it('gives equal rights the same text, whatever the order of scopes, and others another', async () => {
    const scopes = ['orders:read', 'customers:read'];
    const keys = [drawTestKey(), drawTestKey({ scopes }), drawTestKey({ denial: 'filter' })];
    const { identify } = open(...keys);
    const callers = await Promise.all(keys.map(async (key) => identify.authenticate(headOf(key))));
    const [one, same, other] = callers.map((caller) => ('rights' in caller ? caller.rights : undefined));
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it('is nobody where nothing was sent', () => {
    const { identify } = open();
    expect(identify.authenticate({ rawHeaders: ['Host', 'a'], url: '/graphql', address: undefined })).toMatchObject({
      kind: 'nobody',
    });
  });

  it('lets a key in from its networks alone, also from IPv4 in the clothes of IPv6', async () => {
    const key = drawTestKey({ networks: ['192.0.2.0/24', '2001:db8::/32'] });
    const { identify } = open(key);
    const from = async (address: string) => codeOf(await identify.authenticate(headOf(key, address)));
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1']) expect(await from(address)).toBe('key');
    for (const address of ['192.0.3.7', '::ffff:192.0.3.7', '2001:db9::1', 'x', '']) {
      expect(await from(address)).toBe('ADDRESS_DENIED');
    }
  });

  it('of the other environment is none', async () => {
    const key = drawTestKey({ env: 'live' });
    const { identify } = open(key);
    expect(codeOf(await identify.authenticate(headOf(key)))).toBe('API_KEY_INVALID');
  });
});

describe('401', () => {
  it('answers wrong shape, unknown id and wrong secret with the very same refusal', async () => {
    const key = drawTestKey();
    const { identify } = open(key);
    const heads = [headWith('Bearer x'), headOf(drawTestKey()), headOf(withWrongSecret(key)), headWith('')];
    const outcomes = await Promise.all(heads.map(async (head) => identify.authenticate(head)));
    for (const outcome of outcomes) expect(outcome).toBe(outcomes[0]);
    expect(outcomes[0]).toEqual({
      refused: 'API_KEY_INVALID',
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
  });

  it('tells of revocation and expiry to whoever holds the right secret, and to nobody else', async () => {
    const revoked = drawTestKey({ revokedAt: new Date(1) });
    const expired = drawTestKey({ expiresAt: new Date(1) });
    const { identify } = open(revoked, expired);
    const ask = async (key: TestKey) => codeOf(await identify.authenticate(headOf(key)));
    expect(await ask(revoked)).toBe('API_KEY_REVOKED');
    expect(await ask(expired)).toBe('API_KEY_EXPIRED');
    expect(await ask(withWrongSecret(revoked))).toBe('API_KEY_INVALID');
    expect(await ask(withWrongSecret(expired))).toBe('API_KEY_INVALID');
  });

  it('comes at the moment of expiry, though the key is remembered', async () => {
    const key = drawTestKey({ expiresAt: new Date(3_000) });
    const { identify, clock } = open(key);
    expect(codeOf(await identify.authenticate(headOf(key)))).toBe('key');
    clock.pass(1_999);
    expect(codeOf(await identify.authenticate(headOf(key)))).toBe('key');
    clock.pass(1);
    expect(codeOf(await identify.authenticate(headOf(key)))).toBe('API_KEY_EXPIRED');
  });
});

describe('429', () => {
  it('comes after 20 failures from one address, with a time to wait, and not for who holds a known key', async () => {
    const key = drawTestKey();
    const { identify, clock } = open(key);
    await identify.authenticate(headOf(key));
    const ask = async () => identify.authenticate(headOf(withWrongSecret(key)));
    for (let at = 0; at < 20; at++) expect(codeOf(await ask())).toBe('API_KEY_INVALID');
    expect(await ask()).toEqual({ refused: 'RATE_LIMITED', headers: { 'retry-after': '1' } });
    expect(codeOf(await identify.authenticate(headOf(key)))).toBe('key');
    expect(codeOf(await identify.authenticate(headOf(withWrongSecret(key), '192.0.2.2')))).toBe('API_KEY_INVALID');
    clock.pass(1_000);
    expect(codeOf(await ask())).toBe('API_KEY_INVALID');
  });
});

describe('503', () => {
  it('comes for unknown keys while the store is away; known ones go on for a minute', async () => {
    const [known, unknown] = [drawTestKey(), drawTestKey()];
    const { identify, store, clock } = open(known, unknown);
    const ask = async (key: TestKey) => codeOf(await identify.authenticate(headOf(key)));
    expect(await ask(known)).toBe('key');
    store.isAway = true;
    expect(await ask(unknown)).toBe('KEY_STORE_UNAVAILABLE');
    expect(identify.isStoreUp()).toBe(false);
    clock.pass(60_000);
    expect(await ask(known)).toBe('key');
    expect(await ask(withWrongSecret(known))).toBe('KEY_STORE_UNAVAILABLE');
    clock.pass(1);
    expect(await ask(known)).toBe('KEY_STORE_UNAVAILABLE');
    store.isAway = false;
    clock.pass(1_000);
    expect(await ask(known)).toBe('key');
    expect(await ask(unknown)).toBe('key');
  });
});

describe('the use of a key', () => {
  it('is written in one write, to the minute, and once a minute', async () => {
    const keys = [drawTestKey(), drawTestKey()];
    const { identify, store, clock } = open(...keys);
    const useAll = () => Promise.all(keys.map(async (key) => identify.authenticate(headOf(key))));
    await useAll();
    clock.pass(10_000);
    await useAll();
    await identify.stop();
    const use = { at: new Date(0), from: '192.0.2.1' };
    expect(store.noted).toEqual([new Map(keys.map(({ record }) => [record.id, use]))]);
  });

  it('is not noted for a refused one', async () => {
    const key = drawTestKey({ networks: ['198.51.100.0/24'] });
    const { identify, store } = open(key);
    await identify.authenticate(headOf(key));
    await identify.authenticate(headOf(withWrongSecret(key)));
    await identify.stop();
    expect(store.noted).toEqual([]);
  });
});
