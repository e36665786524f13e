import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { openPeppers, PeppersError, readPeppers } from './peppers.ts';

const ONE = '11'.repeat(32);
const TWO = '22'.repeat(32);

describe('the file of peppers', () => {
  it('reads lines and JSON alike', () => {
    const expected = new Map([
      [1, Buffer.from(ONE, 'hex')],
      [2, Buffer.from(TWO, 'hex')],
    ]);
    expect(readPeppers(`# two of them\n1=${ONE}\r\n\n2 = ${TWO}\n`)).toEqual(expected);
    expect(readPeppers(JSON.stringify({ 1: ONE, 2: TWO }))).toEqual(expected);
  });

  it('refuses what is no pepper without showing it', () => {
    const canary = 'c0ffee'.repeat(6);
    const wrong = ['', '# none', ONE, `0=${ONE}`, `a=${ONE}`, `1=${canary}`, `1=${ONE}x`, `1=${ONE}\n1=${TWO}`];
    wrong.push('{}', `{"1": ["${ONE}"]}`, `{"1": "${canary}`);
    for (const text of wrong) {
      expect(() => readPeppers(text)).toThrow(PeppersError);
      expect(() => readPeppers(text)).not.toThrow(new RegExp(`c0ffee|${ONE}`));
    }
  });
});

describe('peppers', () => {
  it('hash a new secret with the newest, by HMAC-SHA-256', () => {
    const peppers = openPeppers(readPeppers(`2=${TWO}\n1=${ONE}`));
    const hash = createHmac('sha256', Buffer.from(TWO, 'hex')).update('secret').digest();
    expect(peppers.hash('secret')).toEqual({ hash, pepper: 2 });
  });

  it('hash as Node does, whatever the length of pepper and secret', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.string({ maxLength: 200 }), (bytes, secret) => {
        const pepper = Buffer.from(bytes);
        const expected = createHmac('sha256', pepper).update(secret).digest();
        expect(openPeppers(new Map([[1, pepper]])).hash(secret).hash).toEqual(expected);
      }),
    );
  });

  it('go on proving what an older one hashed, and nothing else', () => {
    const old = openPeppers(readPeppers(`1=${ONE}`)).hash('secret');
    const peppers = openPeppers(readPeppers(`1=${ONE}\n2=${TWO}`));
    expect(peppers.matches('secret', old)).toBe(true);
    expect(peppers.matches('Secret', old)).toBe(false);
  });

  it('prove nothing where nothing is stored, the pepper is gone or the hash is damaged', () => {
    const stored = openPeppers(readPeppers(`1=${ONE}`)).hash('secret');
    const peppers = openPeppers(readPeppers(`2=${TWO}`));
    expect(peppers.matches('', undefined)).toBe(false);
    expect(peppers.matches('secret', stored)).toBe(false);
    const damaged = { ...peppers.hash('secret'), hash: Buffer.alloc(0) };
    expect(peppers.matches('secret', damaged)).toBe(false);
  });
});
