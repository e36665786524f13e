// A table of MySQL or MariaDB that is read by its binlog: the first reading takes all rows of one snapshot, later ones the
// rows that the binlog says were changed since. The binlog tells which rows; what they hold is read from the table, in the
// snapshot that ends the stretch, so that values are those of every other reading and no row is older than the place.
import { z } from 'zod';
import type { Clock } from '../../../platform/clock.ts';
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
import {
  checkBinlog,
  checkPlace,
  declaredPrint,
  findTable,
  openSnapshot,
  purgedFault,
  serverIdentity,
  type BinlogPlace,
  type BinlogTable,
  type Query,
} from './binlogServer.ts';
import { readBinlog, type BinlogStretch, type ChangedRow } from './binlogStream.ts';
import { findColumns, sizeOf, type SqlClient, type TableColumn, type TableRow } from './tableConnector.ts';

const DELETED = 'it was deleted in the source: what came of it stays in the graph';
const KEY_TYPES = 'an integer, CHAR, VARCHAR or UUID';

const shape = z.object({
  /** Of which table of which server: what is remembered of another one means nothing. */
  table: z.string(),
  server: z.string(),
  /** How the columns were declared at this place. */
  declared: z.string(),
  file: z.string(),
  position: z.int().min(0),
  /** How many rows of the transaction that begins there are through. */
  rowsDone: z.int().min(0),
  /** Whether the first reading goes on; the binlog's turn is after it. */
  isFirst: z.boolean(),
  /** The last row of the first reading. */
  key: z.string().nullable(),
});

type Bookmark = z.infer<typeof shape>;

/** What this connector needs of a connection beside what every table does. */
export interface BinlogClient extends SqlClient {
  readonly query: Query;
  quoted(table: string): string;
  /** Gives the rows of up to BATCH_ITEMS_MAX keys as they are, and the keys, in the words given, that no row has. */
  rowsWith(
    table: string,
    columns: readonly string[],
    key: TableColumn,
    keys: readonly string[],
  ): Promise<{ rows: readonly TableRow[]; absent: readonly string[] }>;
}

/** What a table is read by. */
export interface BinlogOptions {
  readonly database: string;
  readonly table: string;
  readonly key: string;
  readonly user: string;
  /** What becomes of rows that are gone: each one in the reject file, or nothing. */
  readonly deletions: 'report' | 'ignore';
}

/** What a connector by binlog is opened with. */
export interface BinlogContext {
  readonly clock: Clock;
  /** The columns that are read. */
  readonly columns: readonly string[];
  /** How the binlog's own connection is made: as that of the client. */
  connection(): BinlogStretch['connection'];
  connect(): Promise<BinlogClient>;
}

/** What is known of the table when reading begins. */
interface Seen {
  readonly client: BinlogClient;
  readonly key: TableColumn;
  readonly columns: readonly string[];
  readonly table: BinlogTable;
  /** Where the snapshot ends, as the state has it when all is read. */
  readonly end: Bookmark;
}

/** A table by its binlog, opened for one run. */
export class BinlogConnector implements Connector {
  readonly #options: BinlogOptions;
  readonly #context: BinlogContext;
  #client: Promise<BinlogClient> | undefined;

  constructor(options: BinlogOptions, context: BinlogContext) {
    this.#options = options;
    this.#context = context;
  }

