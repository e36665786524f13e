import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../platform/clock.ts';
import { OPEN_CALLER } from '../caller.ts';
import { askPolicies, loadPolicies, type PolicyFunction } from './policies.ts';

const caller = { ...OPEN_CALLER, kind: 'key' as const, claims: { team: 'sales' } };

function ask(policies: Record<string, PolicyFunction>, clock: Clock = systemClock) {
  const warned: unknown[] = [];
  const warn = (facts: unknown): void => void warned.push(facts);
  const parts = { policies: new Map(Object.entries(policies)), clock, policyTimeoutMs: 60_000, log: { warn } };
  return askPolicies(Object.keys(policies), caller, parts).then((held) => ({ held: [...held], warned }));
}

describe('askPolicies', () => {
  it('gives each function the caller and the clock, and takes nothing but true for a yes', async () => {
    const { held } = await ask({
      sales: ({ claims }) => claims['team'] === 'sales',
      later: (_, clock) => Promise.resolve(clock.now().getTime() > 0),
      truthy: () => 'yes' as unknown as boolean,
      no: () => false,
    });
    expect(held).toEqual(['sales', 'later']);
  });

  it('takes a throw and a rejection for a no, and tells of them', async () => {
    const { held, warned } = await ask({
      throws: () => {
        throw new Error('broken');
      },
      rejects: () => Promise.reject(new Error('broken')),
    });
    expect(held).toEqual([]);
    expect(warned).toHaveLength(2);
  });

  it('takes a late answer for a no', async () => {
    const impatient: Clock = {
      ...systemClock,
      after(_, task) {
        queueMicrotask(task);
        return () => undefined;
      },
    };
    const { held, warned } = await ask({ slow: () => new Promise(() => undefined) }, impatient);
    expect(held).toEqual([]);
    expect(warned).toHaveLength(1);
  });
});

describe('loadPolicies', () => {
  it('loads the functions of a file, and refuses a file without', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crm-policies-'));
    try {
      const write = async (name: string, text: string): Promise<string> => {
        await writeFile(join(folder, name), text);
        return join(folder, name);
      };
      const policies = await loadPolicies(await write('good.mjs', 'export default { office: () => true }'));
      expect([...policies.keys()]).toEqual(['office']);
      await expect(loadPolicies(await write('none.mjs', 'export const office = 1'))).rejects.toThrow('no policies');
      await expect(loadPolicies(await write('odd.mjs', 'export default { a: 1 }'))).rejects.toThrow('no function');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
