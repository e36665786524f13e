// Cuts a file into records, line by line or, for CSV, over line breaks within quotes. Holds a piece of the file and no
// more, knows the byte and the line of every record, and can go back within what was taken since the last mark: one
// quote too many costs its own line, not the rest of the file.
import { open, type FileHandle } from 'node:fs/promises';
import { RECORD_BYTES_MAX, SourceFault } from '../connector.ts';

const PIECE_BYTES = 65_536;
const KEPT_OF_LONG_BYTES = 1_024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A record as it stands in the file, without its line break. */
export interface RawRecord {
  readonly bytes: Buffer;
  /** The line it begins in, from 1. */
  readonly line: number;
  /** Where it begins and where the next one does, in bytes. */
  readonly start: number;
  readonly end: number;
  /** Over RECORD_BYTES_MAX: `bytes` holds its beginning alone. */
  readonly isTooLong: boolean;
}

/** Where reading begins. */
export interface Position {
  readonly offset: number;
  readonly line: number;
}

/** Opens a file for reading. Throws SourceFault in words for people. */
export async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reasons: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EACCES: 'it may not be read' };
    throw new SourceFault(`${path}: ${reasons[code] ?? `it cannot be opened (${code})`}`, { cause: error });
  }
}

/** Reads one file from a position on. */
export class RecordReader {
  readonly #file: FileHandle;
  readonly #quote: number | undefined;
  readonly #sizeMax: number;
  #buffer = Buffer.alloc(0);
  /** Where `#buffer` begins in the file. */
  #base: number;
  #at = 0;
  #line: number;
  #kept = 0;
  #isAtEnd = false;

  /** `sizeMax`: where the file ends for this reading, however it grows meanwhile. */
  constructor(file: FileHandle, from: Position, { quote, sizeMax }: { quote?: number | undefined; sizeMax: number }) {
    this.#file = file;
    this.#base = from.offset;
    this.#line = from.line;
    this.#quote = quote;
    this.#sizeMax = sizeMax;
  }

  /** Where the next record begins. */
  get position(): Position {
    return { offset: this.#base + this.#at, line: this.#line };
  }

  /** Keeps what comes from here on, for `goBack`. */
  mark(): void {
    this.#kept = this.#at;
  }

  /** Goes back to a place behind the mark. */
  goBack(to: Position): void {
    this.#at = to.offset - this.#base;
    this.#line = to.line;
  }

  /** Gives the next record; undefined at the end of the file, and where a record needs a mark of its own. */
  async next(): Promise<RawRecord | undefined> {
    for (;;) {
      const record = this.#take();
      if (record !== undefined) return record;
      const waiting = this.#buffer.length - this.#at;
      if (waiting > RECORD_BYTES_MAX) return this.#at > this.#kept ? undefined : this.#passBy();
      if (this.#isAtEnd) return undefined;
      await this.#fill();
    }
  }

  /** The next record if it lies in memory whole. */
  #take(): RawRecord | undefined {
    const end = this.#findEnd();
    if (end !== undefined) return this.#cut(end.at, end.lines);
    const waiting = this.#buffer.length - this.#at;
    const feed = this.#buffer.indexOf(LINE_FEED, this.#at);
    // Within quotes that do not end, the first line alone is a record: the last one, or one that grows too long.
    if (feed !== -1 && (this.#isAtEnd || waiting > RECORD_BYTES_MAX)) return this.#cut(feed + 1, 1);
    return this.#isAtEnd && waiting > 0 && waiting <= RECORD_BYTES_MAX ? this.#cut(this.#buffer.length, 1) : undefined;
  }

  /** Passes a line by that is longer than what may be held: its beginning is given, the rest dropped as it comes. */
  async #passBy(): Promise<RawRecord> {
    const [start, line] = [this.#base + this.#at, this.#line];
    const bytes = Buffer.from(this.#buffer.subarray(this.#at, this.#at + KEPT_OF_LONG_BYTES));
    for (;;) {
      const feed = this.#buffer.indexOf(LINE_FEED, this.#at);
      this.#at = feed === -1 ? this.#buffer.length : feed + 1;
      this.#kept = this.#at;
      if (feed !== -1 || this.#isAtEnd) break;
      await this.#fill();
    }
    this.#line += 1;
    return { bytes, line, start, end: this.#base + this.#at, isTooLong: true };
  }

  #findEnd(): { at: number; lines: number } | undefined {
    let quotes = 0;
    let from = this.#at;
    for (let lines = 1; ; lines++) {
      const feed = this.#buffer.indexOf(LINE_FEED, from);
      if (feed === -1) return undefined;
      quotes += this.#countQuotes(from, feed);
      if (quotes % 2 === 0) return { at: feed + 1, lines };
      if (feed - this.#at > RECORD_BYTES_MAX) return undefined;
      from = feed + 1;
    }
  }

  #countQuotes(from: number, to: number): number {
    if (this.#quote === undefined) return 0;
    let count = 0;
    let at = this.#buffer.indexOf(this.#quote, from);
    while (at !== -1 && at < to) {
      count++;
      at = this.#buffer.indexOf(this.#quote, at + 1);
    }
    return count;
  }

  #cut(endAt: number, lines: number): RawRecord {
    const [start, line] = [this.#base + this.#at, this.#line];
    let textEnd = endAt;
    if (this.#buffer[textEnd - 1] === LINE_FEED) textEnd--;
    if (textEnd > this.#at && this.#buffer[textEnd - 1] === CARRIAGE_RETURN) textEnd--;
    const bytes = this.#buffer.subarray(this.#at, textEnd);
    this.#at = endAt;
    this.#line += lines;
    return { bytes, line, start, end: this.#base + endAt, isTooLong: bytes.length > RECORD_BYTES_MAX };
  }

  async #fill(): Promise<void> {
    const from = Math.min(this.#kept, this.#at);
    const rest = this.#buffer.subarray(from);
    const readFrom = this.#base + this.#buffer.length;
    const piece = Buffer.allocUnsafe(Math.max(0, Math.min(PIECE_BYTES, this.#sizeMax - readFrom)));
    const { bytesRead } = await this.#file.read(piece, 0, piece.length, readFrom);
    if (bytesRead === 0) this.#isAtEnd = true;
    this.#base += from;
    this.#at -= from;
    this.#kept -= from;
    this.#buffer = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
  }
}
