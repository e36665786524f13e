import { openHandClock } from '../../test/harness/handClock.ts';
import { drawTestKey, headOf, NO_LOG, openTestStore, TEST_PEPPERS } from '../../test/harness/identifyParts.ts';
import type { Identified } from './authenticate.ts';
import { rotateKey } from './keyLifecycle.ts';
import { openIdentify } from './openIdentify.ts';
import { openSharedFeed, type Channel, type RevocationFeed } from './revocations.ts';

/** A channel in this process. */
function openChannel(): Channel & { isReady: boolean; send(message: string): void } {
  const listeners = new Set<(message: string) => void>();
  const send = (message: string): void => {
    for (const listener of listeners) listener(message);
  };
  return {
    isReady: true,
    send,
    publish(_, message) {
      send(message);
      return Promise.resolve();
    },
    subscribe(_, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const ADDRESS = '192.0.2.1';

function open(feed: RevocationFeed | undefined) {
  const key = drawTestKey();
  const store = openTestStore(key);
  const clock = openHandClock();
  const parts = { store, peppers: TEST_PEPPERS, feed, people: undefined, clock, log: NO_LOG };
  const identify = openIdentify(parts);
  const ask = async (): Promise<Identified> => identify.authenticate(headOf(key));
  const code = async (): Promise<string> => {
    const outcome = await ask();
    return 'refused' in outcome ? outcome.refused : outcome.kind;
  };
  const revoke = (): void => {
    store.records.set(key.record.id, { ...key.record, revokedAt: new Date(1_000), version: 2 });
    store.changed = [{ id: key.record.id, version: 2 }];
  };
  return { key, store, clock, identify, ask, code, revoke };
}

const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('a revoked key', () => {
  it('is refused at once after a push, and what runs for it is ended once', async () => {
    const channel = openChannel();
    const feed = openSharedFeed(channel);
    const { key, identify, ask, code, revoke } = open(feed);
    const caller = await ask();
    if ('refused' in caller) throw new Error('refused');
    let ended = 0;
    identify.onOver(caller, ADDRESS, () => ended++);
    revoke();
    expect(await code()).toBe('key');
    await feed.announce(key.record.id, 2);
    expect(await code()).toBe('API_KEY_REVOKED');
    await feed.announce(key.record.id, 2);
    await settle();
    expect(ended).toBe(1);
  });

  it('is refused within half a second where nothing pushes', async () => {
    const { clock, code, revoke } = open(undefined);
    expect(await code()).toBe('key');
    revoke();
    clock.pass(500);
    await settle();
    expect(await code()).toBe('API_KEY_REVOKED');
  });

  it('is refused after ten seconds at the latest, whatever was missed', async () => {
    const { clock, code, revoke, store } = open(undefined);
    expect(await code()).toBe('key');
    revoke();
    store.changed = [];
    clock.pass(10_001);
    await settle();
    expect(await code()).toBe('API_KEY_REVOKED');
  });

  it('does not come back by an older version from a copy that lags, and a made-up version locks nobody out', async () => {
    const channel = openChannel();
    const { key, clock, code, store, revoke } = open(openSharedFeed(channel));
    expect(await code()).toBe('key');
    revoke();
    channel.send(`${key.record.id} 2`);
    expect(await code()).toBe('API_KEY_REVOKED');
    store.records.set(key.record.id, key.record);
    channel.send(`${key.record.id} 3`);
    expect(await code()).toBe('KEY_STORE_UNAVAILABLE');
    store.records.set(key.record.id, { ...key.record, version: 2 });
    clock.pass(10_001);
    expect(await code()).toBe('key');
  });

  it('is not ended for a listener that was taken back', async () => {
    const { clock, identify, ask, revoke } = open(undefined);
    const caller = await ask();
    if ('refused' in caller) throw new Error('refused');
    let ended = 0;
    identify.onOver(caller, ADDRESS, () => ended++)();
    revoke();
    clock.pass(500);
    await settle();
    expect(ended).toBe(0);
  });
});

describe('what runs from an address', () => {
  it('ends when the key is shut to it, and goes on from one that the key still lets in', async () => {
    const { key, clock, identify, ask, store } = open(undefined);
    const caller = await ask();
    if ('refused' in caller) throw new Error('refused');
    const told: string[] = [];
    identify.onOver(caller, ADDRESS, (code) => told.push(`inside ${code}`));
    identify.onOver(caller, '198.51.100.1', (code) => told.push(`outside ${code}`));
    store.records.set(key.record.id, { ...key.record, networks: ['192.0.2.0/24'], version: 2 });
    store.changed = [{ id: key.record.id, version: 2 }];
    clock.pass(500);
    await settle();
    expect(told).toEqual(['outside ADDRESS_DENIED']);
  });
});

describe('what runs by one of the secrets of a key', () => {
  const change = { actor: 'test', now: new Date(1_000), reason: undefined, known: undefined, held: undefined };

  /** Rotates the key's secret; gives what its old holder is then. */
  async function rotate(overlapMs: number) {
    const { key, clock, identify, ask, store } = open(undefined);
    const caller = await ask();
    if ('refused' in caller) throw new Error('refused');
    const codes: string[] = [];
    identify.onOver(caller, ADDRESS, (code) => codes.push(code));
    const rotated = rotateKey(key.record, overlapMs, TEST_PEPPERS, change).key;
    store.records.set(key.record.id, rotated);
    store.changed = [{ id: key.record.id, version: rotated.version }];
    clock.pass(500);
    await settle();
    return { caller, codes, identify, clock };
  }

  it('ends when a rotation ends that secret at once', async () => {
    const { caller, codes, identify } = await rotate(0);
    expect(codes).toEqual(['API_KEY_EXPIRED']);
    expect(identify.currently(caller)).toBeUndefined();
  });

  it('goes on for the overlap of a rotation, and no longer', async () => {
    const { caller, codes, identify, clock } = await rotate(60_000);
    expect(codes).toEqual([]);
    const renewed = identify.currently(caller);
    expect(renewed?.id).toBe(caller.id);
    for (let seconds = 0; seconds < 61; seconds++) {
      clock.pass(1_000);
      await settle();
    }
    expect(codes).toEqual(['API_KEY_EXPIRED']);
    // Renewed or not, it is by the old secret.
    expect([identify.currently(caller), renewed && identify.currently(renewed)]).toEqual([undefined, undefined]);
  });
});

describe('a key that did not change', () => {
  it('goes on while the store is away though the store told of it just before: it was read as it is now', async () => {
    const { key, clock, code, store } = open(undefined);
    expect(await code()).toBe('key');
    store.changed = [{ id: key.record.id, version: key.record.version }];
    clock.pass(500);
    await settle();
    store.isAway = true;
    expect(await code()).toBe('key');
  });
});

describe('what runs for a key', () => {
  it('ends when the key expires', async () => {
    const { key, clock, identify, ask } = open(undefined);
    const caller = await ask();
    if ('refused' in caller) throw new Error('refused');
    let ended = 0;
    identify.onOver(caller, ADDRESS, () => ended++);
    clock.pass(key.record.expiresAt.getTime());
    await settle();
    expect(ended).toBe(1);
  });

  it('ends after a minute in which the key could not be read', async () => {
    const { clock, identify, ask, store } = open(undefined);
    const caller = await ask();
    if ('refused' in caller) throw new Error('refused');
    let ended = 0;
    identify.onOver(caller, ADDRESS, () => ended++);
    store.isAway = true;
    for (let seconds = 0; seconds < 59; seconds++) {
      clock.pass(1_000);
      await settle();
    }
    expect(ended).toBe(0);
    for (let seconds = 0; seconds < 70; seconds++) {
      clock.pass(1_000);
      await settle();
    }
    expect(ended).toBe(1);
  });
});

describe('a message', () => {
  it('of another form changes nothing', async () => {
    const channel = openChannel();
    const { key, code, store } = open(openSharedFeed(channel));
    expect(await code()).toBe('key');
    for (const message of ['', 'x', key.record.id, `${key.record.id} 0`, `${key.record.id} 2 `, '{"id":1}']) {
      channel.send(message);
    }
    expect(await code()).toBe('key');
    expect(store.asked).toHaveLength(1);
  });
});
