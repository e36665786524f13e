import fc from 'fast-check';
import { addApproval } from './addApproval.ts';
import { readApprovals } from './readApprovals.ts';

const GOOD = `# Reviewed changes
- fingerprint: '45190b2a23efb843'
  reason: the field was never filled
  approvers: [ana]
  until: 2027-01-31

# The shop asked for it
- fingerprint: 4be087ba390b1053
  change: Customer.email without pii:read
  reason: see the ticket
  approvers: [ana, ben]
  until: 2026-12-31
`;

describe('readApprovals', () => {
  it('gives each entry with its line', () => {
    expect(readApprovals(GOOD, 'schema-approvals.yaml')).toEqual({
      file: 'schema-approvals.yaml',
      faults: [],
      entries: [
        {
          fingerprint: '45190b2a23efb843',
          reason: 'the field was never filled',
          approvers: ['ana'],
          until: '2027-01-31',
          change: undefined,
          line: 2,
        },
        {
          fingerprint: '4be087ba390b1053',
          reason: 'see the ticket',
          approvers: ['ana', 'ben'],
          until: '2026-12-31',
          change: 'Customer.email without pii:read',
          line: 8,
        },
      ],
    });
  });

  it.each(['', '# nothing yet\n', '[]\n'])('takes a file without entries: %j', (text) => {
    expect(readApprovals(text, 'a.yaml')).toEqual({ file: 'a.yaml', entries: [], faults: [] });
  });

  it.each([
    ['a fingerprint that YAML reads as a number', ["'45190b2a23efb843'", '1234567890123456'], 2, 'in quotes'],
    ['a fingerprint with too few digits', ['4be087ba390b1053', '4be0'], 8, '16 hexadecimal digits'],
    ['an empty reason', ['the field was never filled', '" "'], 3, 'why the change has to be'],
    ['nobody who approves', ['[ana]', '[]'], 4, 'must name who approves'],
    ['one name in place of a list', ['[ana]', 'ana'], 4, 'must be a list of names'],
    ['a date that is none', ['2027-01-31', '2027-02-31'], 5, 'is no day of the calendar'],
    ['a date in words', ['2027-01-31', 'next year'], 5, 'must be a day'],
    ['an unknown key', ['change: Customer', 'changes: Customer'], 9, 'is unknown here'],
    ['an approver who is missing', ['  approvers: [ana, ben]\n', ''], 8, 'approvers'],
    ['the same change twice', ['4be087ba390b1053', "'45190b2a23efb843'"], 8, 'is approved already'],
    ['a map in place of a list', ['# Reviewed changes\n', 'approvals:\n'], 1, 'must be a list'],
    ['text that is no YAML', ['[ana]', '[ana'], 5, ''],
  ])('tells of %s with its line, and approves nothing', (_name, [before = '', after = ''], line, words) => {
    const { entries, faults } = readApprovals(GOOD.replace(before, after), 'a.yaml');
    expect(entries).toEqual([]);
    expect(faults[0]).toEqual({ line, text: expect.stringContaining(words) as unknown });
  });

  it('never throws, whatever stands in the file', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant('&a [*a]')), (text) => {
        const { entries, faults } = readApprovals(text, 'a.yaml');
        expect(entries.length === 0 || faults.length === 0).toBe(true);
      }),
    );
  });
});

describe('addApproval', () => {
  const line = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== '');
  const approval = fc.record({
    fingerprint: fc.stringMatching(/^[0-9a-f]{16}$/),
    reason: fc.oneof(line, fc.constantFrom('null', '- x', '# no', 'a: b', "it's", '"', '{', 'two\nlines')),
    approvers: fc.array(fc.oneof(line, fc.constantFrom('true', '@ana', '12', ']', ', ')), {
      minLength: 1,
      maxLength: 3,
    }),
    until: fc.constant('2026-12-31'),
    change: fc.option(line, { nil: undefined }),
  });

  it('writes what is read again, after all that stood there', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(approval, { selector: ({ fingerprint }) => fingerprint, maxLength: 4 }),
        (approvals) => {
          const text = approvals.reduce(addApproval, '');
          const { entries, faults } = readApprovals(text, 'a.yaml');
          expect(faults).toEqual([]);
          expect(entries).toEqual(
            approvals.map((entry) => ({
              ...entry,
              line: expect.any(Number) as number,
              reason: entry.reason.trim(),
              approvers: entry.approvers.map((name) => name.trim()),
              change: entry.change?.trim(),
            })),
          );
        },
      ),
    );
  });

  it('keeps comments, order and lines that were there', () => {
    const entry = {
      fingerprint: '1234567890123456',
      reason: 'two',
      approvers: ['cy', 'di'],
      until: '2026-11-30',
      change: undefined,
    };
    expect(addApproval(GOOD, entry)).toBe(
      `${GOOD}- fingerprint: '1234567890123456'\n  reason: two\n  approvers: [cy, di]\n  until: 2026-11-30\n`,
    );
    expect(addApproval('# ours\n', entry).startsWith('# ours\n')).toBe(true);
    expect(addApproval('[]\n', entry)).toContain("- fingerprint: '1234567890123456'\n");
  });
});
