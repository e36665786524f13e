// How usage looks on a terminal: who asked for an element, by which operation, how often, from when to when.
import type { UsageExport, UsageGap, UsageRow } from '../../contracts/usageExport.ts';
import { alignColumns } from '../alignColumns.ts';

const HASH_SHOWN = 12;
const GAPS_SHOWN_MAX = 5;

function minute(moment: string): string {
  return moment.slice(0, 16).replace('T', ' ');
}

function count(number: number, one: string): string {
  return `${number.toLocaleString('en')} ${one}${number === 1 ? '' : 's'}`;
}

/** Takes the times without counts; gives a paragraph about them, empty where there are none. */
export function printGaps(gaps: readonly UsageGap[]): string {
  if (gaps.length === 0) return '';
  const shown = gaps.slice(0, GAPS_SHOWN_MAX).map(({ from, to }) => `  ${minute(from)} to ${minute(to)}\n`);
  const more = gaps.length > GAPS_SHOWN_MAX ? `  and ${gaps.length - GAPS_SHOWN_MAX} more\n` : '';
  return `Not known is what was asked in ${count(gaps.length, 'time')} (UTC):\n${shown.join('')}${more}`;
}

function printRow({ caller, operation, contract, ...row }: UsageRow): string[] {
  return [
    `${caller.kind} ${caller.name}`,
    caller.version ?? '–',
    contract ?? '–',
    operation.name ?? '–',
    operation.hash.slice(0, HASH_SHOWN),
    String(row.count),
    minute(row.firstSeen),
    minute(row.lastSeen),
  ];
}

/** Takes a coordinate and the rows that are about it; gives them for people, the most frequent first. */
export function printShown(coordinate: string, { from, to, gaps }: UsageExport, rows: readonly UsageRow[]): string {
  const period = `from ${minute(from)} to ${minute(to)} (UTC)`;
  if (rows.length === 0)
    return `Nobody asked for ${coordinate} ${period}. Whether the schema has it is not known here.\n${printGaps(gaps)}`;
  const requests = rows.reduce((sum, row) => sum + row.count, 0);
  const callers = new Set(rows.map(({ caller }) => JSON.stringify([caller.kind, caller.name]))).size;
  const head = ['WHO', 'VERSION', 'CONTRACT', 'OPERATION', 'HASH', 'COUNT', 'FIRST SEEN', 'LAST SEEN'];
  const table = alignColumns([head, ...rows.toSorted((left, right) => right.count - left.count).map(printRow)]);
  const sentence = `${coordinate}: ${count(requests, 'request')} of ${count(callers, 'caller')} ${period}.\n`;
  return `${sentence}${table}${printGaps(gaps)}`;
}

/** Takes an export and where it was written; gives what is said of it. */
export function printWritten({ from, to, requests, rows, gaps }: UsageExport, path: string): string {
  const callers = new Set(rows.map(({ caller }) => JSON.stringify(caller))).size;
  const what = `${count(requests, 'request')} of ${count(callers, 'caller')}, ${count(rows.length, 'row')}`;
  return `${path}: ${what}, from ${minute(from)} to ${minute(to)} (UTC).\n${printGaps(gaps)}`;
}
