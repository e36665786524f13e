import { openHandClock } from '../../test/harness/handClock.ts';
import { drawTestKey, headOf, NO_LOG, openTestStore } from '../../test/harness/identifyParts.ts';
import { openMemoryAudit } from '../../test/harness/memoryAudit.ts';
import { refuse } from '../requestState.ts';
import { noteDenials } from './noteDenials.ts';

const DAY_MS = 86_400_000;

describe('noteDenials', () => {
  const key = drawTestKey();
  const head = headOf(key, '192.0.2.7');

  async function noteAll(codes: readonly ('API_KEY_REVOKED' | 'API_KEY_INVALID' | 'ADDRESS_DENIED')[], days = 1) {
    const clock = openHandClock();
    const audit = openMemoryAudit();
    let code = codes[0] ?? 'API_KEY_INVALID';
    const parts = { store: openTestStore(key), audit, clock, log: NO_LOG };
    const noted = noteDenials(() => refuse(code), parts);
    for (let day = 0; day < days; day += 1) {
      for (code of codes) expect(await noted.authenticate(head)).toEqual(refuse(code));
      clock.pass(DAY_MS);
    }
    await noted.stop();
    return audit.entries.map(({ action, keyId, change }) => [action, keyId, JSON.parse(change) as unknown]);
  }

  it('notes each reason once a day, and nothing of a key whose secret was wrong', async () => {
    const from = '192.0.2.7';
    const revoked = ['deny', key.record.id, { code: 'API_KEY_REVOKED', from }];
    const elsewhere = ['deny', key.record.id, { code: 'ADDRESS_DENIED', from }];
    expect(await noteAll(['API_KEY_REVOKED', 'API_KEY_REVOKED', 'ADDRESS_DENIED'])).toEqual([revoked, elsewhere]);
    expect(await noteAll(['API_KEY_REVOKED'], 3)).toEqual([revoked, revoked, revoked]);
    expect(await noteAll(['API_KEY_INVALID'])).toEqual([]);
  });
});
