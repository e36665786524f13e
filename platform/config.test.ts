import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from './config.ts';

function faultsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
  }
  return [];
}

describe('settings', () => {
  it('gives defaults for what is absent or empty', () => {
    expect(readConfig([], { CRM_GATEWAY_PORT: '' })).toMatchObject({ CRM_GATEWAY_PORT: 4000, CRM_IDE_ALLOWED: false });
  });

  it('names all faults at once', () => {
    const env = { CRM_GATEWAY_PORT: '70000', CRM_IDE_ALLOWED: 'yes', CRM_TYPO: '1', CRM_PROOF_SECRET: 'short' };
    expect(faultsOf(() => readConfig(['MONGODB_URI', 'CRM_PROOF_SECRET'], env))).toEqual([
      'CRM_TYPO is not a setting: see docs/settings.md',
      'CRM_GATEWAY_PORT must be from 0 to 65535',
      'CRM_PROOF_SECRET must have at least 32 characters',
      'CRM_IDE_ALLOWED must be true or false',
      expect.stringMatching(/^MONGODB_URI is missing/),
    ]);
  });

  it('is content with one of several settings where one is enough, and names all of them where none is there', () => {
    const needed = [['CRM_PROOF_SECRET', 'CRM_PROOF_SUBGRAPH_SECRET']] as const;
    const secret = 's'.repeat(32);
    expect(faultsOf(() => readConfig(needed, { CRM_PROOF_SUBGRAPH_SECRET: secret }))).toEqual([]);
    expect(faultsOf(() => readConfig(needed, { CRM_PROOF_SECRET_PREVIOUS: 'short' }))).toEqual([
      'CRM_PROOF_SECRET_PREVIOUS must have at least 32 characters',
      expect.stringMatching(/^CRM_PROOF_SECRET is missing: .*; or CRM_PROOF_SUBGRAPH_SECRET$/),
    ]);
  });

  it('never shows a secret', () => {
    const faults = faultsOf(() => readConfig([], { CRM_PROOF_SECRET: 'short', CRM_GATEWAY_PORT: 'x' }));
    expect(faults.join()).not.toContain("'short'");
  });

  it('reads a secret from the file that is named for it', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'crm-')), 'secret');
    writeFileSync(path, `${'f'.repeat(32)}\n`);
    expect(readConfig([], { CRM_PROOF_SECRET_FILE: path }).CRM_PROOF_SECRET).toBe('f'.repeat(32));
  });

  it("refuses to start with the planner's limits switched off", () => {
    const env = { APOLLO_DISABLE_SECURITY_NON_LOCAL_SELECTIONS_CHECK: 'true' };
    expect(faultsOf(() => readConfig([], env))).toHaveLength(1);
  });
});
