import fc from 'fast-check';
import mongoose, { type Connection } from 'mongoose';
import { drawId } from '../../platform/random.ts';
import { openHandClock } from '../../test/harness/handClock.ts';
import { openTestDatabase } from '../../test/harness/testDatabase.ts';
import { PayloadKeys, type SealedFields } from './payloadKeys.ts';
import { drawKeys, sealText, unsealText } from './seal.ts';

const TENANT = 'main';
const FIELDS = { displayName: 'Ada', email: 'ada@example.com' };
const prefix = `test_${drawId().slice(0, 12)}`;
let connection: Connection;
let stop: () => Promise<void>;

beforeAll(async () => {
  const database = await openTestDatabase();
  connection = await mongoose.createConnection(database.uri, { dbName: `${prefix}_orders` }).asPromise();
  stop = database.stop;
});

afterAll(async () => {
  await connection.getClient().db(`${prefix}_sync`).dropDatabase();
  await connection.close();
  await stop();
});

/** The keys as another process has them. */
function openProcess() {
  const clock = openHandClock();
  return { clock, keys: new PayloadKeys({ connection, prefix, clock }) };
}

async function sealOne(keys: PayloadKeys, customerId: string, fields: object = FIELDS): Promise<SealedFields> {
  const [sealed] = await keys.seal(TENANT, [{ customerId, fields: { ...fields } }]);
  if (sealed === undefined) throw new Error('nothing was sealed');
  return sealed;
}

describe('sealed texts', () => {
  it('come back as they were, and not at all once a character, the key or the owner is another', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, at) => {
        const [key, other] = drawKeys(2) as [Buffer, Buffer];
        const sealed = sealText(key, 'main:cus_1', text);
        const place = at % sealed.length;
        const changed = `${sealed.slice(0, place)}${sealed[place] === 'A' ? 'Q' : 'A'}${sealed.slice(place + 1)}`;
        expect(unsealText(key, 'main:cus_1', sealed)).toBe(Buffer.from(text, 'utf8').toString('utf8'));
        expect(unsealText(other, 'main:cus_1', sealed)).toBeUndefined();
        expect(unsealText(key, 'main:cus_2', sealed)).toBeUndefined();
        // The last character of base64url may hold bits that mean nothing.
        if (place < sealed.length - 1) expect(unsealText(key, 'main:cus_1', changed)).toBeUndefined();
        expect(unsealText(key, 'main:cus_1', sealed.slice(0, 20))).toBeUndefined();
      }),
    );
  });
});

describe('the keys of customers', () => {
  it('are one a customer, also when many processes seal for a new one at once', async () => {
    const customerId = `cus_${drawId()}`;
    const processes = Array.from({ length: 6 }, () => openProcess().keys);
    const sealed = await Promise.all(processes.map((keys) => sealOne(keys, customerId)));
    const reader = openProcess().keys;
    for (const one of sealed) expect(await reader.unseal(TENANT, one)).toEqual(FIELDS);
  });

  it('give nothing under another customer or tenant', async () => {
    const { keys } = openProcess();
    const [ours, theirs] = [`cus_${drawId()}`, `cus_${drawId()}`];
    const sealed = await sealOne(keys, ours);
    await sealOne(keys, theirs);
    expect(await keys.unseal(TENANT, { ...sealed, customerId: theirs })).toBeUndefined();
    expect(await keys.unseal('other', sealed)).toBeUndefined();
  });

  it('are gone for good once forgotten: at once here, after ten seconds elsewhere, and no new one is made', async () => {
    const customerId = `cus_${drawId()}`;
    const [here, there] = [openProcess(), openProcess()];
    const sealed = await sealOne(here.keys, customerId);
    expect(await there.keys.unseal(TENANT, sealed)).toEqual(FIELDS);
    await here.keys.forget(TENANT, customerId);
    expect(await here.keys.unseal(TENANT, sealed)).toBeUndefined();
    const late = await sealOne(there.keys, customerId);
    there.clock.pass(10_001);
    expect(await there.keys.unseal(TENANT, sealed)).toBeUndefined();
    expect(await there.keys.unseal(TENANT, late)).toBeUndefined();
    expect(await sealOne(there.keys, customerId)).toEqual({ customerId, sealed: '' });
    const stored = connection.getClient().db(`${prefix}_sync`).collection<{ _id: string }>('payload_keys');
    expect(await stored.findOne({ _id: `${TENANT}:${customerId}` })).toMatchObject({ key: null });
  });

  it('can be forgotten before they were ever used', async () => {
    const customerId = `cus_${drawId()}`;
    const { keys } = openProcess();
    await keys.forget(TENANT, customerId);
    expect(await sealOne(keys, customerId)).toEqual({ customerId, sealed: '' });
  });
});
