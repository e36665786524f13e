// NDJSON files as a source: one JSON object a line, in UTF-8.
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { BrokenRecord, ConnectorKind, SourceRecord } from './connector.ts';
import { FileConnector, type FormatReader } from './file/fileConnector.ts';
import type { RawRecord } from './file/recordReader.ts';

const spec = z.strictObject({ path: z.string().min(1), grows: z.boolean().default(false) });

const BLANK = /^\s*$/;

function readLine({ bytes, line, isTooLong }: RawRecord): (SourceRecord | BrokenRecord)[] {
  const place = `line ${line}`;
  if (isTooLong) return [{ place, reason: 'the line is too long' }];
  if (!isUtf8(bytes)) return [{ place, reason: 'the line is not in UTF-8' }];
  const text = bytes.toString('utf8');
  if (BLANK.test(text)) return [];
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return [{ place, fields: value as Record<string, unknown> }];
    }
    return [{ place, reason: 'the line is no JSON object' }];
  } catch {
    return [{ place, reason: 'the line is no JSON' }];
  }
}

const READER: FormatReader = {
  discovered: { columns: [], isComplete: false },
  parse: (records) => ({ items: records.flatMap(readLine) }),
};

/** NDJSON files. */
export const ndjsonKind: ConnectorKind<z.infer<typeof spec>> = {
  spec,
  isText: false,
  open: (options, { basePath }) => new FileConnector(options, basePath, { begin: () => Promise.resolve(READER) }),
};
