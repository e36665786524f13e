import { openHandClock } from '../../test/harness/handClock.ts';
import { drawTestKey, NO_LOG } from '../../test/harness/identifyParts.ts';
import { openMemoryAudit } from '../../test/harness/memoryAudit.ts';
import type { KeyRecord } from './keyStore.ts';
import { watchExpiry } from './watchExpiry.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const settle = (): Promise<void> => new Promise((next) => setImmediate(next));

describe('watchExpiry', () => {
  const keyFor = (days: number, changes: Partial<KeyRecord> = {}) =>
    drawTestKey({ expiresAt: new Date(days * DAY_MS), ...changes }).record;

  async function tellOver(days: number, keys: readonly KeyRecord[], watches = 1): Promise<string[]> {
    const clock = openHandClock();
    const audit = openMemoryAudit();
    const parts = { store: { list: () => Promise.resolve(keys) }, audit, clock, log: NO_LOG };
    for (let watch = 0; watch < watches; watch += 1) {
      const running = watchExpiry(parts);
      for (let hours = 0; hours < (days / watches) * 24; hours += 1) {
        clock.pass(HOUR_MS);
        await settle();
      }
      await running.stop();
    }
    return audit.entries.map(({ at, reason }) => `${Math.floor(at.getTime() / DAY_MS)}: ${reason ?? ''}`);
  }

  it('tells 30, 7 and 1 days ahead and at the end, each once, also over new starts', async () => {
    const told = [
      '70: expires within 30 days',
      '93: expires within 7 days',
      '99: expires within 1 days',
      '100: expired',
    ];
    expect(await tellOver(110, [keyFor(100)])).toEqual(told);
    expect(await tellOver(110, [keyFor(100)], 5)).toEqual(told);
  });

  it('tells nothing of revoked keys, nor ahead of more than a key was meant to last', async () => {
    expect(await tellOver(40, [keyFor(35, { revokedAt: new Date(1) })])).toEqual([]);
    expect(await tellOver(6, [keyFor(5)])).toEqual(['4: expires within 1 days', '5: expired']);
  });

  it('goes on after the store was away', async () => {
    const clock = openHandClock();
    const audit = openMemoryAudit();
    let isAway = true;
    const list = () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve([keyFor(0.01)]));
    const watch = watchExpiry({ store: { list }, audit, clock, log: NO_LOG });
    clock.pass(1_000);
    await settle();
    expect(audit.entries).toEqual([]);
    isAway = false;
    clock.pass(HOUR_MS);
    await settle();
    await watch.stop();
    expect(audit.entries).toHaveLength(1);
  });
});
