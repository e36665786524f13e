// The list of formats that a check can be told in, and the way to write several at once.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckReport } from '../finding.ts';
import { renderGithub } from './github.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import type { OutputOptions } from './outputOptions.ts';
import { renderSarif } from './sarif.ts';
import { renderText } from './text.ts';

/** By its name on the command line: the file that `--out` writes, and what makes its text. */
const FORMATS = {
  text: { file: 'report.txt', render: renderText },
  json: { file: 'report.json', render: renderJson },
  markdown: { file: 'report.md', render: renderMarkdown },
  github: { file: 'report.github.txt', render: renderGithub },
  sarif: { file: 'report.sarif', render: renderSarif },
  junit: { file: 'report.xml', render: renderJunit },
} as const satisfies Record<string, { file: string; render: (report: CheckReport, options: OutputOptions) => string }>;

/** The name of a format. */
export type OutputFormat = keyof typeof FORMATS;

/** The names of all formats, in the order of the help. */
export const OUTPUT_FORMATS = Object.keys(FORMATS) as readonly OutputFormat[];

/** Takes a report and a format; gives the text of it. */
export function renderReport(report: CheckReport, format: OutputFormat, options: OutputOptions): string {
  return FORMATS[format].render(report, options);
}

/**
 * Writes a report in every format into a folder, which it makes where there is none; files of an earlier check are
 * replaced. Gives the paths. Text in a file has no colours. Throws what the file system throws.
 */
export async function writeReports(report: CheckReport, folder: string, options: OutputOptions): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const format of OUTPUT_FORMATS) {
    const path = join(folder, FORMATS[format].file);
    await writeFile(path, renderReport(report, format, { ...options, isColoured: false }));
    written.push(path);
  }
  return written;
}
