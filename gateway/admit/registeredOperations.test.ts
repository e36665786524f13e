// Registered operations out of files, followed while they change.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../platform/log.ts';
import { openHandClock } from '../../test/harness/handClock.ts';
import { MANIFEST_BYTES_MAX } from '../../contracts/operationManifest.ts';
import { openRegisteredOperations, registerOperations } from './registeredOperations.ts';

const log = openLog('test', 'silent');
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  file = join(folder, 'relay.json');
  writeFileSync(file, JSON.stringify({ one: '{ a }' }));
});
afterEach(() => rmSync(folder, { recursive: true }));

function replace(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

it('finds by id, with and without the name of the hash, and holds texts to the letter', () => {
  const operations = registerOperations(new Map([['abc', '{ a }']]));
  expect(operations.find('abc')).toBe('{ a }');
  expect(operations.find('sha256:abc')).toBe('{ a }');
  expect(operations.find('abcd')).toBeUndefined();
  expect(operations.holds('{ a }')).toBe(true);
  expect(operations.holds('{ a } ')).toBe(false);
});

it('follows its files, and keeps what it has where a changed one is faulty', async () => {
  const operations = await openRegisteredOperations(` ${file} ,`, openHandClock(), log);
  expect(await operations.reread()).toBe(false);
  replace(JSON.stringify({ one: '{ a }', two: '{ b }' }));
  expect(await operations.reread()).toBe(true);
  expect(operations.size).toBe(2);
  replace('{');
  expect(await operations.reread()).toBe(false);
  expect(operations.find('two')).toBe('{ b }');
  rmSync(file);
  expect(await operations.reread()).toBe(false);
  replace(JSON.stringify({ three: '{ c }' }));
  expect(await operations.reread()).toBe(true);
  expect(operations.find('one')).toBeUndefined();
  expect(operations.holds('{ c }')).toBe(true);
  operations.close();
});

it('looks by itself every few seconds until it is closed', async () => {
  const clock = openHandClock();
  const operations = await openRegisteredOperations(file, clock, log);
  replace(JSON.stringify({ one: '{ a }', two: '{ b }' }));
  clock.pass(5_000);
  for (const endMs = performance.now() + 5_000; operations.size < 2 && performance.now() < endMs;) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(operations.size).toBe(2);
  operations.close();
  expect(clock.tasksWaiting).toBe(0);
});

it('does not open with a file that is missing, faulty or too large', async () => {
  await expect(openRegisteredOperations(join(folder, 'none'), openHandClock(), log)).rejects.toThrow(/ENOENT/);
  replace('[]');
  await expect(openRegisteredOperations(file, openHandClock(), log)).rejects.toThrow(/not a JSON object/);
  replace(' '.repeat(MANIFEST_BYTES_MAX + 1));
  await expect(openRegisteredOperations(file, openHandClock(), log)).rejects.toThrow(/more than 20971520/);
});
