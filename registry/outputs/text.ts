// The check's report for people in a terminal: what fails with all it needs to be mended, the rest in a line each, what
// is safe as a number. A passed check says what was compared.
import { VERDICTS, type CheckReport, type Finding, type Verdict } from '../finding.ts';
import type { OutputOptions } from './outputOptions.ts';
import { cutLine, plainLine } from './plainLine.ts';
import {
  approvalLine,
  callerLine,
  changeLine,
  comparison,
  counted,
  countVerdicts,
  headline,
  placeOf,
  topicOf,
  usageLine,
} from './reportWords.ts';

const CALLERS_MAX = 10;
const CHANGE_CHARACTERS_MAX = 200;

type Paint = (text: string, style: keyof typeof STYLES) => string;

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

const VERDICT_STYLES: Record<Verdict, 'red' | 'yellow' | 'green'> = {
  error: 'red',
  unsafe: 'red',
  breaking: 'red',
  dangerous: 'yellow',
  warning: 'yellow',
  safe: 'green',
};

function openPaint(isColoured: boolean): Paint {
  return (text, style) => (isColoured ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
}

function describeCallers({ usage }: Finding): string[] {
  const affected = usage?.affected ?? [];
  const more = affected.length - CALLERS_MAX;
  return [
    ...affected.slice(0, CALLERS_MAX).map((caller) => `  breaks ${callerLine(caller)}`),
    ...(more > 0 ? [`  breaks ${counted(more, 'more caller', 'more callers')}; all are in --format json`] : []),
  ];
}

function titleOf(finding: Finding, paint: Paint): string {
  const mark = finding.fails ? paint('✗', 'red') : paint('·', VERDICT_STYLES[finding.verdict]);
  const name = paint(plainLine(finding.coordinate ?? finding.subgraph ?? finding.step), 'bold');
  const views = finding.views.some((view) => view !== 'graph') ? `in ${finding.views.join(', ')}` : undefined;
  const parts = [plainLine(finding.code), placeOf(finding), views && plainLine(views), finding.fingerprint];
  return `    ${mark} ${name}  ${paint(parts.filter((part) => part !== undefined).join('  '), 'dim')}`;
}

/** What is alike for every finding of a code, once: the second of them points to the first. */
function explain({ code, message }: Finding, explained: Set<string>): string[] {
  if (explained.has(code)) return [`as above: ${message.read}`];
  explained.add(code);
  const { expected, why, mend, read } = message;
  return [`expected: ${expected}`, `why: ${why}`, `mend: ${mend}`, `read: ${read}`];
}

/** The five parts of a failing finding, and who breaks; of any other what was found and why it does not fail. */
function describeFinding(finding: Finding, paint: Paint, explained: Set<string>): string[] {
  const { message } = finding;
  const change = changeLine(finding);
  const lines = finding.fails
    ? [
        message.what,
        ...(change === undefined ? [] : [cutLine(change, CHANGE_CHARACTERS_MAX)]),
        ...explain(finding, explained),
      ]
    : [message.what];
  const told = [usageLine(finding), approvalLine(finding)].filter((line) => line !== undefined);
  const callers = finding.approval === undefined ? describeCallers(finding) : [];
  return [titleOf(finding, paint), ...[...lines.map(plainLine), ...told, ...callers].map((line) => `      ${line}`)];
}

function describeVerdict(findings: readonly Finding[], paint: Paint, explained: Set<string>): string[] {
  const [{ verdict } = { verdict: 'safe' as const }] = findings;
  const topics = Map.groupBy(findings, topicOf);
  return [
    '',
    paint(paint(`${verdict.toUpperCase()} (${findings.length})`, VERDICT_STYLES[verdict]), 'bold'),
    ...[...topics].flatMap(([topic, group]) => [
      `  ${topic}`,
      ...group.flatMap((finding) => describeFinding(finding, paint, explained)),
    ]),
  ];
}

function closing(report: CheckReport): string[] {
  const failing = report.findings.filter(({ fails }) => fails);
  const others = countVerdicts(report.findings.filter(({ fails }) => !fails));
  const approvable = failing.some(({ verdict }) => verdict === 'breaking' || verdict === 'unsafe');
  return [
    ...(others === '' || report.passed ? [] : ['', `Does not fail the check: ${others}.`]),
    ...(approvable
      ? [
          '',
          'A change that has to be: crm-graph schema approval add FINGERPRINT --reason TEXT --approver NAME --until DATE',
        ]
      : []),
  ];
}

/** Takes a report; gives its text, one line end at its end. */
export function renderText(report: CheckReport, options: OutputOptions): string {
  const paint = openPaint(options.isColoured);
  const shown = report.findings.filter(({ verdict, fails }) => options.isVerbose || fails || verdict !== 'safe');
  const counts = countVerdicts(report.findings);
  const explained = new Set<string>();
  const lines = [
    paint(paint(headline(report), report.passed ? 'green' : 'red'), 'bold') +
      paint(` (${report.durationMs} ms)`, 'dim'),
    comparison(report),
    ...(report.passed && counts !== '' ? [`Found: ${counts}.`] : []),
    ...VERDICTS.flatMap((verdict) => {
      const findings = shown.filter((finding) => finding.verdict === verdict);
      return findings.length === 0 ? [] : describeVerdict(findings, paint, explained);
    }),
    ...closing(report),
  ];
  return `${lines.join('\n')}\n`;
}
