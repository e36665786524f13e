// Approvals meet findings: what a valid entry names fails no more. The entries are checked themselves: one that has
// expired, fits nothing or has too few names is a finding.
import { codeOf } from '../codes/codes.ts';
import type { Finding, FindingStep } from '../finding.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { Approval, Approvals } from './readApprovals.ts';

/** What approvals are held against beside findings. */
export interface ApprovalTerms {
  /** The day of the check, `2026-12-31`. */
  readonly today: string;
  /** Whether warnings fail too. */
  readonly isStrict: boolean;
}

/** What cannot be approved: without a graph there is nothing to serve, and an approval does not approve itself. */
const NEVER_APPROVED: ReadonlySet<FindingStep> = new Set(['load', 'compose', 'approval']);
const UNSAFE_APPROVERS_MIN = 2;

function isApprovable({ step, verdict }: Finding): boolean {
  // A contract that cannot be served is an error whoever agrees to it.
  return !NEVER_APPROVED.has(step) && !(step === 'contract' && verdict === 'error');
}

/** How many people they are: one that is written in two ways is one. */
function countPeople(approvers: readonly string[]): number {
  return new Set(approvers.map((name) => name.normalize('NFKC').trim().replace(/^@/, '').toLowerCase())).size;
}

/** What an entry is to the findings that it names. */
type Standing = 'holds' | 'expired' | 'needsTwo' | 'unused';

function standingOf(entry: Approval, named: readonly Finding[], today: string): Standing {
  const approvable = named.filter(isApprovable);
  if (approvable.length === 0) return 'unused';
  if (entry.until < today) return 'expired';
  const isUnsafe = approvable.some(({ verdict }) => verdict === 'unsafe');
  return isUnsafe && countPeople(entry.approvers) < UNSAFE_APPROVERS_MIN ? 'needsTwo' : 'holds';
}

function describe(entry: Approval, standing: Exclude<Standing, 'holds'>, named: readonly Finding[]): string {
  const about = named[0]?.coordinate ?? entry.change;
  const which = `The approval ${entry.fingerprint}${about === undefined ? '' : ` (${about})`}`;
  const [by = 'nobody'] = entry.approvers;
  if (standing === 'expired') return `${which} held until ${entry.until}.`;
  if (standing === 'needsTwo') return `${which} is of an unsafe change, and is by ${by} alone.`;
  return named.length > 0 ? `${which} names what cannot be approved.` : `${which} fits no finding of this check.`;
}

/** Makes a finding about the file of approvals. `about` tells it from others of its code. */
function makeFinding(
  code: string,
  about: string,
  told: { readonly what: string; readonly place: Finding['place']; readonly isStrict: boolean },
): Finding {
  const { expected, why, mend, verdict } = codeOf(code);
  return {
    step: 'approval',
    code,
    verdict,
    coordinate: undefined,
    subgraph: undefined,
    views: [],
    before: undefined,
    after: undefined,
    place: told.place,
    message: { what: told.what, expected, why, mend, read: `docs/checks.md#${code.toLowerCase()}` },
    fingerprint: fingerprintOf({ code, coordinate: undefined, before: about, after: undefined }),
    fails: verdict === 'error' || told.isStrict,
  };
}

const CODES: Record<Exclude<Standing, 'holds'>, string> = {
  expired: 'APPROVAL_EXPIRED',
  needsTwo: 'APPROVAL_NEEDS_TWO',
  unused: 'APPROVAL_UNUSED',
};

/**
 * Takes the findings of a check after usage, and what schema-approvals.yaml says; gives the same findings, of which those
 * that an entry approves fail no more, and after them one for each entry that does not hold and each fault of the file.
 */
export function applyApprovals(
  findings: readonly Finding[],
  approvals: Approvals,
  { today, isStrict }: ApprovalTerms,
): Finding[] {
  const holding = new Map<string, Approval>();
  const about: Finding[] = approvals.faults.map(({ line, text }) => {
    const place = { file: approvals.file, line };
    return makeFinding('APPROVAL_UNKNOWN', text, { what: `${approvals.file}: ${text}.`, place, isStrict });
  });
  for (const entry of approvals.entries) {
    const named = findings.filter(({ fingerprint }) => fingerprint === entry.fingerprint);
    const standing = standingOf(entry, named, today);
    if (standing === 'holds') {
      holding.set(entry.fingerprint, entry);
      continue;
    }
    const place = { file: approvals.file, line: entry.line };
    const what = describe(entry, standing, named);
    about.push(makeFinding(CODES[standing], entry.fingerprint, { what, place, isStrict }));
  }
  const judged = findings.map((finding) => {
    const entry = isApprovable(finding) ? holding.get(finding.fingerprint) : undefined;
    if (entry === undefined) return finding;
    const { approvers, reason, until } = entry;
    return { ...finding, fails: false, approval: { approvers, reason, until } };
  });
  return [...judged, ...about];
}
