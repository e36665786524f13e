// Prints docs/errors.md, docs/limits.md and docs/settings.md from the tables that the code itself uses. `--check`
// changes nothing and exits 1 where a page is not what the tables say.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ERROR_CODES, type ErrorCode } from '../contracts/errorCodes.ts';
import { LIMITS, type Limit } from '../gateway/admit/limits.ts';
import { SETTINGS, type Setting } from '../platform/settings.ts';

const DOCS = new URL('../docs/', import.meta.url);
const NOTE = '<!-- Printed by `node scripts/printDocs.ts`: change the table in the code, not this page. -->';

/** Takes the head and the rows of a table; gives it in Markdown. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function printErrors(): string {
  const rows = (Object.entries(ERROR_CODES) as [string, ErrorCode][]).map(([name, code]) => [
    `<a id="${name.toLowerCase()}"></a>\`${name}\``,
    String(code.status),
    code.retry ? 'yes' : 'no',
    code.meaning,
  ]);
  return `# Errors

${NOTE}

Every error carries one of these codes in \`extensions.code\`; nothing else is ever sent. The status is that of the whole
response when the request is refused with the code; where it is 200, the code stands on a part of an answer, whose other
parts are there. "Retry" says whether the same request can succeed later.

${table(['code', 'HTTP status', 'retry', 'meaning'], rows)}

Each response has the header \`x-request-id\`: the log line of the request carries the same id.
`;
}

function printLimits(): string {
  const rows = (Object.entries(LIMITS) as [string, Limit][]).map(([name, limit]) => [
    `\`${name}\``,
    limit.value.toLocaleString('en-US'),
    limit.unit,
    limit.answer,
    limit.why,
  ]);
  return `# Limits

${NOTE}

What a request to the gateway may cost. They hold for every caller. Page size is limited by the subgraphs: \`first\` is
from 1 to 100, else \`PAGE_TOO_LARGE\`; all lists of one fetch have at most 20,000 elements,
else \`ANSWER_TOO_LARGE\`. Times of requests and fetches are settings, see settings.md.

${table(['limit', 'value', 'unit', 'over it', 'why this number'], rows)}
`;
}

function describeDefault(setting: Setting): string {
  if (setting.default === undefined) return 'none';
  return `\`${String(setting.default)}\``;
}

function printSettings(): string {
  const rows = (Object.entries(SETTINGS) as [string, Setting][]).map(([name, setting]) => {
    const bounds = [setting.min, setting.max].map((bound) => (bound === undefined ? '' : String(bound))).join(' to ');
    return [
      `\`${name}\``,
      setting.kind,
      describeDefault(setting),
      bounds === ' to ' ? '' : bounds.trim(),
      `${setting.purpose}${setting.secret ? ` (also as a file: \`${name}_FILE\`)` : ''}`,
    ];
  });
  return `# Settings

${NOTE}

Environment variables. All faults are reported at once before anything starts; a variable that begins with \`CRM_\` and
is not here stops the start. Bounds are those of the number, or of the text's length.

${table(['variable', 'kind', 'default', 'bounds', 'purpose'], rows)}
`;
}

const PAGES = { 'errors.md': printErrors(), 'limits.md': printLimits(), 'settings.md': printSettings() };

if (process.argv.includes('--check')) {
  for (const [name, text] of Object.entries(PAGES)) {
    if (readFileSync(new URL(name, DOCS), 'utf8') === text) continue;
    console.error(`docs/${name} is not what the tables say; run: node scripts/printDocs.ts`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(DOCS, { recursive: true });
  for (const [name, text] of Object.entries(PAGES)) writeFileSync(new URL(name, DOCS), text);
}
