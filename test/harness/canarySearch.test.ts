import * as fc from 'fast-check';
import { drawApiKey, parseApiKey, printApiKey } from '../../gateway/identify/apiKey.ts';
import { CanarySearch } from './canarySearch.ts';

const kindsIn = (text: string, words: readonly string[]): string[] => {
  const search = new CanarySearch(words.map((word) => ({ kind: word, text: word })));
  return search.find(Buffer.from(text)).map(({ kind }) => kind);
};
/** From few letters, so that words share their windows. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'é'), minLength: 8, maxLength: 20 });

describe('CanarySearch', () => {
  it('finds each word that a plain search finds, and no other', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), fc.array(word), (words, parts) => {
        const text = [...parts, ...words.slice(0, parts.length % 3)].join(' ');
        const lower = (one: string): string => one.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
        const isThere = words.some((one) => lower(text).includes(lower(one)));
        expect(kindsIn(text, words).length > 0).toBe(isThere);
        for (const kind of kindsIn(text, words)) expect(lower(text)).toContain(lower(kind));
      }),
    );
  });

  it('finds a word in other letters, in JSON and in addresses', () => {
    expect(kindsIn('ANNA.BERG@EXAMPLE.COM', ['anna.berg@example.com'])).toHaveLength(1);
    expect(kindsIn('?by=anna.berg%40example.com', ['anna.berg@example.com'])).toHaveLength(1);
    expect(kindsIn(JSON.stringify('said "never again"'), ['said "never again"'])).toHaveLength(1);
    expect(kindsIn('Größe: Straße 12 b', ['straße 12'])).toHaveLength(1);
    expect(kindsIn('anna.berg@example', ['anna.berg@example.com'])).toEqual([]);
  });

  it('finds a valid key that nobody told it of, shows it masked, and passes what has a wrong checksum', () => {
    const text = printApiKey(drawApiKey('test'));
    const [found] = new CanarySearch([]).find(Buffer.from(`{"msg":"got ${text} from","at":1}`));
    expect(found).toMatchObject({ kind: 'a valid key' });
    expect(found?.excerpt).not.toContain(parseApiKey(text)?.secret);
    expect(new CanarySearch([]).find(Buffer.from(`${text.slice(0, -1)}!`))).toEqual([]);
  });

  it('refuses to look for what stands anywhere by chance', () => {
    expect(() => kindsIn('', ['Berlin'])).toThrow('too short');
  });
});
