// The check's report for programs, as it is; `report.schema.json` beside this file describes it.
import type { CheckReport } from '../finding.ts';

/** Takes a report; gives its JSON. What is undefined is left out. */
export function renderJson(report: CheckReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
