import fc from 'fast-check';
import { makeFinding } from '../../test/harness/exampleReport.ts';
import type { Finding } from '../finding.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { applyApprovals } from './applyApprovals.ts';
import type { Approval } from './readApprovals.ts';

const terms = { today: '2026-11-23', isStrict: false };
const breaking = makeFinding({ coordinate: 'Customer.phone' });
const unsafe = makeFinding({
  code: 'NEED_LOOSENED',
  verdict: 'unsafe',
  coordinate: 'Customer.email',
  after: 'String!',
});

function approve(finding: Finding, parts: Partial<Approval> = {}): Approval {
  const { fingerprint } = finding;
  return {
    fingerprint,
    reason: 'agreed',
    approvers: ['ana'],
    until: '2026-11-23',
    change: undefined,
    line: 3,
    ...parts,
  };
}

function apply(findings: readonly Finding[], entries: readonly Approval[], isStrict = false): Finding[] {
  return applyApprovals(findings, { file: 'schema-approvals.yaml', entries, faults: [] }, { ...terms, isStrict });
}

function tell(findings: readonly Finding[]): string[] {
  return findings.map(({ code, fails }) => `${code} ${fails ? 'fails' : 'passes'}`);
}

describe('applyApprovals', () => {
  it('lets what is approved pass, until the end of the last day, and says who approved it', () => {
    const [approved, ...more] = apply([breaking], [approve(breaking)]);
    expect(more).toEqual([]);
    expect(approved).toEqual({
      ...breaking,
      fails: false,
      approval: { approvers: ['ana'], reason: 'agreed', until: '2026-11-23' },
    });
  });

  it('leaves what has expired failing, and says so at the entry', () => {
    const found = apply([breaking], [approve(breaking, { until: '2026-11-22' })]);
    expect(tell(found)).toEqual(['FIELD_REMOVED fails', 'APPROVAL_EXPIRED passes']);
    expect(found[1]?.place).toEqual({ file: 'schema-approvals.yaml', line: 3 });
    expect(found[1]?.message.what).toContain('Customer.phone');
  });

  it.each([[['ana']], [['ana', 'ana']], [['ana', '@Ana']], [['ana', ' ana ']]])(
    'takes two people for an unsafe change: not %j',
    (approvers) => {
      const found = apply([unsafe], [approve(unsafe, { approvers })]);
      expect(tell(found)).toEqual(['NEED_LOOSENED fails', 'APPROVAL_NEEDS_TWO fails']);
    },
  );

  it('lets an unsafe change pass that two people approved', () => {
    expect(tell(apply([unsafe], [approve(unsafe, { approvers: ['ana', 'ben'] })]))).toEqual(['NEED_LOOSENED passes']);
  });

  it('warns of an entry that fits nothing, and fails for it where the check is strict', () => {
    expect(tell(apply([], [approve(breaking)]))).toEqual(['APPROVAL_UNUSED passes']);
    expect(tell(apply([], [approve(breaking)], true))).toEqual(['APPROVAL_UNUSED fails']);
  });

  it.each(['load', 'compose', 'approval'] as const)('never approves a finding of the step %s', (step) => {
    const finding = makeFinding({ step, verdict: 'error', code: 'SOMETHING' });
    const found = apply([finding], [approve(finding, { approvers: ['ana', 'ben'] })]);
    expect(tell(found)).toEqual(['SOMETHING fails', 'APPROVAL_UNUSED passes']);
    expect(found[1]?.message.what).toContain('cannot be approved');
  });

  it('tells of each fault of the file, which fails the check', () => {
    const approvals = { file: 'a.yaml', entries: [], faults: [{ line: 7, text: '0.until is no day of the calendar' }] };
    const found = applyApprovals([breaking], approvals, terms);
    expect(tell(found)).toEqual(['FIELD_REMOVED fails', 'APPROVAL_UNKNOWN fails']);
    expect(found[1]?.place).toEqual({ file: 'a.yaml', line: 7 });
  });

  const change = fc.record({
    code: fc.constantFrom('FIELD_REMOVED', 'FIELD_TYPE_CHANGED'),
    coordinate: fc.constantFrom('A.a', 'A.b', 'B.a'),
    before: fc.constantFrom('String', 'Int', undefined),
    after: fc.constantFrom('String', 'Int', undefined),
  });

  it('does not approve what was changed after it was approved', () => {
    fc.assert(
      fc.property(change, change, (approved, later) => {
        const finding = makeFinding(later);
        const isSame = (['code', 'coordinate', 'before', 'after'] as const).every(
          (key) => approved[key] === later[key],
        );
        expect(apply([finding], [approve(makeFinding(approved))])[0]?.fails).toBe(!isSame);
      }),
    );
  });

  it('approves the same whatever the order of findings and entries, and wherever the change has moved', () => {
    const sets = fc.uniqueArray(change, { selector: fingerprintOf, minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sets, fc.nat(), fc.nat({ max: 6 }), (changes, line, approvedCount) => {
        const findings = changes.map((parts) => makeFinding(parts));
        const entries = findings.slice(0, approvedCount).map((finding) => approve(finding));
        const moved = findings
          .map((finding) => ({
            ...finding,
            subgraph: 'elsewhere',
            place: { file: `moved/${line}.graphql`, line: line + 1 },
            message: { ...finding.message, what: 'Other words.' },
          }))
          .toReversed();
        const failing = (found: readonly Finding[]) =>
          found
            .filter(({ fails }) => fails)
            .map(({ fingerprint }) => fingerprint)
            .toSorted();
        expect(failing(apply(moved, entries.toReversed()))).toEqual(failing(apply(findings, entries)));
        expect(failing(apply(findings, entries))).toHaveLength(Math.max(0, changes.length - approvedCount));
      }),
    );
  });
});