  async check(): Promise<void> {
    const client = await this.#open();
    const { database, table, user } = this.#options;
    const { key } = await findColumns(client, this.#options);
    await findTable(client.query, database, table);
    await checkBinlog(client.query, user);
    if (!key.isInteger && !/^(char|varchar|uuid)$/.test(key.type)) {
      throw new SourceFault(`the key "${key.name}" is of the type ${key.type}: by binlog it has to be ${KEY_TYPES}`);
    }
  }

  async discover(): Promise<Discovered> {
    const { all } = await findColumns(await this.#open(), this.#options);
    return { columns: all.map(({ name }) => name), isComplete: true };
  }

  async *read(state: SourceState | undefined, signal: AbortSignal): AsyncGenerator<ReadBatch> {
    await this.check();
    const seen = await this.#look();
    const { client, end } = seen;
    const read = shape.safeParse(state);
    const isOurs = read.success && read.data.table === end.table;
    const begin: Bookmark = isOurs ? read.data : { ...end, isFirst: true };
    if (begin.server !== end.server) throw purgedFault(begin);
    await checkPlace(client.query, begin);
    if (begin.isFirst) yield* this.#readAll(seen, begin, signal);
    yield* this.#readChanges(seen, begin, signal);
    yield { items: [], state: end, byteCount: 0 };
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.close();
  }

  /** Opens the snapshot of this reading. */
  async #look(): Promise<Seen> {
    const client = await this.#open();
    const { query } = client;
    const { all, key } = await findColumns(client, this.#options);
    const table = await findTable(query, this.#options.database, this.#options.table);
    const declared = await declaredPrint(query, table);
    const place = await openSnapshot(query, client.quoted(this.#options.table));
    // What is remembered is how the table was declared at this very place.
    if ((await declaredPrint(query, table)) !== declared) {
      throw new SourceFault('the table was altered just now: run it again');
    }
    const known = new Set(all.map(({ name }) => name));
    const columns = this.#context.columns.filter((name) => known.has(name));
    const named = { table: `${table.schema}.${table.name}`, server: await serverIdentity(query) };
    const end = { ...named, declared, ...place, rowsDone: 0, isFirst: false, key: null };
    return { client, key, columns, table, end };
  }

  /** The first reading, by the key. What changes behind its place meanwhile is told by the binlog afterwards. */
  async *#readAll(seen: Seen, begin: Bookmark, signal: AbortSignal): AsyncGenerator<ReadBatch> {
    const { client, key, columns } = seen;
    const from =
      begin.key === null ? ({ kind: 'start' } as const) : { kind: 'behind' as const, updated: null, key: begin.key };
    let items: SourceRecord[] = [];
    const query = { table: this.#options.table, columns, key, updated: undefined, from };
    for await (const rows of client.rows(query, signal)) {
      for (const row of rows) {
        items.push(recordOf(key, row));
        if (items.length < BATCH_ITEMS_MAX) continue;
        yield { items, state: { ...begin, key: row.key }, byteCount: sizeOf(items) };
        items = [];
      }
      signal.throwIfAborted();
    }
    yield { items, state: { ...begin, isFirst: false, key: null }, byteCount: sizeOf(items) };
  }

  async *#readChanges(seen: Seen, begin: Bookmark, signal: AbortSignal): AsyncGenerator<ReadBatch> {
    const { table, key, end } = seen;
    const { clock } = this.#context;
    const connection = this.#context.connection();
    const stretch = { connection, table, key: key.name, declared: begin.declared, from: begin, end };
    const progress = new Progress({ ...begin, isFirst: false, key: null });
    let keys = new Set<string>();
    for await (const { rows, place } of readBinlog(stretch, clock, signal)) {
      for (const row of rows) {
        if (!progress.isNew(row)) continue;
        for (const value of row.keys) keys.add(textOf(value, key));
        // A changed key makes two of one row.
        if (keys.size < BATCH_ITEMS_MAX - 1) continue;
        yield await this.#lookUp(seen, [...keys], progress.bookmark);
        keys = new Set();
      }
      signal.throwIfAborted();
      if (rows.length > 0) continue;
      progress.moveOn(place);
      yield await this.#lookUp(seen, [...keys], progress.bookmark);
      keys = new Set();
    }
    yield await this.#lookUp(seen, [...keys], progress.bookmark);
  }

  /** Gives the rows of keys as the snapshot has them. */
  async #lookUp(seen: Seen, keys: readonly string[], state: Bookmark): Promise<ReadBatch> {
    if (keys.length === 0) return { items: [], state, byteCount: 0 };
    const { client, key, columns } = seen;
    const { rows, absent } = await client.rowsWith(this.#options.table, columns, key, keys);
    const found = rows.map((row) => recordOf(key, row));
    const told = this.#options.deletions === 'report' ? absent : [];
    const gone: BrokenRecord[] = told.map((each) => ({ place: `${key.name} ${each}`, reason: DELETED }));
    return { items: [...found, ...gone], state, byteCount: sizeOf(found) };
  }

  #open(): Promise<BinlogClient> {
    this.#client ??= this.#context.connect();
    return this.#client;
  }
}

/** How far a reading is: rows are counted from where their transaction begins, since it is told from there again. */
class Progress {
  #bookmark: Bookmark;
  /** Rows that an earlier reading has had. */
  #skip: number;
  #rowsSeen = 0;

  constructor(begin: Bookmark) {
    this.#bookmark = begin;
    this.#skip = begin.rowsDone;
  }

  get bookmark(): Bookmark {
    return this.#bookmark;
  }

  isNew({ begin }: ChangedRow): boolean {
    if (begin.file !== this.#bookmark.file || begin.position !== this.#bookmark.position) {
      this.moveOn(begin);
    }
    this.#rowsSeen += 1;
    if (this.#rowsSeen <= this.#skip) return false;
    this.#bookmark = { ...this.#bookmark, rowsDone: this.#rowsSeen };
    return true;
  }

  moveOn({ file, position }: BinlogPlace): void {
    this.#bookmark = { ...this.#bookmark, file, position, rowsDone: 0 };
    this.#skip = 0;
    this.#rowsSeen = 0;
  }
}

function recordOf(key: TableColumn, row: TableRow): SourceRecord {
  return { place: `${key.name} ${row.key}`, fields: row.fields };
}

/** A key as the database writes it. A UUID comes as its bytes where the binlog names its columns. */
function textOf(value: unknown, { type }: TableColumn): string {
  if (!Buffer.isBuffer(value)) return String(value);
  if (type !== 'uuid') return value.toString('utf8');
  const hex = value.toString('hex').padEnd(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
