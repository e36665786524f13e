import { readFileSync, writeFileSync } from 'node:fs';
import { exampleReport, makeReport } from '../../test/harness/exampleReport.ts';
import { OUTPUT_FORMATS, renderReport } from './outputs.ts';

const plain = { isColoured: false, isVerbose: false, folder: '' };

describe('the outputs', () => {
  it.each(OUTPUT_FORMATS)('tells the example report in %s as the golden page has it', (format) => {
    const path = new URL(`golden/example.${format}`, import.meta.url);
    const told = renderReport(exampleReport, format, plain);
    if (process.env['UPDATE'] === '1') writeFileSync(path, told);
    expect(told).toBe(readFileSync(path, 'utf8'));
  });

  it.each(OUTPUT_FORMATS)('tells a check that found nothing in %s as the golden page has it', (format) => {
    const path = new URL(`golden/nothing.${format}`, import.meta.url);
    const told = renderReport(makeReport([]), format, plain);
    if (process.env['UPDATE'] === '1') writeFileSync(path, told);
    expect(told).toBe(readFileSync(path, 'utf8'));
  });
});
