// The words in which every output for people tells a report, so that text, comment and annotations say the same.
import { VERDICTS, type AffectedCaller, type CheckReport, type Finding, type Verdict } from '../finding.ts';
import { plainLine } from './plainLine.ts';

const NAMES_MAX = 12;
const PLURALS: Partial<Record<Verdict, string>> = { error: 'errors', warning: 'warnings' };

/** Takes a number and a word for one and for several; gives both together. */
export function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** Gives "2 breaking, 1 warning" for findings, the worst first; an empty text for none. */
export function countVerdicts(findings: readonly Finding[]): string {
  const parts = VERDICTS.map((verdict) => ({
    verdict,
    count: findings.filter((finding) => finding.verdict === verdict).length,
  }));
  return parts
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => counted(count, verdict, PLURALS[verdict] ?? verdict))
    .join(', ');
}

/** Gives the findings in the order in which people read them: what fails, then by verdict, then as the report has them. */
export function orderFindings(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (left, right) =>
      Number(right.fails) - Number(left.fails) || VERDICTS.indexOf(left.verdict) - VERDICTS.indexOf(right.verdict),
  );
}

/** One sentence: passed or failed, and by how much. */
export function headline(report: CheckReport): string {
  const failing = report.findings.filter(({ fails }) => fails);
  if (!report.passed) return `Schema check failed: ${countVerdicts(failing) || 'see the report'}`;
  const changes = report.findings.filter(({ step }) => step === 'change').length;
  const isCompared = !report.findings.some(({ code }) => code === 'BASE_ABSENT' || code === 'BASE_INVALID');
  if (!isCompared) return 'Schema check passed: it composes, and there was no graph to compare it with';
  if (changes === 0) return 'Schema check passed: nothing changes for clients';
  const breaks = report.findings.some(({ verdict }) => verdict === 'breaking' || verdict === 'unsafe');
  const told = breaks ? 'what breaks is excused or approved' : 'nothing breaks';
  return `Schema check passed: ${counted(changes, 'change', 'changes')}, ${told}`;
}

/** Names in brackets; of many the number alone is told. */
function listed(names: readonly string[]): string {
  return names.length === 0 || names.length > NAMES_MAX ? '' : ` (${names.join(', ')})`;
}

/** What was compared with what, in one sentence. */
export function comparison({ compared, subgraphs, contracts }: CheckReport): string {
  const parts = [
    counted(subgraphs.length, 'subgraph', 'subgraphs') + listed(subgraphs),
    ...(contracts.length > 0 ? [counted(contracts.length, 'contract', 'contracts') + listed(contracts)] : []),
  ];
  return plainLine(`Compared ${compared.head} with ${compared.base}: ${parts.join(', ')}.`);
}

/** A finding's place as `file:line`; undefined where it has none. */
export function placeOf({ place }: Finding): string | undefined {
  return place && plainLine(`${place.file}:${place.line}`);
}

/** The type that a finding is about, or what else it stands under. */
export function topicOf({ coordinate, subgraph, step }: Finding): string {
  const type = coordinate?.split(/[.(]/)[0];
  const topic = [subgraph, type].filter((part) => part !== undefined && part !== '').join(' · ');
  return plainLine(topic === '' ? step : topic);
}

/** Gives a share from 0 to 1 as a percentage. */
function percent(share: number): string {
  const points = share * 100;
  return points > 0 && points < 0.01 ? 'under 0.01 %' : `${Number(points.toFixed(2))} %`;
}

function describeOperations({ operations }: AffectedCaller): string {
  const shown = operations.slice(0, 3).map(({ name, hash }) => name ?? hash.slice(0, 12));
  const more = operations.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** One line: who, how often, when last, with which operations. */
export function callerLine(caller: AffectedCaller): string {
  const who = `${caller.kind} ${caller.name}${caller.version === undefined ? '' : ` ${caller.version}`}`;
  const operations = caller.operations.length > 0 ? `, in ${describeOperations(caller)}` : '';
  return plainLine(`${who}: ${counted(caller.count, 'request', 'requests')}, last ${caller.lastSeen}${operations}`);
}

/** What usage says of a finding, in one line; undefined where nothing was asked. */
export function usageLine({ usage }: Finding): string | undefined {
  if (usage === undefined) return undefined;
  const share = usage.affected.length > 0 ? ` (${percent(usage.share)} of requests)` : '';
  return plainLine(`${usage.isExcused ? 'excused by usage' : 'usage'}: ${usage.because}${share}`);
}

/** Who approved a finding, why and until when, in one line; undefined where nobody did. */
export function approvalLine({ approval }: Finding): string | undefined {
  if (approval === undefined) return undefined;
  return plainLine(`approved by ${approval.approvers.join(' and ')} until ${approval.until}: ${approval.reason}`);
}

/** A change from what to what, in one line; undefined where there is neither, or it is no change. */
export function changeLine({ step, before, after }: Finding): string | undefined {
  if (step !== 'change' || (before === undefined && after === undefined)) return undefined;
  if (before === undefined) return plainLine(`new: ${after}`);
  return plainLine(after === undefined ? `removed: ${before}` : `changed: ${before} → ${after}`);
}
