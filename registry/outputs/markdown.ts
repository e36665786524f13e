// The check's report as a comment on a pull request, for any forge: what fails in a table, how to mend it behind a fold,
// what does not fail behind another. Forges refuse long comments, so what does not fit is left out and counted.
import type { CheckReport, Finding } from '../finding.ts';
import { code, words } from './markdownText.ts';
import {
  approvalLine,
  callerLine,
  changeLine,
  comparison,
  counted,
  countVerdicts,
  headline,
  orderFindings,
  placeOf,
  usageLine,
} from './reportWords.ts';

/**
 * Where each part may end at most, so that none takes the room of the next: 60,000 characters in all, since GitHub takes
 * 65,536 and others more.
 */
const SHARES = { failing: 24_000, mending: 46_000, others: 59_000 } as const;
const NAME_MAX = 200;
const WORDS_MAX = 300;
const HEAD_MAX = 2_000;
const CALLERS_MAX = 10;

const TABLE_HEAD = ['| verdict | where | what | fingerprint |', '| --- | --- | --- | --- |'];

function renderRow(finding: Finding): string {
  const place = placeOf(finding);
  const views = finding.views.filter((view) => view !== 'graph');
  const where = [
    code(finding.coordinate ?? finding.subgraph ?? finding.step, NAME_MAX),
    ...(place === undefined ? [] : [code(place, NAME_MAX)]),
    ...(views.length > 0 ? [`in ${code(views.join(', '), NAME_MAX)}`] : []),
  ];
  const told = [usageLine(finding), approvalLine(finding)].filter((line) => line !== undefined);
  const what = [finding.message.what, ...told].map((line) => words(line, WORDS_MAX));
  const cells = [
    `${finding.verdict}<br>${code(finding.code, NAME_MAX)}`,
    where.join('<br>'),
    what.join('<br>'),
    code(finding.fingerprint, NAME_MAX),
  ];
  return `| ${cells.join(' | ')} |`;
}

function renderMending(finding: Finding): string {
  const { message } = finding;
  const change = changeLine(finding);
  const affected = finding.usage?.affected ?? [];
  const more = affected.length - CALLERS_MAX;
  return [
    `${code(finding.code, NAME_MAX)} ${code(finding.coordinate ?? finding.subgraph ?? finding.step, NAME_MAX)}`,
    '',
    ...(change === undefined ? [] : [`- ${code(change, WORDS_MAX)}`]),
    `- expected: ${words(message.expected, WORDS_MAX)}`,
    `- why: ${words(message.why, WORDS_MAX)}`,
    `- mend: ${words(message.mend, WORDS_MAX)}`,
    `- read: ${words(message.read, WORDS_MAX)}`,
    ...affected.slice(0, CALLERS_MAX).map((caller) => `- breaks ${words(callerLine(caller), WORDS_MAX)}`),
    ...(more > 0 ? [`- breaks ${counted(more, 'more caller', 'more callers')}`] : []),
    '',
  ].join('\n');
}

/** Adds to `text` as many pieces as fit, then says how many did not. */
function addPieces(text: string, pieces: readonly string[], charactersMax: number): string {
  let added = text;
  for (const [at, piece] of pieces.entries()) {
    if (added.length + piece.length + 1 > charactersMax) {
      return `${added}\n${pieces.length - at} more did not fit; the text and JSON reports have them.\n`;
    }
    added += `${piece}\n`;
  }
  return added;
}

function addFold(
  text: string,
  fold: { summary: string; head: readonly string[]; pieces: readonly string[] },
  max: number,
) {
  if (fold.pieces.length === 0) return text;
  const opened = `${text}\n<details>\n<summary>${fold.summary}</summary>\n\n${fold.head.map((line) => `${line}\n`).join('')}`;
  return `${addPieces(opened, fold.pieces, max)}\n</details>\n`;
}

/** Takes a report; gives a comment of at most 60,000 characters. */
export function renderMarkdown(report: CheckReport): string {
  const ordered = orderFindings(report.findings);
  const failing = ordered.filter(({ fails }) => fails);
  const others = ordered.filter(({ fails, verdict }) => !fails && verdict !== 'safe');
  const safe = report.findings.filter(({ fails, verdict }) => !fails && verdict === 'safe').length;
  let text = `### ${report.passed ? '✅' : '❌'} ${headline(report)}\n\n${words(comparison(report), HEAD_MAX)}\n`;
  if (failing.length > 0) {
    text = addPieces(`${text}\n${TABLE_HEAD.join('\n')}\n`, failing.map(renderRow), SHARES.failing);
    const pieces = failing.map(renderMending);
    text = addFold(text, { summary: 'What is expected, why, and how to mend it', head: [], pieces }, SHARES.mending);
  }
  const summary = `Does not fail the check: ${countVerdicts(others)}`;
  text = addFold(text, { summary, head: TABLE_HEAD, pieces: others.map(renderRow) }, SHARES.others);
  if (safe > 0) text += `\n${counted(safe, 'safe change', 'safe changes')}, not listed.\n`;
  return text;
}
