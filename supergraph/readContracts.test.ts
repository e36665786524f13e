import fc from 'fast-check';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkContracts, readContracts } from './readContracts.ts';

function faultsOf(text: string): readonly string[] {
  const checked = checkContracts(text);
  return 'faults' in checked ? checked.faults : [];
}

describe('contracts.yaml', () => {
  it('gives each contract the tags that it shows and hides', () => {
    const checked = checkContracts(
      'partner: { exclude: [pii, internal] }\nshop:\n  include: [open]\n  exclude: [pii]\n',
    );
    expect(checked).toEqual({
      value: new Map([
        ['partner', { include: new Set(), exclude: new Set(['pii', 'internal']) }],
        ['shop', { include: new Set(['open']), exclude: new Set(['pii']) }],
      ]),
    });
  });

  it('may name no contract', () => {
    expect(checkContracts('# none yet\n')).toEqual({ value: new Map() });
  });

  it.each([
    ['partner: { exclud: [pii] }', 'line 1: partner.exclud is unknown here: only include and exclude are'],
    ['partner: {}', 'line 1: partner names no tag, and so would show everything'],
    ['partner: { exclude: [] }', 'line 1: partner.exclude must name a tag'],
    ['partner: { exclude: pii }', 'line 1: partner.exclude must be a list of tags, as [pii, internal]'],
    ['partner: { exclude: [1] }', 'line 1: partner.exclude.0 must be a tag'],
    ['\npartner: { exclude: ["p i"] }', 'line 2: partner.exclude.0 must be a tag: letters, digits, _, - and /'],
    ['partner: [pii]', 'line 1: partner must say what it shows or hides, as {exclude: [pii]}'],
    ['partner: { include: [a], exclude: [a] }', 'line 1: partner both includes and excludes a'],
    ['[partner]', 'line 1: the file must be a map from contract to its tags'],
    ['a b: { include: [a] }', 'line 1: a b is no name of a contract: a letter, then letters, digits, _ and -'],
    ['partner: { exclude: [pii] }\npartner: { exclude: [pii] }', 'line 2: Map keys must be unique'],
  ])('tells the fault of %j', (text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });

  it('tells all faults at once, in the order of their lines', () => {
    const text = 'one: { exclude: [pii] }\ntwo: {}\nthree: { only: [a] }\n';
    expect(faultsOf(text).map((fault) => fault.slice(0, 6))).toEqual(['line 2', 'line 3']);
  });

  it('gives contracts or faults for every text', () => {
    const words = fc.constantFrom(
      'partner',
      ':',
      ' ',
      '\n',
      '{',
      '}',
      '[',
      ']',
      'exclude',
      'pii',
      '*a',
      '&a',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
        const checked = checkContracts(parts.join(''));
        expect('faults' in checked ? checked.faults.length > 0 : checked.value instanceof Map).toBe(true);
      }),
    );
  });

  it('is told with its path and the page about it where it is faulty or absent', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'contracts-')), 'contracts.yaml');
    expect(() => readContracts(path)).toThrow(`${path} cannot be read`);
    writeFileSync(path, 'partner: {}');
    expect(() => readContracts(path)).toThrow(
      `${path}, line 1: partner names no tag, and so would show everything\nwhat may stand in it is in docs/contracts.md`,
    );
  });

  it("holds the repository's own contracts", () => {
    const contracts = readContracts(fileURLToPath(new URL('../contracts.yaml', import.meta.url)));
    expect(contracts.get('partner')?.exclude).toEqual(new Set(['pii', 'internal']));
  });
});
