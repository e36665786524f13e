import { keyWish, TEST_PEPPERS } from '../../test/harness/keyWish.ts';
import { parseApiKey } from './apiKey.ts';
import { changeKey, createKey, revokeKey, rotateKey, type Change } from './keyLifecycle.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-01-01T00:00:00Z');
const at = (days: number, reason?: string): Change => {
  return { actor: 'cli:anna', now: new Date(NOW.getTime() + days * DAY_MS), reason, known: undefined, held: undefined };
};
const make = () => createKey('live', keyWish(NOW), TEST_PEPPERS, at(0)).key;

describe('the life of a key', () => {
  it('begins with a secret that its hash alone is kept of, and lasts 366 days at most', () => {
    const { key, text, entries } = createKey('live', keyWish(NOW), TEST_PEPPERS, at(0));
    const secret = parseApiKey(text)?.secret ?? '';
    expect(TEST_PEPPERS.matches(secret, key.secrets[0])).toBe(true);
    expect(JSON.stringify([key, entries])).not.toContain(secret);
    for (const days of [0, -1, 366.01, Number.NaN]) {
      const expiresAt = new Date(NOW.getTime() + days * DAY_MS);
      expect(() => createKey('live', keyWish(NOW, { expiresAt }), TEST_PEPPERS, at(0))).toThrow(/future|366 days/);
    }
  });

  it('has two working secrets while an overlap lasts, and never a third', () => {
    const { key } = rotateKey(make(), 7 * DAY_MS, TEST_PEPPERS, at(1));
    expect(key.secrets.map(({ endsAt }) => endsAt)).toEqual([undefined, at(8).now]);
    expect(() => rotateKey(key, DAY_MS, TEST_PEPPERS, at(2))).toThrow('two secrets until');
    const ended = rotateKey(key, 0, TEST_PEPPERS, at(2)).key;
    expect(ended.secrets.map(({ endsAt }) => endsAt)).toEqual([undefined, at(2).now]);
    expect(rotateKey(key, DAY_MS, TEST_PEPPERS, at(9)).key.secrets).toHaveLength(2);
  });

  it('ends for good with a reason, after which nothing changes it', () => {
    expect(() => revokeKey(make(), at(1, ' '))).toThrow('a reason is needed');
    const { key } = revokeKey(make(), at(1, 'left'));
    expect(key).toMatchObject({ revokedReason: 'left', version: 2 });
    for (const change of [
      () => revokeKey(key, at(2, 'again')),
      () => rotateKey(key, 0, TEST_PEPPERS, at(2)),
      () => changeKey(key, { owner: 'Other' }, at(2)),
    ])
      expect(change).toThrow('that is final');
  });

  it('is refused a rotation once it expired, until it gets another expiry', () => {
    expect(() => rotateKey(make(), 0, TEST_PEPPERS, at(31))).toThrow('expired on');
    const { key } = changeKey(make(), { expiresAt: at(60).now }, at(31));
    expect(rotateKey(key, 0, TEST_PEPPERS, at(31)).key.version).toBe(3);
  });

  it('tells in its entries what a change was from and to, one entry a matter, and none for nothing', () => {
    const { entries } = changeKey(make(), { scopes: ['orders:write'], owner: 'Other', purpose: 'order status' }, at(1));
    expect(entries.map(({ action, change }) => [action, JSON.parse(change) as unknown])).toEqual([
      ['details', { owner: { from: 'Acme', to: 'Other' } }],
      ['scope', { scopes: { from: ['orders:read'], to: ['orders:write'] } }],
    ]);
    expect(() => changeKey(make(), { owner: 'Acme' }, at(1))).toThrow('nothing was changed');
  });

  it('grants no more than its creator holds, and takes no limits or networks that are none', () => {
    const held = { ...at(1), held: new Set(['orders:read']) };
    expect(() => changeKey(make(), { scopes: ['customers:read'] }, held)).toThrow('customers:read');
    expect(() => changeKey(make(), { networks: ['192.0.2.0/33'] }, at(1))).toThrow('is no network');
    expect(() => changeKey(make(), { limits: { ...make().limits, pointsBurst: 0 } }, at(1))).toThrow('points at once');
    expect(() => changeKey(make(), { owner: 'a\nb' }, at(1))).toThrow('one line');
  });
});
