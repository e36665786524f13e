// What all files of records have in common: opening, going on where an earlier run stopped, batches with their cursor.
// How a record is read is the format's own part.
import type { FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  BATCH_ITEMS_MAX,
  SourceFault,
  type BrokenRecord,
  type Connector,
  type Discovered,
  type ReadBatch,
  type SourceRecord,
  type SourceState,
} from '../connector.ts';
import { cursorBehind, identifyFile, resumeFile, type FileIdentity } from './fileCursor.ts';
import { openFile, RecordReader, type Position, type RawRecord } from './recordReader.ts';

/** What a format makes of raw records. */
export interface ParsedRecords {
  readonly items: readonly (SourceRecord | BrokenRecord)[];
  /** Where reading goes on, where that is not behind the last record. */
  readonly goBack?: Position;
}

/** A format whose head has been read. */
export interface FormatReader {
  readonly discovered: Discovered;
  parse(records: readonly RawRecord[]): ParsedRecords;
}

/** A format of files. */
export interface FileFormat {
  /** The byte within which line breaks do not count, and again ends that. */
  readonly quote?: number;
  /** Reads the head, if the format has one: the reader stands behind it then. Throws SourceFault. */
  begin(reader: RecordReader): Promise<FormatReader>;
}

/** Where a file is, and what may become of it. */
export interface FileOptions {
  readonly path: string;
  /** Whether it is only ever written to at its end. */
  readonly grows: boolean;
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const WIDE_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

/** Takes an open file; gives where its text begins. Throws SourceFault for an encoding of wide characters. */
async function skipMark(file: FileHandle): Promise<Position> {
  const head = Buffer.alloc(3);
  await file.read(head, 0, 3, 0);
  if (WIDE_MARKS.some((mark) => head.subarray(0, 2).equals(mark))) {
    throw new SourceFault('the file is in UTF-16: write it in UTF-8');
  }
  return { offset: head.equals(BYTE_ORDER_MARK) ? 3 : 0, line: 1 };
}

/** A file, opened for one run. */
export class FileConnector implements Connector {
  readonly #path: string;
  readonly #grows: boolean;
  readonly #format: FileFormat;

  constructor(options: FileOptions, basePath: string, format: FileFormat) {
    this.#path = resolve(basePath, options.path);
    this.#grows = options.grows;
    this.#format = format;
  }

  async check(): Promise<void> {
    await this.discover();
  }

  async discover(): Promise<Discovered> {
    return this.#use(async (file) => {
      const { size } = await file.stat();
      const { discovered } = await this.#format.begin(this.#readerAt(file, await skipMark(file), size));
      return discovered;
    });
  }

  async *read(state: SourceState | undefined, signal: AbortSignal): AsyncGenerator<ReadBatch> {
    const file = await openFile(this.#path);
    try {
      const identity = await identifyFile(file);
      const start = await skipMark(file);
      const head = this.#readerAt(file, start, identity.size);
      const format = await this.#format.begin(head);
      const from = (await resumeFile(file, identity, { state, grows: this.#grows })) ?? head.position;
      if (from !== 'done') yield* this.#readFrom(file, identity, { format, from, signal });
    } finally {
      await file.close();
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async *#readFrom(
    file: FileHandle,
    identity: FileIdentity,
    { format, from, signal }: { format: FormatReader; from: Position; signal: AbortSignal },
  ): AsyncGenerator<ReadBatch> {
    const reader = this.#readerAt(file, from, identity.size);
    let before = from.offset;
    let last: RawRecord | undefined;
    for (;;) {
      signal.throwIfAborted();
      reader.mark();
      const records = await this.#takeBatch(reader, identity.size);
      if (records.length === 0) break;
      const { items, goBack } = format.parse(records);
      if (goBack !== undefined) reader.goBack(goBack);
      const position = reader.position;
      last = records.findLast(({ end }) => end <= position.offset);
      const state = cursorBehind(identity, position, last);
      yield { items, state, byteCount: position.offset - before };
      before = position.offset;
    }
    const state = { ...cursorBehind(identity, reader.position, last), isDone: true };
    yield { items: [], state, byteCount: 0 };
  }

  async #takeBatch(reader: RecordReader, size: number): Promise<RawRecord[]> {
    const records: RawRecord[] = [];
    while (records.length < BATCH_ITEMS_MAX) {
      const position = reader.position;
      const record = await reader.next();
      if (record === undefined) break;
      if (this.#grows && record.end === size && record.end === record.start + record.bytes.length) {
        // Its writer is not done with this line.
        reader.goBack(position);
        break;
      }
      records.push(record);
    }
    return records;
  }

  #readerAt(file: FileHandle, from: Position, sizeMax: number): RecordReader {
    return new RecordReader(file, from, { quote: this.#format.quote, sizeMax });
  }

  async #use<R>(work: (file: FileHandle) => Promise<R>): Promise<R> {
    const file = await openFile(this.#path);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }
}
