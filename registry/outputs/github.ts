// The check's report as GitHub's workflow commands: one annotation a finding on the line that made it, the worst first,
// since GitHub shows ten of each level. A finding's text can end neither its property nor its command.
import type { CheckReport, Finding } from '../finding.ts';
import type { OutputOptions } from './outputOptions.ts';
import { plainLine } from './plainLine.ts';
import { approvalLine, callerLine, comparison, headline, orderFindings, usageLine } from './reportWords.ts';

const CALLERS_MAX = 5;

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(plainLine(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function levelOf({ fails, approval, usage }: Finding): 'error' | 'warning' | 'notice' {
  if (fails) return 'error';
  return approval !== undefined || usage?.isExcused === true ? 'notice' : 'warning';
}

function describe(finding: Finding): string {
  const { message } = finding;
  const told = [usageLine(finding), approvalLine(finding)];
  const callers = finding.usage?.affected.slice(0, CALLERS_MAX).map((caller) => `breaks ${callerLine(caller)}`);
  const mending = finding.fails
    ? [
        `Expected: ${message.expected}`,
        `Why: ${message.why}`,
        `Mend: ${message.mend}`,
        `Read: ${message.read}`,
        `Fingerprint: ${finding.fingerprint}`,
      ]
    : [];
  return [message.what, ...told, ...(callers ?? []), ...mending]
    .filter((line) => line !== undefined)
    .map(plainLine)
    .join('\n');
}

function annotate(finding: Finding, folder: string): string {
  const { place } = finding;
  const file = place && (folder === '' ? place.file : `${folder}/${place.file}`);
  const title = [`${finding.verdict} ${finding.code}`, finding.coordinate].filter((part) => part !== undefined);
  const properties = [
    ...(file === undefined ? [] : [`file=${escapeProperty(file)}`, `line=${place?.line ?? 1}`]),
    `title=${escapeProperty(title.join(' '))}`,
  ];
  return `::${levelOf(finding)} ${properties.join(',')}::${escapeData(describe(finding))}`;
}

/** Takes a report; gives one workflow command a line: what is not safe, then the result. */
export function renderGithub(report: CheckReport, { folder }: OutputOptions): string {
  const shown = orderFindings(report.findings.filter(({ verdict, fails }) => fails || verdict !== 'safe'));
  const result = `::notice title=Schema check::${escapeData(`${headline(report)}\n${comparison(report)}`)}`;
  return `${[...shown.map((finding) => annotate(finding, folder)), result].join('\n')}\n`;
}
