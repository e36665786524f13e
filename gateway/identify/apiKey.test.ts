import fc from 'fast-check';
import { inheritedEnvironment } from '../../platform/config.ts';
import {
  API_KEY_PATTERN,
  drawApiKey,
  findApiKeys,
  isKeyId,
  parseApiKey,
  printApiKey,
  redactApiKeys,
  showKey,
} from './apiKey.ts';

/** 1,000,000 is the full figure; the environment raises it for a long run. */
const MUTATIONS = Number(inheritedEnvironment()['KEY_MUTATIONS'] ?? 20_000);
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_';

describe('an API key', () => {
  it('has the published shape and reads back as it was drawn', () => {
    for (const env of ['live', 'test'] as const) {
      const key = drawApiKey(env);
      const text = printApiKey(key);
      expect(text).toMatch(API_KEY_PATTERN);
      expect(parseApiKey(text)).toEqual(key);
    }
  });

  it('keeps its checksum over versions of the program', () => {
    const key = { env: 'live' as const, id: '0123456789AB', secret: 'x'.repeat(43) };
    expect(printApiKey(key)).toBe(`crm_live_0123456789AB_${'x'.repeat(43)}_0SJhzo`);
  });

  it('gives another secret under the id that it is given', () => {
    const first = drawApiKey('live');
    const second = drawApiKey('live', first.id);
    expect(second.id).toBe(first.id);
    expect(second.secret).not.toBe(first.secret);
  });

  it('is never read from a text with one character changed, added or taken away', () => {
    const text = printApiKey(drawApiKey('live'));
    const character = fc.oneof(
      fc.constantFrom(...Array.from(BASE62)),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    const change = fc.tuple(fc.nat(text.length - 1), character, fc.constantFrom('change', 'add', 'drop'));
    fc.assert(
      fc.property(change, ([at, to, kind]) => {
        const kept = kind === 'add' ? text.slice(at) : text.slice(at + 1);
        const mutated = text.slice(0, at) + (kind === 'drop' ? '' : to) + kept;
        fc.pre(mutated !== text);
        return parseApiKey(mutated) === undefined;
      }),
      { numRuns: MUTATIONS },
    );
  });

  it('is not read with anything around it', () => {
    const text = printApiKey(drawApiKey('test'));
    for (const wrong of [
      ` ${text}`,
      `${text} `,
      `${text}\n`,
      `Bearer ${text}`,
      `${text},${text}`,
      '',
      text.toUpperCase(),
    ])
      expect(parseApiKey(wrong)).toBeUndefined();
  });
});

describe('finding keys in a text', () => {
  it('gives each key with a right checksum, and where it begins', () => {
    const [one, two] = [drawApiKey('live'), drawApiKey('test')];
    const mistyped = printApiKey(one).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const text = `KEY=${printApiKey(one)}\n${mistyped} "${printApiKey(two)}"`;
    expect(findApiKeys(text)).toEqual([
      { key: one, at: 4 },
      { key: two, at: text.indexOf('"') + 1 },
    ]);
  });
});

describe('cutting keys out of what is shown', () => {
  it('leaves the id and no part of the secret, whether the checksum is right, wrong or missing', () => {
    const key = drawApiKey('live');
    const text = printApiKey(key);
    for (const written of [text, text.slice(0, -1), text.slice(0, 40), `${text}x`]) {
      expect(redactApiKeys(`a ${written} b`)).toBe(`a crm_live_${key.id}_[cut] b`);
    }
  });

  it('shows the id and the last four characters', () => {
    expect(showKey('live', 'abcdefghijkl', 'WXYZ')).toBe('crm_live_abcdefghijkl_…WXYZ');
  });
});

describe('the id of a key', () => {
  it('is 12 characters of base62 and nothing else', () => {
    expect(['abcDEF012345', 'abcDEF01234', 'abcDEF0123456', 'abcDEF01234_', 'abcDEF01234\n'].map(isKeyId)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
