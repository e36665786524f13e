// A data folder is opened again by the version that wrote it, and refused by a version that would read it wrongly.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Sqlite } from './sqlite.ts';
import { Store } from './store.ts';

const MAIN = join(import.meta.dirname, '../main.ts');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-format-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function setFormat(format: number): void {
  const sqlite = new Sqlite(join(folder, 'store.sqlite'), false);
  sqlite.exec(`PRAGMA user_version = ${format}`);
  sqlite.close();
}

async function startMain(): Promise<{ said: string; code: unknown }> {
  const child = spawn(process.execPath, [MAIN, '--port', '0', '--data', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exit = once(child, 'exit');
  const said = await text(child.stderr);
  const [code] = (await exit) as [unknown];
  return { said, code };
}

describe('Store', () => {
  it('opens again what it wrote', () => {
    new Store(folder).close();
    const store = new Store(folder);
    expect(store.catalog.list()).toEqual([]);
    store.close();
  });

  it.each([0, 999])('refuses data of format %i and leaves them to whoever can read them', (format) => {
    new Store(folder).close();
    setFormat(format);
    expect(() => new Store(folder)).toThrow(`delete the folder ${folder}`);
    expect(() => new Store(folder)).toThrow(`have format ${format}`);
  });

  it('ends the process with code 1 and one line that says what to do', async () => {
    new Store(folder).close();
    setFormat(0);
    const { said, code } = await startMain();
    expect(code).toBe(1);
    expect(said.trimEnd().split('\n')).toEqual([expect.stringContaining(`delete the folder ${folder}`)]);
  });
});
