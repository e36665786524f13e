// CSV files as a source: RFC 4180 with any one-character delimiter, quotes doubled within quotes, UTF-8 with or without
// its mark, or Latin-1. The only file that imports csv-parse.
import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { SourceFault, type BrokenRecord, type ConnectorKind, type SourceRecord } from './connector.ts';
import { FileConnector, type FileFormat, type FormatReader, type ParsedRecords } from './file/fileConnector.ts';
import type { RawRecord, RecordReader } from './file/recordReader.ts';

const spec = z.strictObject({
  path: z.string().min(1),
  delimiter: z.string().length(1).default(','),
  quote: z.string().length(1).nullable().default('"'),
  encoding: z.enum(['utf8', 'latin1']).default('utf8'),
  /** For files without a first line of names. */
  columns: z.array(z.string().min(1)).min(1).optional(),
  grows: z.boolean().default(false),
});

type CsvOptions = z.infer<typeof spec>;

const FEED = Buffer.from('\n');

function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    CSV_INVALID_CLOSING_QUOTE: 'there is text behind a closing quote',
    CSV_QUOTE_NOT_CLOSED: 'a quote is opened and not closed',
    INVALID_OPENING_QUOTE: 'there is a quote within an unquoted value',
  };
  return reasons[code] ?? 'the line is no CSV';
}

class CsvReader implements FormatReader {
  readonly columns: readonly string[];
  readonly #options: CsvOptions;

  constructor(options: CsvOptions, columns: readonly string[]) {
    this.#options = options;
    this.columns = columns;
  }

  get discovered() {
    return { columns: this.columns, isComplete: true };
  }

  parse(records: readonly RawRecord[]): ParsedRecords {
    const good = records.map((record) => record.bytes.length > 0 && this.#fault(record) === undefined);
    const rows = this.#parseAll(records.filter((_, at) => good[at]));
    if (rows === undefined) return this.#parseSingly(records);
    let next = 0;
    const items = records.flatMap((record, at) => {
      if (record.bytes.length === 0) return [];
      if (!good[at]) return [this.#broken(record, this.#fault(record) ?? '')];
      return [this.#item(record, rows[next++] ?? [])];
    });
    return { items };
  }

  /** The fast way: all at once. Gives undefined where one of them is no CSV. */
  #parseAll(records: readonly RawRecord[]): string[][] | undefined {
    try {
      const rows = readCsv(Buffer.concat(records.flatMap(({ bytes }) => [bytes, FEED])), this.#options);
      return rows.length === records.length ? rows : undefined;
    } catch {
      return undefined;
    }
  }

  /** One by one: a record over several lines that is no CSV is its first line alone, and the next line is read anew. */
  #parseSingly(records: readonly RawRecord[]): ParsedRecords {
    const items: (SourceRecord | BrokenRecord)[] = [];
    for (const record of records) {
      if (record.bytes.length === 0) continue;
      const read = this.#parseOne(record);
      if (Array.isArray(read)) {
        items.push(this.#item(record, read));
        continue;
      }
      items.push(this.#broken(record, read));
      const feed = record.bytes.indexOf('\n');
      if (feed !== -1) return { items, goBack: { offset: record.start + feed + 1, line: record.line + 1 } };
    }
    return { items };
  }

  #parseOne(record: RawRecord): string[] | string {
    const fault = this.#fault(record);
    if (fault !== undefined) return fault;
    try {
      const rows = readCsv(record.bytes, this.#options);
      return rows.length === 1 && rows[0] !== undefined ? rows[0] : 'the line is no CSV';
    } catch (error) {
      return describe(error);
    }
  }

  #fault({ bytes, isTooLong }: RawRecord): string | undefined {
    if (isTooLong) return 'the line is too long';
    return this.#options.encoding === 'utf8' && !isUtf8(bytes) ? 'the line is not in UTF-8' : undefined;
  }

  #item(record: RawRecord, row: readonly string[]): SourceRecord | BrokenRecord {
    const { columns } = this;
    if (row.length !== columns.length) {
      return this.#broken(record, `expected ${columns.length} values, the line has ${row.length}`);
    }
    const fields: Record<string, string> = {};
    for (let at = 0; at < columns.length; at++) fields[columns[at] ?? ''] = row[at] ?? '';
    return { place: `line ${record.line}`, fields };
  }

  #broken({ line }: RawRecord, reason: string): BrokenRecord {
    return { place: `line ${line}`, reason };
  }
}

function readCsv(bytes: Buffer, { delimiter, quote, encoding }: CsvOptions): string[][] {
  return parse(bytes, {
    ...{ delimiter, quote, escape: quote, encoding },
    record_delimiter: ['\n', '\r\n'],
    relax_column_count: true,
  });
}

async function readColumns(reader: RecordReader, options: CsvOptions): Promise<readonly string[]> {
  if (options.columns !== undefined) return options.columns;
  const head = await reader.next();
  if (head === undefined) throw new SourceFault('the file is empty: it has no line with the names of its columns');
  let names: string[];
  try {
    names = (readCsv(head.bytes, options)[0] ?? []).map((name) => name.trim());
  } catch (error) {
    throw new SourceFault(`line ${head.line}: the names of the columns cannot be read: ${describe(error)}`, {
      cause: error,
    });
  }
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new SourceFault(`line ${head.line}: the column "${twice}" stands there twice`);
  return names;
}

function formatOf(options: CsvOptions): FileFormat {
  const quote = options.quote?.charCodeAt(0);
  return {
    ...(quote !== undefined && { quote }),
    begin: async (reader) => new CsvReader(options, await readColumns(reader, options)),
  };
}

/** CSV files. */
export const csvKind: ConnectorKind<CsvOptions> = {
  spec,
  isText: true,
  open: (options, { basePath }) => new FileConnector(options, basePath, formatOf(options)),
};
