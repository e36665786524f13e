import { bodyHoldsKey, holdsKey } from './holdsKey.ts';

const KEY = `crm_live_${'a1'.repeat(6)}_`;
const escaped = (text: string, escape: (code: string) => string): string =>
  Buffer.from(text)
    .toString('hex')
    .replace(/../g, (code) => escape(code));

describe('a key in a text', () => {
  it('is found in headers and addresses, in any case and behind percent signs', () => {
    for (const text of [KEY, `a=${KEY}b`, KEY.toUpperCase(), escaped(KEY, (code) => `%${code}`), `%ff${KEY}`]) {
      expect([text, holdsKey(text)]).toEqual([text, true]);
    }
    for (const text of ['', 'crm_live_', KEY.slice(0, -1), 'crm_demo_aaaaaaaaaaaa_']) {
      expect([text, holdsKey(text)]).toEqual([text, false]);
    }
  });

  it("is found in bodies, also in JSON's escapes and those of a document in it", () => {
    const forms = [
      (code: string) => `\\u00${code}`,
      (code: string) => `\\\\u00${code}`,
      (code: string) => `\\\\u{${code}}`,
      (code: string) => `\\\\u{0000${code}}`,
    ];
    for (const form of forms) expect(bodyHoldsKey(`{"query":"${escaped(KEY, form)}"}`)).toBe(true);
    expect(bodyHoldsKey(JSON.stringify({ query: `{ ${KEY} }` }))).toBe(true);
    expect(bodyHoldsKey(JSON.stringify({ query: '{ crm_live_ \\u0063 "\u0007" }' }))).toBe(false);
  });
});
