// The rows of one table that a stretch of the binlog tells of, by their keys, with the place from which reading can begin
// again. The server is held back while nobody takes them. The only file that imports zongji.
import ZongJi from '@vlasky/zongji';
import type { Clock } from '../../../platform/clock.ts';
import { drawBytes } from '../../../platform/random.ts';
import { SourceFault } from '../connector.ts';
import { alteredFault, hasReached, printOf, purgedFault, type BinlogPlace, type BinlogTable } from './binlogServer.ts';
import { sqlFault } from './tableConnector.ts';

const ROWS_AHEAD = 500;
const SILENCE_MS = 60_000;
/** How long the server waits for us to take what it sends: as long as a busy subgraph is waited for, and a bit. */
const WRITE_TIMEOUT_SECONDS = 900;
const READING_FAULT = 1_236;
const NO_GRANT = new Set([1_045, 1_227, 3_879]);

/** A row that was written, changed or deleted. */
export interface ChangedRow {
  /** Its key as the binlog has it, before and after: two where the key itself was changed. */
  readonly keys: readonly unknown[];
  /** The beginning of its transaction: from here on it is told again. */
  readonly begin: BinlogPlace;
}

/** Changed rows in the order of the binlog; none where nothing but the place moved on. */
export interface ChangedRows {
  readonly rows: readonly ChangedRow[];
  /** Where the transaction of the last one began, or where reading is. */
  readonly place: BinlogPlace;
}

/** Which stretch of the binlog is read, of which table, and how the server is reached. */
export interface BinlogStretch {
  readonly connection: ConstructorParameters<typeof ZongJi>[0];
  readonly table: BinlogTable;
  readonly key: string;
  /** How the columns were declared at `from`. */
  readonly declared: string;
  readonly from: BinlogPlace;
  readonly end: BinlogPlace;
}

type BinlogListener = Parameters<ZongJi['on']>[1];
type TableEvent = { readonly tableId: number; hasSelfDescribingMetadata?(): boolean };
type RowsEvent = { readonly rows: readonly Readonly<Record<string, unknown>>[] };

class BinlogReader {
  readonly #stretch: BinlogStretch;
  readonly #zongji: ZongJi;
  #waiting: ChangedRows[] = [];
  #rowCount = 0;
  #isHeld = false;
  #hasEnded = false;
  #fault: Error | undefined;
  #heard = 0;
  #file: string;
  #wake: () => void = () => undefined;
  #unwatch: () => void = () => undefined;

