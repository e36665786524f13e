// Writes an export as a file, row by row: a month of many programs is longer than one text can be. The file appears when
// it is whole, in place of one that was there before.
import { rename, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { UsageExport } from '../../contracts/usageExport.ts';

function* piecesOf({ rows, ...head }: UsageExport): Iterable<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"rows":[`;
  let separator = '\n';
  for (const row of rows) {
    yield `${separator}${JSON.stringify(row)}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}

/** Takes an export and a path. Rejects where it cannot be written; what was there is unchanged then. */
export async function writeUsage(usage: UsageExport, path: string): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    await pipeline(Readable.from(piecesOf(usage)), createWriteStream(unfinished));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
