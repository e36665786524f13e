// Guarantee: in a rotation's overlap both secrets work under one id; at its end the old one stops, by the clock alone.
// Attack: goes on with the old secret up to, at and past the end, with nothing that tells the gateway in between.
// Learned from: rotations whose end was noticed only when a cache entry ran out.
import { parseApiKey } from '../../gateway/identify/apiKey.ts';
import { openIdentifyOnMongo, TEST_ASKER, type IdentifyOnMongo } from '../harness/identifyOnMongo.ts';
import { headWith } from '../harness/identifyParts.ts';

let on: IdentifyOnMongo;
beforeEach(async () => {
  on = await openIdentifyOnMongo();
});
afterEach(() => on.stop());

const ask = (text: string): Promise<string> => on.ask(headWith(`Bearer ${text}`));

describe('K21: rotation', () => {
  it('takes both secrets in the window, and ends the old one at its end though the key is remembered', async () => {
    const old = await on.create();
    const id = parseApiKey(old)?.id ?? '';
    expect(await ask(old)).toBe('key');
    const { text } = await on.office.rotate(id, 5_000, TEST_ASKER);
    expect([await ask(old), await ask(text)]).toEqual(['key', 'key']);
    on.clock.pass(4_999);
    expect([await ask(old), await ask(text)]).toEqual(['key', 'key']);
    on.clock.pass(1);
    expect([await ask(old), await ask(text)]).toEqual(['API_KEY_EXPIRED', 'key']);
  });

  it('ends the old secret at once without an overlap', async () => {
    const old = await on.create();
    expect(await ask(old)).toBe('key');
    const { text } = await on.office.rotate(parseApiKey(old)?.id ?? '', 0, TEST_ASKER);
    expect([await ask(old), await ask(text)]).toEqual(['API_KEY_EXPIRED', 'key']);
  });

  it('leaves none of both working after a revocation', async () => {
    const old = await on.create();
    const id = parseApiKey(old)?.id ?? '';
    const { text } = await on.office.rotate(id, 5_000, TEST_ASKER);
    expect([await ask(old), await ask(text)]).toEqual(['key', 'key']);
    await on.office.revoke(id, TEST_ASKER);
    expect([await ask(old), await ask(text)]).toEqual(['API_KEY_REVOKED', 'API_KEY_REVOKED']);
  });
});
