// The check's report as JUnit's XML, as Jenkins and GitLab read it: a case for each finding, and one that passed where
// there is none, since an empty report counts as a broken job.
import type { CheckReport, Finding } from '../finding.ts';
import { plainLine } from './plainLine.ts';
import { approvalLine, callerLine, changeLine, comparison, placeOf, usageLine } from './reportWords.ts';

/** What XML 1.0 cannot hold in any form. */
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' };

function escapeText(text: string): string {
  return text.replace(NO_XML, '\ufffd').replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');
}

function escapeAttribute(text: string): string {
  return plainLine(text)
    .replace(NO_XML, '\ufffd')
    .replace(/[&<>"\n]/g, (character) => ENTITIES[character] ?? '');
}

function describe(finding: Finding): string {
  const { message } = finding;
  const place = placeOf(finding);
  const callers = finding.usage?.affected.map((caller) => `breaks ${callerLine(caller)}`) ?? [];
  const lines = [
    message.what,
    place && `place: ${place}`,
    changeLine(finding),
    usageLine(finding),
    ...callers,
    approvalLine(finding),
    `expected: ${message.expected}`,
    `why: ${message.why}`,
    `mend: ${message.mend}`,
    `read: ${message.read}`,
    `fingerprint: ${finding.fingerprint}`,
  ];
  return lines
    .filter((line) => line !== undefined)
    .map(plainLine)
    .join('\n');
}

function renderCase(finding: Finding): string {
  // GitLab compares branches by name, so that it must name the same finding on both; hence no line in it.
  const name = escapeAttribute(`${finding.coordinate ?? finding.step}: ${finding.code} (${finding.fingerprint})`);
  const group = escapeAttribute(`schema.${finding.subgraph ?? 'graph'}`);
  const told = escapeText(describe(finding));
  const body = finding.fails
    ? `<failure type="${escapeAttribute(finding.verdict)}" message="${escapeAttribute(finding.message.what)}">${told}</failure>`
    : `<system-out>${told}</system-out>`;
  return `    <testcase name="${name}" classname="${group}">${body}</testcase>`;
}

/** Takes a report; gives its XML. */
export function renderJunit(report: CheckReport): string {
  const cases =
    report.findings.length > 0
      ? report.findings.map(renderCase)
      : ['    <testcase name="nothing found" classname="schema.graph"/>'];
  const failures = report.findings.filter(({ fails }) => fails).length;
  const time = (report.durationMs / 1000).toFixed(3);
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" time="${time}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="crm-graph schema check" ${counts}>`,
    `  <testsuite name="crm-graph schema check" ${counts}>`,
    ...cases,
    `    <system-out>${escapeText(comparison(report))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
