import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleReport } from '../../test/harness/exampleReport.ts';
import { OUTPUT_FORMATS, renderReport, writeReports } from './outputs.ts';

describe('writeReports', () => {
  it('writes every format into a folder that it makes, without colours, and replaces what an earlier check wrote', async () => {
    const top = await mkdtemp(join(tmpdir(), 'crm-reports-'));
    try {
      const folder = join(top, 'one', 'two');
      const options = { isColoured: true, isVerbose: false, folder: '' };
      await writeReports({ ...exampleReport, durationMs: 1 }, folder, options);
      const written = await writeReports(exampleReport, folder, options);
      expect((await readdir(folder)).map((name) => join(folder, name))).toEqual(written.toSorted());
      for (const [at, format] of OUTPUT_FORMATS.entries()) {
        const text = await readFile(written[at] ?? '', 'utf8');
        expect(text).toBe(renderReport(exampleReport, format, { ...options, isColoured: false }));
      }
    } finally {
      await rm(top, { recursive: true });
    }
  });
});
