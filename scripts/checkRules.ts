// Rules that no linter knows: file openings, lengths, test names, names of files, muted checks. Prints each fault with
// its place and exits 1 where there is one. `node scripts/checkRules.ts`
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const LINES_MAX = 300;
const TEST_LINES_MAX = 400;
const REFUSED_NAMES = /^(utils?|helpers?|common|misc|types|index|.*Manager|.*Handler)\.tsx?$/;
const TEST_NAME = /\b(?:it|test)(?:\.each\([^)]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g;
const REFUSED_IN_TEST_NAMES = /\b(should|works?|correctly|properly)\b/;
// Written in pieces, so that this file does not find itself.
const MUTED = new RegExp(
  [
    '@ts-' + 'ignore',
    '@ts-' + 'nocheck',
    'eslint-' + 'disable',
    '\\b(?:it|test|describe)\\.(?:only|skip|todo)\\b',
  ].join('|'),
);

/** Takes a file's path and text; gives a sentence for each rule that it breaks. */
function checkFile(path: string, text: string): string[] {
  const faults: string[] = [];
  const lines = text.split('\n');
  const isTest = path.endsWith('.test.ts');
  if (lines.length - 1 > (isTest ? TEST_LINES_MAX : LINES_MAX)) faults.push(`has ${lines.length - 1} lines`);
  const opening = lines.find((line) => !line.startsWith('#!')) ?? '';
  if (!isTest && !opening.startsWith('// ')) faults.push('does not open with a comment that says where it stands');
  if (REFUSED_NAMES.test(basename(path))) faults.push('has a name that says nothing');
  lines.forEach((line, at) => {
    if (MUTED.test(line)) faults.push(`line ${at + 1} mutes a check`);
  });
  if (isTest) {
    for (const [, , name] of text.matchAll(TEST_NAME)) {
      if (name !== undefined && REFUSED_IN_TEST_NAMES.test(name))
        faults.push(`"${name}" is no promise in the present tense`);
    }
  }
  return faults.map((fault) => `${path}: ${fault}`);
}

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
  encoding: 'utf8',
});
const faults = listed
  .split('\n')
  .filter(Boolean)
  .flatMap((path) => checkFile(path, readFileSync(path, 'utf8')));
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
