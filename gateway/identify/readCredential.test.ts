import fc from 'fast-check';
import { drawTestKey, headOf, headWith } from '../../test/harness/identifyParts.ts';
import { readCredential, type RequestHead } from './readCredential.ts';

const key = drawTestKey();
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

const kindOf = (head: RequestHead, tokensAllowed = true): string => readCredential(head, tokensAllowed).kind;
const withHeader = (name: string, value: string): RequestHead => ({
  ...headOf(key),
  rawHeaders: [...headOf(key).rawHeaders, name, value],
});

describe('a credential', () => {
  it('is one key or one token behind Bearer, in any case', () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(readCredential(headWith(`${scheme} ${key.text}`), true)).toEqual({ kind: 'key', key: key.key });
      expect(readCredential(headWith(`${scheme} ${TOKEN}`), true)).toEqual({ kind: 'token', token: TOKEN });
    }
    expect(kindOf(headWith(`Bearer ${TOKEN}`), false)).toBe('unreadable');
  });

  it('is none when a key stands in the address, a cookie or another header beside it', () => {
    const percent = key.text.replace(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    for (const text of [key.text, percent, key.text.toUpperCase(), key.text.slice(0, -20)]) {
      expect(kindOf({ ...headOf(key), url: `/graphql?key=${text}` })).toBe('unreadable');
      expect(kindOf(withHeader('Cookie', `a=b; key=${text}`))).toBe('unreadable');
      expect(kindOf(withHeader('X-Api-Key', text))).toBe('unreadable');
    }
  });

  it('is none with two Authorization headers, a key and a token or the same twice', () => {
    expect(kindOf(withHeader('authorization', `Bearer ${TOKEN}`))).toBe('unreadable');
    expect(kindOf(withHeader('AUTHORIZATION', `Bearer ${key.text}`))).toBe('unreadable');
  });

  it('is unreadable for whatever else stands in the header, and never a fault', () => {
    const other = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `Bearer ${text}`),
      fc.tuple(fc.constantFrom('', ' ', '\0', ',', '=', '\n'), fc.nat(82)).map(([text, at]) => {
        const whole = `Bearer ${key.text}`;
        return text === '' ? `${whole} ` : whole.slice(0, at) + text + whole.slice(at);
      }),
      // A single changed letter of the key.
      fc.tuple(fc.nat(74), fc.constantFrom('a', 'Z', '9', '_', '-', '.', 'é')).map(([at, letter]) => {
        const changed = key.text.slice(0, at) + letter + key.text.slice(at + 1);
        return changed === key.text ? 'Bearer' : `Bearer ${changed}`;
      }),
    );
    fc.assert(
      fc.property(other, (value) => {
        expect(kindOf(headWith(value), false)).toBe('unreadable');
      }),
      { numRuns: 2_000 },
    );
  });

  it('is unreadable above 8 KB', () => {
    expect(kindOf(headWith(`Bearer ${'a'.repeat(8_000)}.b.c`))).toBe('token');
    expect(kindOf(headWith(`Bearer ${'a'.repeat(8_200)}.b.c`))).toBe('unreadable');
    expect(kindOf(headWith(`Bearer ${'a'.repeat(1_048_576)}`))).toBe('unreadable');
  });

  it('is nothing where no header and no key is there', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), fc.string(), (headers, url) => {
        const head = { rawHeaders: headers.flat(), url, address: undefined };
        expect(kindOf(head)).toBe('nothing');
      }),
    );
  });
});
