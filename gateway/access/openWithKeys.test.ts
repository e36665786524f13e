import { fileURLToPath } from 'node:url';
import { systemClock } from '../../platform/clock.ts';
import { readConfig } from '../../platform/config.ts';
import { openLog } from '../../platform/log.ts';
import { openAccess } from './openAccess.ts';

const contractsPath = fileURLToPath(new URL('../../contracts.yaml', import.meta.url));

/** Gives the fault that the start ends with under some settings; no database is asked before these are read. */
async function faultOf(env: Readonly<Record<string, string>>): Promise<string> {
  const options = { mode: 'keys', contractsPath, policiesPath: undefined, workers: 1 } as const;
  const parts = { config: readConfig([], env), clock: systemClock, log: openLog('test', 'silent') };
  try {
    await (await openAccess(options, parts)).stop();
    return 'none';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'something else';
  }
}

describe('access by keys', () => {
  it('is not opened where people are to have a contract that there is not', async () => {
    expect(await faultOf({ CRM_PEOPLE_CONTRACT: 'patrner' })).toBe(
      "StartError: CRM_PEOPLE_CONTRACT names the contract patrner; those of the contracts' file are: partner",
    );
  });

  it('is not opened without peppers, and says how to make one', async () => {
    expect(await faultOf({ CRM_PEOPLE_CONTRACT: 'partner' })).toMatch(/^StartError: CRM_KEY_PEPPERS_FILE is missing/);
  });

  it('is not opened where half of what tokens have to say is set', async () => {
    expect(await faultOf({ CRM_JWT_ISSUER: 'https://login.example.com' })).toMatch(/^ConfigError: /);
  });
});
