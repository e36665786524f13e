// A check's report as it lies in a store, read for the page: whoever wrote it may have been another version, so each part
// is looked at before it is shown. Texts are cut, lists are bounded. Pure.
import type { ReportBrief, ShownAffected, ShownFinding, ShownVerdict } from './pageWords.ts';

/** A report as the page shows it. */
export interface StoredReport {
  readonly passed: boolean;
  /** What was compared with what. */
  readonly compared: string;
  /** What fails first, then the worst. */
  readonly findings: readonly ShownFinding[];
  /** Those that are changes of the schema. */
  readonly changes: readonly ShownFinding[];
}

/** The worst first. */
const VERDICTS: readonly ShownVerdict[] = ['error', 'unsafe', 'breaking', 'dangerous', 'warning', 'safe'];
const FINDINGS_MAX = 5_000;
const AFFECTED_MAX = 50;
const TEXT_CHARACTERS_MAX = 4_000;

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown, max: number): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]).slice(0, max) : [];
}

function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value.slice(0, TEXT_CHARACTERS_MAX) : undefined;
}

function textsIn(fields: Fields, name: string): string[] {
  return listOf(fields[name], AFFECTED_MAX).filter((each) => typeof each === 'string');
}

function readAffected(value: unknown): ShownAffected {
  const fields = fieldsOf(value);
  const version = textIn(fields, 'version');
  const kind = fields['kind'] === 'key' ? 'key ' : '';
  return {
    name: `${kind}${textIn(fields, 'name') ?? 'unknown'}${version === undefined ? '' : ` ${version}`}`,
    count: typeof fields['count'] === 'number' ? fields['count'] : 0,
    lastSeen: textIn(fields, 'lastSeen') ?? '',
  };
}

function readApproval(value: unknown): string | undefined {
  const fields = fieldsOf(value);
  const approvers = textsIn(fields, 'approvers');
  if (approvers.length === 0) return undefined;
  const until = textIn(fields, 'until');
  const reason = textIn(fields, 'reason') ?? 'no reason given';
  return `Approved by ${approvers.join(' and ')}${until === undefined ? '' : ` until ${until}`}: ${reason}`;
}

function isVerdict(value: unknown): value is ShownVerdict {
  return VERDICTS.includes(value as ShownVerdict);
}

interface ReadFinding {
  readonly isChange: boolean;
  readonly finding: ShownFinding;
}

function readFinding(value: unknown): ReadFinding | undefined {
  const fields = fieldsOf(value);
  const message = fieldsOf(fields['message']);
  const { verdict } = fields;
  const what = textIn(message, 'what');
  if (!isVerdict(verdict) || what === undefined) return undefined;
  const place = fieldsOf(fields['place']);
  const file = textIn(place, 'file');
  const usage = fieldsOf(fields['usage']);
  const finding: ShownFinding = {
    code: textIn(fields, 'code') ?? '',
    ...{ verdict, what, fails: fields['fails'] === true },
    coordinate: textIn(fields, 'coordinate'),
    subgraph: textIn(fields, 'subgraph'),
    views: textsIn(fields, 'views'),
    place: file === undefined ? undefined : `${file}:${String(place['line'])}`,
    fingerprint: textIn(fields, 'fingerprint') ?? '',
    expected: textIn(message, 'expected') ?? '',
    why: textIn(message, 'why') ?? '',
    mend: textIn(message, 'mend') ?? '',
    read: textIn(message, 'read') ?? '',
    because: textIn(usage, 'because'),
    affected: listOf(usage['affected'], AFFECTED_MAX).map(readAffected),
    approval: readApproval(fields['approval']),
  };
  return { isChange: fields['step'] === 'change', finding };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Takes a report as parsed JSON; gives it for the page, undefined where it is none. */
export function readStoredReport(value: unknown): StoredReport | undefined {
  const fields = fieldsOf(value);
  if (typeof fields['passed'] !== 'boolean' || !Array.isArray(fields['findings'])) return undefined;
  const compared = fieldsOf(fields['compared']);
  const read = listOf(fields['findings'], FINDINGS_MAX).flatMap((each) => readFinding(each) ?? []);
  const ordered = read.toSorted(
    (left, right) =>
      Number(right.finding.fails) - Number(left.finding.fails) ||
      VERDICTS.indexOf(left.finding.verdict) - VERDICTS.indexOf(right.finding.verdict),
  );
  return {
    passed: fields['passed'],
    compared: capitalised(
      `${textIn(compared, 'head') ?? 'these schemas'}, compared with ${textIn(compared, 'base') ?? 'nothing'}`,
    ),
    findings: ordered.map(({ finding }) => finding),
    changes: ordered.filter(({ isChange }) => isChange).map(({ finding }) => finding),
  };
}

/** Takes a number and a word for one and for several; gives both, as "2 changes". */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : several}`;
}

/** Takes a report; gives what it came to: how many of each verdict, the worst first, and all in one sentence. */
export function briefOf({ passed, findings, changes }: StoredReport): ReportBrief {
  const counts = VERDICTS.map((verdict) => ({
    verdict,
    count: findings.filter((finding) => finding.verdict === verdict).length,
  })).filter(({ count }) => count > 0);
  const failing = findings.filter(({ fails }) => fails).length;
  const breaking = changes.filter(({ verdict }) => verdict === 'breaking' || verdict === 'unsafe').length;
  const told = changes.length === 0 ? 'Nothing changed for clients' : counted(changes.length, 'change');
  const harm = breaking === 0 ? 'nothing breaks' : `${breaking} of them ${breaking === 1 ? 'breaks' : 'break'} clients`;
  const sentence = passed
    ? `${told}${changes.length === 0 ? '.' : `, ${harm}${breaking > 0 ? ', which was accepted' : ''}.`}`
    : `The check failed: ${counted(failing, 'finding')} must be mended.`;
  return { passed, sentence, counts };
}
