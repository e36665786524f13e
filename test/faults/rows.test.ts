// Every row of the fault table that the gateway answers for has tests: its code opens the name of a describe.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const numbered = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
const ROWS = [...numbered('S', 13), ...numbered('C', 3), ...numbered('P', 7), ...numbered('R', 4)];

/** The codes that describes of these tests open with, in a title of their own or in a row of describe.each. */
function rowsTested(): Set<string> {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts') && name !== 'rows.test.ts');
  const texts = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
  const codes = texts.flatMap((text) => {
    const titles = text.matchAll(/describe(?:\.each\([^)]*\))?\(\s*['"`]([SCPR]\d+)\b/g);
    const cases = text.matchAll(/\[\s*['"`]([SCPR]\d+): /g);
    return [...titles, ...cases].map(([, code = '']) => code);
  });
  return new Set(codes);
}

describe('the fault table', () => {
  it.each(ROWS)('has tests for %s', (row) => {
    expect([...rowsTested()]).toContain(row);
  });
});
