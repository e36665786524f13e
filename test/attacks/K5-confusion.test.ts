// Guarantee: one key a request, whole and in its one place; anything else is 401, never a crash or a match by prefix.
// Attack: two keys, two headers, doubled schemes, joined values, control characters, 1 MB, and every single-letter change.
// Learned from: proxies that join duplicate headers with a comma, while servers read the first or the last.
import type { RequestHead } from '../../gateway/identify/readCredential.ts';
import { openIdentifyOnMongo, type IdentifyOnMongo } from '../harness/identifyOnMongo.ts';
import { headWith } from '../harness/identifyParts.ts';

let on: IdentifyOnMongo;
beforeEach(async () => {
  on = await openIdentifyOnMongo();
});
afterEach(() => on.stop());

let addresses = 0;
/** From an address of its own, so that none is refused for their number. */
const sent = (value: string): RequestHead => headWith(value, `10.1.${++addresses >> 8}.${addresses & 255}`);
const withMore = (head: RequestHead, ...more: string[]): RequestHead => ({
  ...head,
  rawHeaders: [...head.rawHeaders, ...more],
});

describe('K5: confusion', () => {
  it('refuses everything but one whole key behind one Bearer', async () => {
    const [text, other] = [await on.create(), await on.create()];
    const values = [
      ...['', ' ', 'Bearer', 'Bearer ', 'Bearer bearer', 'Bearer  ' + text, 'Bearer ' + text + ' ', ' Bearer ' + text],
      ...[text, 'Basic ' + text, 'Bearer Bearer ' + text, 'Bearer ' + text + ', Bearer ' + other],
      ...['Bearer ' + text + ',' + other, 'Bearer ' + text + '\0', 'Bearer \0' + text, 'Bearer\t' + text],
      ...[
        'Bearer ' + text + '\n',
        'Bearer ' + text.toLowerCase(),
        'Bearer ' + text.toUpperCase(),
        'Bearer ' + text + text,
      ],
      ...[
        'Bearer ' + text.slice(0, -1),
        'Bearer ' + text + 'a',
        'Bearer "' + text + '"',
        'Bearer ' + 'a'.repeat(1_048_576),
      ],
    ];
    for (const value of values)
      expect([value.slice(0, 99), await on.ask(sent(value))]).toEqual([value.slice(0, 99), 'API_KEY_INVALID']);
    expect(on.lookups).toEqual([]);
    const head = sent('bearer ' + text);
    const doubled = [
      withMore(head, 'authorization', 'Bearer ' + other),
      withMore(head, 'AUTHORIZATION', 'Bearer ' + text),
      withMore(head, 'Cookie', 'key=' + other),
      withMore(head, 'Proxy-Authorization', 'Bearer ' + other),
      { ...head, url: '/graphql?key=' + other },
    ];
    for (const one of doubled) expect(await on.ask(one)).toBe('API_KEY_INVALID');
    expect(on.lookups).toEqual([]);
    expect(await on.ask(head)).toBe('key');
  });

  it('never asks the store for a key with one letter changed', async () => {
    const text = await on.create();
    for (let at = 0; at < text.length; at++) {
      const letter = text.charAt(at) === 'x' ? 'y' : 'x';
      expect(await on.ask(sent('Bearer ' + text.slice(0, at) + letter + text.slice(at + 1)))).toBe('API_KEY_INVALID');
    }
    expect(on.lookups).toEqual([]);
  });
});
