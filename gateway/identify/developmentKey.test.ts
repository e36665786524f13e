import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHandClock } from '../../test/harness/handClock.ts';
import { openTestStore, TEST_PEPPERS } from '../../test/harness/identifyParts.ts';
import { createKey, revokeKey, type KeySettings } from './keyLifecycle.ts';
import { ensureDevelopmentKey } from './developmentKey.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'development-key-'));
});
afterEach(() => rm(folder, { recursive: true }));

function open() {
  const clock = openHandClock();
  const store = openTestStore();
  const change = (reason: string | undefined) => ({
    ...{ actor: 'test', now: clock.now(), reason, known: undefined, held: undefined },
  });
  const office = {
    create(env: 'live' | 'test', settings: KeySettings) {
      const made = createKey(env, settings, TEST_PEPPERS, change(undefined));
      store.records.set(made.key.id, made.key);
      return Promise.resolve(made);
    },
    revoke(id: string, { reason }: { readonly reason?: string | undefined }) {
      const key = store.records.get(id);
      if (key === undefined) throw new Error('no such key');
      const revoked = revokeKey(key, change(reason));
      store.records.set(id, revoked.key);
      return Promise.resolve(revoked);
    },
  };
  const path = join(folder, 'development-key');
  const parts = { office, store, peppers: TEST_PEPPERS, clock, path };
  return { clock, store, path, ensure: (...scopes: string[]) => ensureDevelopmentKey({ ...parts, scopes }) };
}

describe('a development key', () => {
  it('is made once, with all scopes, and remembered in a file that its owner alone can read', async () => {
    const { ensure, store, path } = open();
    const first = await ensure('a:read', 'b:read');
    expect(first).toMatchObject({ isNew: true, text: expect.stringMatching(/^crm_test_/) as string });
    expect(await ensure('b:read', 'a:read')).toEqual({ ...first, isNew: false });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toBe(`${first.text}\n`);
    expect([...store.records.values()]).toMatchObject([{ scopes: ['a:read', 'b:read'] }]);
  });

  it('is made anew when the graph has other scopes, when it ends, and when the database is another; the old one ends', async () => {
    const { ensure, store, clock, path } = open();
    await ensure('a:read');
    const second = await ensure('a:read', 'b:read');
    expect([...store.records.values()].map(({ revokedAt }) => revokedAt !== undefined)).toEqual([true, false]);
    clock.pass(89 * 86_400_000);
    const third = await ensure('a:read', 'b:read');
    store.records.clear();
    const fourth = await ensure('a:read', 'b:read');
    expect(new Set([second.text, third.text, fourth.text]).size).toBe(3);
    expect(await readFile(path, 'utf8')).toBe(`${fourth.text}\n`);
  });

  it('leaves no wider mode of an older file behind', async () => {
    const { ensure, path } = open();
    await writeFile(path, 'something else');
    await chmod(path, 0o644);
    expect(await ensure('a:read')).toMatchObject({ isNew: true });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
