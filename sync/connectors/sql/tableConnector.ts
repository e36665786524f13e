// A table as a source, whatever the make of its database: rows in the order of (updated, key), a bookmark behind the
// last one, and a stretch that is read again for changes whose commit came late. How rows are asked for is the
// dialect's own part.
import { z } from 'zod';
import {
  BATCH_ITEMS_MAX,
  SourceFault,
  type Connector,
  type Discovered,
  type ReadBatch,
  type SourceRecord,
  type SourceState,
} from '../connector.ts';
import type { TableOptions } from './sqlOptions.ts';

const shape = z.object({
  updated: z.string().nullable(),
  key: z.string().nullable(),
  /** Where the first run that was broken off stood: what was late for it is read again when all is read. */
  redo: z.string().nullable(),
  isDone: z.boolean(),
});

type Bookmark = z.infer<typeof shape>;

const START: Bookmark = { updated: null, key: null, redo: null, isDone: false };

/** A column of a table. */
export interface TableColumn {
  readonly name: string;
  readonly isInteger: boolean;
  readonly isNullable: boolean;
  /** The database's own word for its type. */
  readonly type: string;
}

/** Which rows are wanted: those behind a place, or all; always in the order of `updated` and `key`. */
export interface RowQuery {
  readonly table: string;
  readonly columns: readonly string[];
  readonly key: TableColumn;
  readonly updated: TableColumn | undefined;
  readonly from:
    | { readonly kind: 'start' }
    /** Behind this row, exactly; `updated` is null where the table has no such column. */
    | { readonly kind: 'behind'; readonly updated: string | null; readonly key: string }
    /** From so long before this moment on. */
    | { readonly kind: 'since'; readonly updated: string; readonly overlapSeconds: number };
}

/** A row, with the place it takes in the order, as the database writes it. */
export interface TableRow {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly updated: string | null;
  readonly key: string;
}

/** A connection to one database. Every method throws SourceFault. */
export interface SqlClient {
  /** The columns of a table; none where there is no such table. */
  columnsOf(table: string): Promise<readonly TableColumn[]>;
  /** Streams rows, in pieces, without holding them all. */
  rows(query: RowQuery, signal: AbortSignal): AsyncIterable<readonly TableRow[]>;
  close(): Promise<void>;
}

/** Takes a fault of a driver; gives it in words for people. */
export function sqlFault(error: unknown): Error {
  if (error instanceof SourceFault) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message.slice(0, 300) : String(error);
  return new SourceFault(`the database: ${code === '' ? '' : `${code}: `}${message}`, { cause: error });
}

/** The columns of a table, and which of them say where a row stands. */
export interface TableColumns {
  readonly all: readonly TableColumn[];
  readonly key: TableColumn;
  readonly updated: TableColumn | undefined;
}

/** The types of both makes that have a date; others compare otherwise than they were written. */
const TELLS_MOMENTS = /date|timestamp/i;

/** Looks which columns there are. Throws SourceFault where the table or a column that says the place is missing. */
export async function findColumns(
  client: SqlClient,
  { table, key, updated }: Pick<TableOptions, 'table' | 'key' | 'updated'>,
): Promise<TableColumns> {
  const all = await client.columnsOf(table);
  if (all.length === 0) throw new SourceFault(`there is no table ${table}, or it may not be read`);
  const find = (name: string): TableColumn => {
    const column = all.find((each) => each.name === name);
    if (column === undefined) throw new SourceFault(`the source has no column "${name}" (table ${table})`);
    return column;
  };
  const changed = updated === undefined ? undefined : find(updated);
  if (changed !== undefined && !changed.isInteger && !TELLS_MOMENTS.test(changed.type)) {
    throw new SourceFault(
      `the column "${changed.name}" (table ${table}) is of the type ${changed.type}: changes are told by a date, a time or a whole number`,
    );
  }
  return { all, key: find(key), updated: changed };
}

/** A table, opened for one run. */
export class TableConnector implements Connector {
  readonly #options: TableOptions;
  readonly #columns: readonly string[];
  readonly #connect: () => Promise<SqlClient>;
  #client: Promise<SqlClient> | undefined;

  /** `columns`: those that are read; all must be there. */
  constructor(options: TableOptions, columns: readonly string[], connect: () => Promise<SqlClient>) {
    this.#options = options;
    this.#columns = columns;
    this.#connect = connect;
  }

  async check(): Promise<void> {
    await this.#columnNames();
  }

  async discover(): Promise<Discovered> {
    const { all } = await this.#columnNames();
    return { columns: all.map(({ name }) => name), isComplete: true };
  }

  async *read(state: SourceState | undefined, signal: AbortSignal): AsyncGenerator<ReadBatch> {
    const { key, updated, all } = await this.#columnNames();
    const client = await this.#open();
    const known = new Set(all.map(({ name }) => name));
    const columns = this.#columns.filter((name) => known.has(name));
    const { from, redo, begin } = this.#from(state);
    const { table } = this.#options;
    let last: Bookmark = begin;
    let items: SourceRecord[] = [];
    for await (const rows of client.rows({ table, columns, key, updated, from }, signal)) {
      for (const row of rows) {
        items.push({ place: `${key.name} ${row.key}`, fields: row.fields });
        last = { updated: row.updated, key: row.key, redo, isDone: false };
        if (items.length < BATCH_ITEMS_MAX) continue;
        yield { items, state: last, byteCount: sizeOf(items) };
        items = [];
      }
      signal.throwIfAborted();
    }
    yield { items, state: { ...last, isDone: true }, byteCount: sizeOf(items) };
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.close();
  }

  /** Where to go on. What was broken off goes on behind its last row; what was read whole, a stretch before its end. */
  #from(state: SourceState | undefined): { from: RowQuery['from']; redo: string | null; begin: Bookmark } {
    const read = shape.safeParse(state);
    const start = { from: { kind: 'start' }, redo: null, begin: START } as const;
    if (!read.success || read.data.key === null) return start;
    const { updated, key, redo, isDone } = read.data;
    if ((updated === null) !== (this.#options.updated === undefined)) return start;
    if (!isDone)
      return {
        from: { kind: 'behind', updated, key },
        redo: redo ?? updated,
        begin: { ...read.data, redo: redo ?? updated },
      };
    if (updated === null) return start;
    const { overlapSeconds } = this.#options;
    return {
      from: { kind: 'since', updated: redo ?? updated, overlapSeconds },
      redo: null,
      begin: { ...read.data, redo: null },
    };
  }

  async #columnNames(): Promise<TableColumns> {
    return findColumns(await this.#open(), this.#options);
  }

  #open(): Promise<SqlClient> {
    this.#client ??= this.#connect();
    return this.#client;
  }
}

/** About how many bytes records took on the wire: texts by their length, all else by the width of a number. */
export function sizeOf(items: readonly SourceRecord[]): number {
  let bytes = 0;
  for (const { fields } of items) {
    for (const value of Object.values(fields)) bytes += typeof value === 'string' ? value.length : 8;
  }
  return bytes;
}
