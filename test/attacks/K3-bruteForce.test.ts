// Guarantee: failures are limited for each address and for all together, before the store; callers with known keys go on.
// Attack: many ids from one address, all at once; then from thousands of addresses, and from one IPv6 subnet.
// Learned from: password spraying over botnets, and limits that count only what has already been looked up.
import { drawApiKey, printApiKey } from '../../gateway/identify/apiKey.ts';
import { IDENTIFY_LIMITS } from '../../gateway/identify/openIdentify.ts';
import { openIdentifyOnMongo, type IdentifyOnMongo } from '../harness/identifyOnMongo.ts';
import { headWith } from '../harness/identifyParts.ts';

let on: IdentifyOnMongo;
beforeEach(async () => {
  on = await openIdentifyOnMongo();
});
afterEach(() => on.stop());

const { addressBurst, totalBurst } = IDENTIFY_LIMITS.attempts;

/** Sends made-up keys, in groups at once; gives how often each code came. */
async function attack(tries: number, atOnce: number, addressOf: (at: number) => string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let from = 0; from < tries; from += atOnce) {
    const group = Array.from({ length: Math.min(atOnce, tries - from) }, (_, at) =>
      on.ask(headWith(`Bearer ${printApiKey(drawApiKey('test'))}`, addressOf(from + at))),
    );
    for (const code of await Promise.all(group)) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

describe('K3: brute force', () => {
  it('lets one address fail 20 times, also when it tries all at once', async () => {
    const counts = await attack(200, 200, () => '192.0.2.1');
    expect(Object.fromEntries(counts)).toEqual({ API_KEY_INVALID: addressBurst, RATE_LIMITED: 200 - addressBurst });
    expect(on.lookups).toHaveLength(addressBurst);
  });

  it('counts the addresses of one IPv6 subnet as one', async () => {
    const counts = await attack(100, 100, (at) => `2001:db8::${(at + 1).toString(16)}`);
    expect(counts.get('API_KEY_INVALID')).toBe(addressBurst);
  });

  it('lets all addresses together ask the store 1,000 times, while known keys go on', async () => {
    const head = headWith(`Bearer ${await on.create()}`, '198.51.100.1');
    expect(await on.ask(head)).toBe('key');
    on.lookups.length = 0;
    const counts = await attack(1_500, 100, (at) => `10.0.${at >> 8}.${at & 255}`);
    expect(Object.fromEntries(counts)).toEqual({ API_KEY_INVALID: totalBurst, RATE_LIMITED: 1_500 - totalBurst });
    expect(on.lookups).toHaveLength(totalBurst);
    expect(await on.ask(head)).toBe('key');
  });
});
