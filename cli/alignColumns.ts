// Columns on a terminal. Texts of others are shown without control characters, which could rewrite the terminal.

const GAP = '  ';

function plainText(text: string): string {
  return text.replace(/\p{Cc}/gu, '·');
}

/** Takes rows of equal length, the first of them the headings; gives them with their columns aligned. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(plainText));
  const widths = (clean[0] ?? []).map((_, at) => Math.max(...clean.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]): string => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(GAP);
  return clean.map((row) => `${line(row).trimEnd()}\n`).join('');
}
