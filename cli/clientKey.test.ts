import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { developmentKeyPath, keyHeaders } from './clientKey.ts';

const HERE = 'http://127.0.0.1:4000/graphql';

describe('the key that our own clients show', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crm-client-key-'));
    writeFileSync(developmentKeyPath(folder), 'of-start\n');
    writeFileSync(join(folder, 'named'), 'of-file\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function shown(url: string, keyFile?: string, given?: string): string | undefined {
    return keyHeaders(url, keyFile, { CRM_API_KEY: given, CRM_DATA_PATH: folder })['authorization'];
  }

  it('is that of the file that is named, else CRM_API_KEY, else that of npm start', () => {
    expect(shown(HERE, join(folder, 'named'), 'of-setting')).toBe('Bearer of-file');
    expect(shown(HERE, undefined, 'of-setting')).toBe('Bearer of-setting');
    expect(shown(HERE)).toBe('Bearer of-start');
  });

  it.each(['http://localhost:1/graphql', 'http://[::1]:1/graphql', 'http://127.8.0.1/graphql'])(
    'is that of npm start on this machine, as at %s',
    (url) => expect(shown(url)).toBe('Bearer of-start'),
  );

  it.each([
    'https://graph.example.com/graphql',
    'http://127.0.0.1.example.com/',
    'http://10.0.0.1/',
    'http://localhost@a.b/',
  ])('never is that of npm start elsewhere, as at %s', (url) => {
    expect(shown(url)).toBeUndefined();
    expect(shown(url, undefined, 'of-setting')).toBe('Bearer of-setting');
  });

  it('is none where there is none', () => {
    rmSync(developmentKeyPath(folder));
    expect(shown(HERE)).toBeUndefined();
  });
});
