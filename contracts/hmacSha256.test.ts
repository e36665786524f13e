import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { HmacKey } from './hmacSha256.ts';

describe('HMAC-SHA-256', () => {
  it('is what Node makes, whatever secret and texts, one after the other with one key', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1, maxLength: 5 }), (secret, texts) => {
        const key = new HmacKey(secret);
        for (const each of texts) {
          expect(key.sign(each)).toBe(createHmac('sha256', secret).update(each).digest('base64url'));
        }
      }),
    );
  });

  it('hashes a secret first that is longer than a block', () => {
    const secret = 'a'.repeat(131);
    const text = 'Test Using Larger Than Block-Size Key - Hash Key First';
    expect(new HmacKey(secret).sign(text)).toBe(createHmac('sha256', secret).update(text).digest('base64url'));
  });
});
