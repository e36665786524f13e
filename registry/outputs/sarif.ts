// The check's report as SARIF 2.1.0, for code scanning. Safe findings are no results; approved ones are suppressed, and
// a result is known again by its fingerprint, not by its line.
import type { CheckReport, Finding } from '../finding.ts';
import type { OutputOptions } from './outputOptions.ts';
import { plainLine } from './plainLine.ts';
import { approvalLine, callerLine, comparison, usageLine } from './reportWords.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
/** Code scanning wants a place for each result; what stands in no file is shown where the graph is put together. */
const FALLBACK = { file: 'supergraph.yaml', line: 1 };

function levelOf({ fails, approval, usage }: Finding): 'error' | 'warning' | 'note' {
  if (fails || approval !== undefined) return 'error';
  return usage?.isExcused === true ? 'note' : 'warning';
}

function describe(finding: Finding): string {
  const { message } = finding;
  const told = [usageLine(finding), approvalLine(finding)].filter((line) => line !== undefined);
  const callers = finding.usage?.affected.map((caller) => `breaks ${callerLine(caller)}`) ?? [];
  return [message.what, ...told, ...callers, `Why: ${message.why}`, `Mend: ${message.mend}`, `Read: ${message.read}`]
    .map(plainLine)
    .join('\n');
}

function toUri(file: string, folder: string): string {
  const path = folder === '' ? file : `${folder}/${file}`;
  return path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');
}

function renderResult(finding: Finding, ruleIndex: number, folder: string) {
  const { file, line } = finding.place ?? FALLBACK;
  const logical =
    finding.coordinate === undefined ? undefined : [{ fullyQualifiedName: plainLine(finding.coordinate) }];
  const { approval } = finding;
  return {
    ruleId: finding.code,
    ruleIndex,
    level: levelOf(finding),
    message: { text: describe(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: toUri(file, folder) },
          region: { startLine: Math.max(1, line) },
        },
        ...(logical && { logicalLocations: logical }),
      },
    ],
    partialFingerprints: { 'schemaChange/v1': finding.fingerprint },
    ...(approval && {
      suppressions: [{ kind: 'external', status: 'accepted', justification: plainLine(approvalLine(finding) ?? '') }],
    }),
    properties: { verdict: finding.verdict, step: finding.step, fails: finding.fails, views: finding.views },
  };
}

function renderRule(finding: Finding) {
  return {
    id: finding.code,
    shortDescription: { text: finding.code.toLowerCase().replaceAll('_', ' ') },
    fullDescription: { text: plainLine(finding.message.why) || finding.code },
    help: { text: `crm-graph schema check --explain ${finding.code}\n${plainLine(finding.message.read)}` },
    defaultConfiguration: { level: levelOf(finding) },
  };
}

/** Takes a report; gives its SARIF log. */
export function renderSarif(report: CheckReport, { folder }: OutputOptions): string {
  const shown = report.findings.filter(({ verdict, fails }) => fails || verdict !== 'safe');
  const byCode = new Map(shown.toReversed().map((finding) => [finding.code, finding]));
  const codes = [...byCode.keys()].toSorted();
  const rules = codes.flatMap((code) => {
    const finding = byCode.get(code);
    return finding === undefined ? [] : [renderRule(finding)];
  });
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'crm-graph schema check', rules } },
        results: shown.map((finding) => renderResult(finding, codes.indexOf(finding.code), folder)),
        properties: { compared: comparison(report), passed: report.passed },
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}
