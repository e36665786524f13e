// Guarantee: no refusal tells whether an id exists, by its words, its headers, its count or what is remembered of it.
// Attack: asks for ids that exist and ids that do not, with wrong secrets, once and again until the count refuses.
// Learned from: OWASP API2:2023, and login pages that say "wrong password" for accounts that exist.
import { drawApiKey, parseApiKey, printApiKey } from '../../gateway/identify/apiKey.ts';
import { openIdentifyOnMongo, type IdentifyOnMongo } from '../harness/identifyOnMongo.ts';
import { headWith } from '../harness/identifyParts.ts';

let on: IdentifyOnMongo;
beforeEach(async () => {
  on = await openIdentifyOnMongo();
});
afterEach(() => on.stop());

const wrongFor = (text: string | undefined): string =>
  printApiKey(drawApiKey('test', text === undefined ? undefined : parseApiKey(text)?.id));

/** All that 25 tries of one key from one address are answered. */
async function answersTo(text: string, address: string): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (let at = 0; at < 25; at++) answers.push(await on.identify.authenticate(headWith(`Bearer ${text}`, address)));
  return answers;
}

describe('K2: enumeration', () => {
  it('answers ids that exist and ids that do not alike, to the byte, from the first try to the last', async () => {
    const existing = await on.create();
    const [known, unknown] = [wrongFor(existing), wrongFor(undefined)];
    const toKnown = await answersTo(known, '192.0.2.1');
    const toUnknown = await answersTo(unknown, '192.0.2.2');
    expect(JSON.stringify(toUnknown)).toBe(JSON.stringify(toKnown));
    expect(toKnown[0]).toMatchObject({ refused: 'API_KEY_INVALID' });
    expect(toKnown[24]).toMatchObject({ refused: 'RATE_LIMITED', headers: { 'retry-after': '1' } });
  });

  it('asks the store once for an id, whether it exists or not', async () => {
    const texts = [wrongFor(await on.create()), wrongFor(undefined)];
    for (const [at, text] of texts.entries()) await answersTo(text, `192.0.2.${at}`);
    expect(on.lookups).toEqual(texts.map((text) => parseApiKey(text)?.id));
  });
});
