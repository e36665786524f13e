// Every folder of cases/ is a check and the page that must come out; `UPDATE=1 npm test -- registry/cases` rewrites the
// pages. Together they show every change type, every rule and every code.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChangeType } from '@graphql-inspector/core';
import { CHECK_CODES } from './codes/checkCodes.ts';
import { GRAPH_CODES } from './codes/graphCodes.ts';
import { CASES, layCase, runCase, wordsOfCase } from '../test/harness/schemaCase.ts';

const NAMES = readdirSync(CASES).sort();
const pageFile = (name: string): string => join(CASES, name, 'page.txt');
const pageOf = (name: string): string => readFileSync(pageFile(name), 'utf8');
const isRefusal = (page: string): boolean => !page.endsWith('exit 0\n');

/** Runs the real command line in a folder; gives all that it printed, and its exit code. */
function runCommand(folder: string, words: readonly string[]): Promise<string> {
  const main = new URL('main.ts', import.meta.url).pathname;
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'check', ...words], { cwd: folder }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve(`${stdout}${stderr}exit ${String(code)}\n`.replace(/ \(\d+ ms\)$/m, ''));
    });
  });
}

describe('the golden cases', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-case-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each(NAMES)('%s comes to its page', async (name) => {
    layCase(name, folder);
    const page = await runCase(name, folder);
    if (process.env['UPDATE'] === '1') writeFileSync(pageFile(name), page);
    expect(page).toBe(pageOf(name));
  });

  it.each(['field-removed', 'field-added', 'config-missing'])(
    'comes to the page and the exit code of %s by the command line',
    async (name) => {
      layCase(name, folder);
      expect(await runCommand(folder, wordsOfCase(name))).toBe(pageOf(name));
    },
  );

  it('exits with 3 for words that are none', async () => {
    expect(await runCommand(folder, ['--no-such-flag'])).toMatch(/exit 3\n$/);
    expect(await runCommand(folder, ['--base', 'main', '--base-dir', '.'])).toMatch(/one state\nexit 3\n$/);
  });
});

describe('the golden cases together', () => {
  const pages = NAMES.map((name) => [name, pageOf(name)] as const);
  const shown = new Set(
    pages.flatMap(([, page]) => page.match(/(?<=^ {4}[✗·] .* {2})[A-Z][A-Z0-9_]+(?= {2})/gm) ?? []),
  );

  it('are at least 130, and at least half of them refusals', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(130);
    expect(pages.filter(([, page]) => isRefusal(page)).length * 2).toBeGreaterThanOrEqual(NAMES.length);
  });

  // It has names for directives on the fields of operations, and compares schemas only.
  const NEVER = /^DIRECTIVE_USAGE_FIELD_(ADDED|REMOVED)$/;
  it.each(Object.values(ChangeType).filter((type) => !NEVER.test(type)))('show %s', (type) =>
    expect(shown).toContain(type),
  );
  it.each(Object.keys(GRAPH_CODES))('show %s', (code) => expect(shown).toContain(code));
  it.each(Object.keys(CHECK_CODES))('show %s', (code) => expect(shown).toContain(code));

  const PARTS = /^ {6}\S.*\n[^]*^ {6}expected: \S.*\n {6}why: \S.*\n {6}mend: \S.*\n {6}read: docs\/checks\.md#[a-z]/m;
  const saysAll = (part: string, page: string): boolean => {
    // What several findings share is told with the first of them.
    const shared = /^ {6}as above: (\S+)$/m.exec(part)?.[1];
    return shared === undefined ? PARTS.test(part) : page.includes(`      read: ${shared}\n`);
  };

  it('say of everything that fails what, what is expected, why, how to mend it and where to read on', () => {
    const unsaid = pages.flatMap(([name, page]) =>
      page
        .split(/^(?= {4}[✗·] |[A-Z]|\n)/m)
        .filter((part) => part.startsWith('    ✗') && !saysAll(part, page))
        .map((part) => `${name}: ${part}`),
    );
    expect(unsaid).toEqual([]);
  });

  it('have no sentence that ends twice, and no word that is missing', () => {
    const odd = pages.filter(([, page]) => /\.\.(?!\.)|undefined|\[object| $/m.test(page)).map(([name]) => name);
    expect(odd).toEqual([]);
  });
});
