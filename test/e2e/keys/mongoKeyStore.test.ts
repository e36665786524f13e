// The key store and its audit log on a real database, in both lanes: what is kept, what a change and its entry promise
// each other, and that many writers at once leave one chain.
import mongoose from 'mongoose';
import { compareWithKeys, verifyAudit } from '../../../gateway/identify/audit.ts';
import { KeyOffice } from '../../../gateway/identify/keyOffice.ts';
import { createKey } from '../../../gateway/identify/keyLifecycle.ts';
import { openMongoKeys, type MongoKeys } from '../../../gateway/identify/mongoKeys.ts';
import { printApiKey, drawApiKey } from '../../../gateway/identify/apiKey.ts';
import { systemClock } from '../../../platform/clock.ts';
import { drawId } from '../../../platform/random.ts';
import { keyWish, TEST_PEPPERS } from '../../harness/keyWish.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';

const ANNA = { actor: 'cli:anna', reason: 'a test' };

describe('the key store', () => {
  const database = `t${drawId().slice(0, 8)}_gateway`;
  let server: Awaited<ReturnType<typeof openTestDatabase>>;
  let keys: MongoKeys;
  let raw: mongoose.Connection;
  const announced: string[] = [];
  const officeOf = ({ store, audit }: MongoKeys) =>
    new KeyOffice({
      store,
      audit,
      peppers: TEST_PEPPERS,
      clock: systemClock,
      announce: (id, version) => {
        announced.push(`${id} ${version}`);
        return Promise.resolve();
      },
      granting: () => ({ known: undefined, held: undefined }),
    });
  const wish = () => keyWish(systemClock.now());

  beforeAll(async () => {
    server = await openTestDatabase();
    keys = await openMongoKeys({ uri: server.uri, database, clock: systemClock });
    raw = await mongoose.createConnection(server.uri, { dbName: database }).asPromise();
  });
  afterAll(async () => {
    await raw.dropDatabase();
    await raw.close();
    await keys.stop();
    await server.stop();
  });

  it('gives back what was put in, and no secret', async () => {
    const more = { contract: 'partners', networks: ['192.0.2.0/24'], limits: { ...wish().limits, pointsPerDay: 7 } };
    const { key, text } = await officeOf(keys).create('live', { ...wish(), ...more }, ANNA);
    expect(await keys.store.find(key.id)).toEqual(key);
    expect(await keys.store.find('000000000000')).toBeUndefined();
    const secret = text.split('_')[3] ?? '';
    const dump = JSON.stringify([
      await raw.collection('keys').find().toArray(),
      await raw.collection('audit').find().toArray(),
    ]);
    expect(dump).toContain(key.id);
    expect(dump).not.toContain(secret);
    expect(TEST_PEPPERS.matches(secret, (await keys.store.find(key.id))?.secrets[0])).toBe(true);
  });

  it('replaces a key over the version it was made from alone, and says so in the log or not at all', async () => {
    const { key } = await officeOf(keys).create('test', wish(), ANNA);
    const before = await keys.audit.latest(1);
    expect(await keys.store.replace({ ...key, version: 9 }, 8, before)).toBe(false);
    expect(await keys.audit.latest(1)).toEqual(before);
    expect(await keys.store.find(key.id)).toEqual(key);
  });

  it('keeps neither key nor entry where the entry cannot be written', async () => {
    const { key, entries } = createKey('live', wish(), TEST_PEPPERS, {
      ...ANNA,
      now: systemClock.now(),
      known: undefined,
      held: undefined,
    });
    const broken = entries.map((entry) => ({ ...entry, keyVersion: Number.NaN }));
    await expect(keys.store.insert(key, broken)).rejects.toThrow();
    expect(await keys.store.find(key.id)).toBeUndefined();
  });

  it('rotates, sets and revokes, tells the gateways, and takes a contract away', async () => {
    const office = officeOf(keys);
    const { key } = await office.create('live', { ...wish(), contract: 'partners' }, ANNA);
    const rotated = await office.rotate(key.id, 60_000, ANNA);
    expect(rotated.key.secrets).toHaveLength(2);
    const set = await office.set(key.id, { contract: undefined, scopes: ['customers:read'] }, ANNA);
    await office.revoke(key.id, ANNA);
    const kept = await keys.store.find(key.id);
    expect(kept).toMatchObject({
      version: 4,
      revokedReason: 'a test',
      contract: undefined,
      scopes: ['customers:read'],
    });
    expect(kept?.secrets).toEqual(set.key.secrets);
    expect(announced.filter((line) => line.startsWith(key.id))).toEqual([2, 3, 4].map((v) => `${key.id} ${v}`));
    const actions = (await keys.audit.latest(9, key.id)).map(({ action }) => action).reverse();
    expect(actions).toEqual(['create', 'rotate', 'scope', 'contract', 'revoke']);
    await expect(office.set(key.id, { owner: 'Other' }, ANNA)).rejects.toThrow('that is final');
  });

  it('notes the last use beside the versions, which never goes back', async () => {
    const { key } = await officeOf(keys).create('live', wish(), ANNA);
    const at = new Date(1_700_000_000_000);
    await keys.store.noteUses(new Map([[key.id, { at, from: '192.0.2.7' }]]));
    await keys.store.noteUses(new Map([[key.id, { at: new Date(0), from: '192.0.2.8' }]]));
    const set = await officeOf(keys).set(key.id, { owner: 'Other' }, ANNA);
    expect(await keys.store.find(key.id)).toEqual({ ...set.key, lastUsedAt: at, lastUsedFrom: '192.0.2.8' });
  });

  it('says which keys changed since a moment', async () => {
    const { key } = await officeOf(keys).create('live', wish(), ANNA);
    expect(await keys.store.changedSince(key.createdAt)).toContainEqual({ id: key.id, version: 1 });
    expect(await keys.store.changedSince(new Date(Date.now() + 60_000))).toEqual([]);
  });

  it('revokes a leaked key whose secret is right, and leaves every other one alone', async () => {
    const office = officeOf(keys);
    const { key, text } = await office.create('live', wish(), ANNA);
    const report = (token: string) => office.reportLeak({ token, url: 'https://example.com/a', source: 'x\ny' }, ANNA);
    const forged = printApiKey(drawApiKey('live', key.id));
    expect(await report(forged)).toEqual({ keyId: key.id, known: false, revoked: false });
    expect(await report('nonsense')).toEqual({ keyId: undefined, known: false, revoked: false });
    expect(await keys.store.find(key.id)).toEqual(key);
    expect(await report(text)).toEqual({ keyId: key.id, known: true, revoked: true });
    expect(await report(text)).toEqual({ keyId: key.id, known: true, revoked: false });
    const kept = await keys.store.find(key.id);
    expect(kept?.revokedReason).toBe('reported as leaked');
    const entries = await keys.audit.latest(3, key.id);
    expect(entries.map(({ action }) => action)).toEqual(['leak', 'revoke', 'leak']);
    expect(JSON.stringify(entries)).not.toContain(text.split('_')[3]);
  });

  it('keeps one chain under writers of two connections at once, each with its key', async () => {
    const other = await openMongoKeys({ uri: server.uri, database, clock: systemClock });
    try {
      const offices = [officeOf(keys), officeOf(other)];
      await Promise.all(
        Array.from({ length: 24 }, async (_, at) => {
          const office = offices[at % 2];
          const made = await office?.create('live', wish(), ANNA);
          await office?.revoke(made?.key.id ?? '', ANNA);
        }),
      );
    } finally {
      await other.stop();
    }
    const verdict = await verifyAudit(keys.audit.read());
    expect(verdict.faults).toEqual([]);
    expect(verdict.entries).toBeGreaterThanOrEqual(48);
    expect(compareWithKeys(verdict, await keys.store.list())).toEqual([]);
  });

  it('finds an entry that was changed, one that was removed, and a key that was changed behind its back', async () => {
    const { key } = await officeOf(keys).create('live', wish(), ANNA);
    await officeOf(keys).create('live', wish(), ANNA);
    const audit = raw.collection<{ _id: number }>('audit');
    const [last, before] = await keys.audit.latest(2);
    await audit.updateOne({ _id: before?.sequence ?? 0 }, { $set: { actor: 'cli:mallory' } });
    expect((await verifyAudit(keys.audit.read())).faults).toEqual([
      `entry ${before?.sequence ?? 0} was changed after it was written`,
    ]);
    await audit.updateOne({ _id: before?.sequence ?? 0 }, { $set: { actor: ANNA.actor } });
    expect((await verifyAudit(keys.audit.read())).faults).toEqual([]);
    await audit.deleteOne({ _id: last?.sequence ?? 0 });
    const cut = await verifyAudit(keys.audit.read(), { sequence: last?.sequence ?? 0, hash: last?.hash ?? '' });
    expect(cut.faults).toEqual([`entry ${last?.sequence ?? 0} is not the one that was kept, or is gone`]);
    expect(compareWithKeys(cut, await keys.store.list())).toEqual([
      `key ${last?.keyId ?? ''} is in the store and not in the log`,
    ]);
    await raw.collection<{ _id: string }>('keys').updateOne({ _id: key.id }, { $set: { version: 5 } });
    expect(compareWithKeys(cut, await keys.store.list())).toContain(
      `key ${key.id} has version 5 in the store and 1 in the log`,
    );
  });
});
