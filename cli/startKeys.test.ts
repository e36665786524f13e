import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPeppers } from '../gateway/identify/peppers.ts';
import { ensurePeppers } from './startKeys.ts';

describe('the peppers of npm start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crm-start-keys-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are made once, in a folder that may be missing, and kept from then on', async () => {
    const path = await ensurePeppers(join(folder, 'data'));
    const text = readFileSync(path, 'utf8');
    expect(readPeppers(text).size).toBe(1);
    expect(await ensurePeppers(join(folder, 'data'))).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('are for their owner alone, also where somebody opened the file', async () => {
    const path = await ensurePeppers(folder);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    await ensurePeppers(folder);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('are the same for two starts at once', async () => {
    const data = join(folder, 'twice');
    const paths = await Promise.all([ensurePeppers(data), ensurePeppers(data)]);
    expect(new Set(paths).size).toBe(1);
    expect(readdirSync(data)).toEqual(['key-peppers']);
  });
});