  constructor(stretch: BinlogStretch) {
    this.#stretch = stretch;
    this.#file = stretch.from.file;
    this.#zongji = new ZongJi(stretch.connection);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  begin(): void {
    const { from, table } = this.#stretch;
    const zongji = this.#zongji;
    zongji.on('error', (error: Error) => this.fail(this.#wordsFor(error)));
    zongji.on('ready', () => void zongji.connection?.query(`SET SESSION net_write_timeout = ${WRITE_TIMEOUT_SECONDS}`));
    const listener = (event: { getTypeName(): string }): void => {
      try {
        this.#take(event);
      } catch (error) {
        this.fail(sqlFault(error));
      }
    };
    zongji.on('binlog', listener as BinlogListener);
    zongji.start({
      // Two that read one server at a time need names of their own: no replica of people has one as large.
      serverId: 0x8000_0000 + (drawBytes(4).readUInt32LE() >>> 1),
      filename: from.file,
      position: from.position,
      includeSchema: { [table.schema]: [table.name] },
    });
  }

  fail(fault: Error): void {
    this.#fault ??= fault;
    this.#wake();
  }

  /** What has come since the last time, after a wait where that is nothing. Throws SourceFault. */
  async next(): Promise<readonly ChangedRows[]> {
    while (this.#waiting.length === 0 && !this.#hasEnded && this.#fault === undefined) {
      // What was held back comes at once, before anybody could be woken.
      if (this.#release()) continue;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#fault !== undefined) throw this.#fault;
    const taken = this.#waiting;
    this.#waiting = [];
    this.#rowCount = 0;
    return taken;
  }

  /** All of the stretch is written already: a server that sends nothing has gone silent. */
  watch(clock: Clock): void {
    const heard = this.#heard + this.#received();
    this.#unwatch = clock.after(SILENCE_MS, () => {
      if (this.#isHeld || this.#heard + this.#received() !== heard) this.watch(clock);
      else this.fail(new SourceFault(`the server has sent nothing of its binlog for ${SILENCE_MS / 1_000} s`));
    });
  }

  /** Bytes that came: rows of other tables are thrown away before anybody hears of them. */
  #received(): number {
    const connection = this.#zongji.connection as { readonly stream?: { readonly bytesRead?: number } } | null;
    return connection?.stream?.bytesRead ?? 0;
  }

  async stop(): Promise<void> {
    this.#unwatch();
    const stopped = new Promise((resolve) => this.#zongji.once('stopped', resolve));
    this.#zongji.stop();
    await stopped;
  }

  #take(event: { getTypeName(): string }): void {
    this.#heard += 1;
    if (this.#hasEnded || this.#fault !== undefined) return;
    const place = this.#place();
    const type = event.getTypeName();
    if (type === 'TableMap') this.#checkColumns(event as unknown as TableEvent);
    if (type === 'WriteRows' || type === 'UpdateRows' || type === 'DeleteRows') {
      this.#offer({ rows: this.#readRows(event as unknown as RowsEvent, place), place });
      return;
    }
    if (hasReached(place, this.#stretch.end)) {
      this.#hasEnded = true;
      this.#zongji.connection?.pause();
      this.#wake();
    } else if (place.file !== this.#file) {
      this.#file = place.file;
      this.#offer({ rows: [], place });
    }
  }

  #offer(piece: ChangedRows): void {
    this.#waiting.push(piece);
    this.#rowCount += piece.rows.length;
    if (this.#rowCount >= ROWS_AHEAD) {
      this.#isHeld = true;
      this.#zongji.connection?.pause();
    }
    this.#wake();
  }

  #release(): boolean {
    if (!this.#isHeld) return false;
    this.#isHeld = false;
    this.#zongji.connection?.resume();
    return true;
  }

  /** An event that does not name its columns is read by the table's declaration of now: that has to be the one of then. */
  #checkColumns(event: TableEvent): void {
    if (event.hasSelfDescribingMetadata?.() === true) return;
    const columns = this.#zongji.tableMap[event.tableId]?.columnSchemas ?? [];
    if (printOf(columns) !== this.#stretch.declared) throw alteredFault();
  }

  #readRows({ rows }: RowsEvent, begin: BinlogPlace): ChangedRow[] {
    const { key } = this.#stretch;
    return rows.map((row) => {
      const images = 'before' in row && 'after' in row ? [row['before'], row['after']] : [row];
      const values = images.map((image) => (image as Record<string, unknown>)[key]);
      const keys = values.filter((value) => value !== null && value !== undefined);
      if (keys.length === 0) throw new SourceFault(`the binlog tells of a row without its key "${key}"`);
      return { keys, begin };
    });
  }

  #place(): BinlogPlace {
    const { filename = '', position = 0 } = this.#zongji.options;
    return { file: filename, position };
  }

  #wordsFor(error: Error): Error {
    const errno = 'errno' in error ? Number(error.errno) : 0;
    if (errno === READING_FAULT && /find first log file|purged|impossible position/i.test(error.message)) {
      return purgedFault(this.#stretch.from, error);
    }
    if (NO_GRANT.has(errno)) {
      return new SourceFault('the binlog may not be read: this user needs GRANT REPLICATION SLAVE ON *.*', {
        cause: error,
      });
    }
    return /column count|Insufficient permissions/i.test(error.message) ? alteredFault() : sqlFault(error);
  }
}

/** Takes a stretch and the clock that tells silence; gives what changed in it. Throws SourceFault. */
export async function* readBinlog(
  stretch: BinlogStretch,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<ChangedRows> {
  if (hasReached(stretch.from, stretch.end)) return;
  signal.throwIfAborted();
  const reader = new BinlogReader(stretch);
  const leave = (): void => reader.fail(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', leave, { once: true });
  try {
    reader.begin();
    reader.watch(clock);
    for (;;) {
      const pieces = await reader.next();
      yield* pieces;
      if (pieces.length === 0 && reader.hasEnded) return;
    }
  } finally {
    signal.removeEventListener('abort', leave);
    await reader.stop();
  }
}
