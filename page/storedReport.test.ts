import { briefOf, readStoredReport } from './storedReport.ts';

const finding = (given: object): object => ({
  step: 'change',
  code: 'FIELD_REMOVED',
  verdict: 'breaking',
  coordinate: 'Customer.phone',
  views: ['graph', 'partner'],
  place: { file: 'customers/schema.graphql', line: 7 },
  fingerprint: '45190b2a23efb843',
  fails: false,
  message: { what: 'Customer.phone was removed.', expected: 'e', why: 'w', mend: 'm', read: 'docs/checks.md' },
  ...given,
});
const report = (findings: unknown, passed = true): unknown => ({
  formatVersion: 1,
  passed,
  compared: { base: 'release 1', head: 'the working tree' },
  findings,
});

describe('a stored report', () => {
  it('is read with what fails first, then the worst, and each finding’s five parts', () => {
    const read = readStoredReport(
      report(
        [finding({ verdict: 'safe' }), finding({}), finding({ verdict: 'error', step: 'lint', fails: true })],
        false,
      ),
    );
    expect(read?.findings.map(({ verdict }) => verdict)).toEqual(['error', 'breaking', 'safe']);
    expect(read?.changes).toHaveLength(2);
    expect(read?.compared).toBe('The working tree, compared with release 1');
    expect(read?.findings[1]).toMatchObject({
      expected: 'e',
      why: 'w',
      mend: 'm',
      place: 'customers/schema.graphql:7',
    });
    expect(read && briefOf(read)).toMatchObject({
      passed: false,
      sentence: 'The check failed: 1 finding must be mended.',
    });
  });

  it('says in a sentence what changed, and what of it breaks', () => {
    const sentenceOf = (findings: object[]): string | undefined => {
      const read = readStoredReport(report(findings));
      return read && briefOf(read).sentence;
    };
    expect(sentenceOf([])).toBe('Nothing changed for clients.');
    expect(sentenceOf([finding({ verdict: 'safe' })])).toBe('1 change, nothing breaks.');
    expect(sentenceOf([finding({}), finding({ verdict: 'safe' })])).toBe(
      '2 changes, 1 of them breaks clients, which was accepted.',
    );
  });

  it('tells who is affected, and who approved', () => {
    const affected = [{ kind: 'key', name: 'k1', count: 3, lastSeen: '2026-10-01T00:00:00.000Z', operations: [] }];
    const read = readStoredReport(
      report([
        finding({
          usage: { isExcused: false, because: 'it is used', share: 0.1, affected },
          approval: { approvers: ['ana', 'tom'], reason: 'agreed', until: '2026-12-31' },
        }),
      ]),
    );
    expect(read?.findings[0]).toMatchObject({
      because: 'it is used',
      affected: [{ name: 'key k1', count: 3 }],
      approval: 'Approved by ana and tom until 2026-12-31: agreed',
    });
  });

  it.each([undefined, null, 1, 'x', [], {}, { passed: true }, { passed: 'yes', findings: [] }])(
    'is none where it is %j',
    (value) => {
      expect(readStoredReport(value)).toBeUndefined();
    },
  );

  it('leaves out findings that are none, and cuts texts that are too long', () => {
    const long = finding({ message: { what: 'x'.repeat(10_000) } });
    const read = readStoredReport(report([null, 1, {}, finding({ verdict: 'lovely' }), finding({ message: 3 }), long]));
    expect(read?.findings.map(({ what }) => what.length)).toEqual([4_000]);
  });
});
