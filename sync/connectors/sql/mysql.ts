// Tables of MySQL and MariaDB as a source. The only file that imports mysql2.
import mysql, { type Connection, type ConnectionOptions, type RowDataPacket } from 'mysql2';
import { z } from 'zod';
import type { Connector, ConnectorContext, ConnectorKind } from '../connector.ts';
import { BinlogConnector, type BinlogClient } from './binlogConnector.ts';
import { passwordOf, SQL_OPTIONS, tlsOf } from './sqlOptions.ts';
import { sqlFault, TableConnector, type RowQuery, type TableColumn, type TableRow } from './tableConnector.ts';

const incremental = z.strictObject({
  by: z.literal('binlog'),
  /** What becomes of rows that were deleted: each one stands in the reject file, or nothing is said. */
  deletions: z.enum(['report', 'ignore']).default('report'),
});

const spec = z
  .strictObject({
    ...SQL_OPTIONS,
    port: z.int().min(1).max(65_535).default(3_306),
    /** Without it: by `updated`, or all rows every time. */
    incremental: incremental.optional(),
  })
  .refine(({ updated, incremental: by }) => updated === undefined || by === undefined, {
    path: ['updated'],
    error: 'stands beside incremental: the binlog tells changes without it, name one of them',
  });

type MysqlOptions = z.infer<typeof spec>;

const CONNECT_TIMEOUT_MS = 10_000;
/** A server that is gone without a word is noticed so long after it was last heard of, and ten seconds. */
const KEEP_ALIVE_MS = 10_000;
const ROWS_AHEAD = 500;
const ROWS_A_PIECE = 100;
const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
const INTEGER = /^-?\d{1,20}$/;
const UPDATED = '__crm_updated';
const KEY = '__crm_key';

function quote(name: string): string {
  return `\`${name}\``;
}

function quoteTable(table: string): string {
  return table.split('.').map(quote).join('.');
}

/** An integer stands there as it is: as a text it would be compared as a binary fraction. */
function literal(column: TableColumn, value: string): string {
  return column.isInteger && INTEGER.test(value) ? value : mysql.escape(value);
}

function whereOf({ from, key, updated }: RowQuery): string {
  const k = quote(key.name);
  if (updated === undefined) return from.kind === 'behind' ? `WHERE ${k} > ${literal(key, from.key)}` : '';
  const u = quote(updated.name);
  if (from.kind === 'start' || from.updated === null) return `WHERE ${u} IS NOT NULL`;
  const at = literal(updated, from.updated);
  if (from.kind === 'behind') return `WHERE ${u} >= ${at} AND (${u} > ${at} OR ${k} > ${literal(key, from.key)})`;
  if (updated.isInteger) return `WHERE ${u} >= ${at}`;
  return `WHERE ${u} >= CAST(${at} AS DATETIME(6)) - INTERVAL ${Math.round(from.overlapSeconds * 1e6)} MICROSECOND`;
}

/** Takes which rows are wanted; gives the statement. */
function selectOf(query: RowQuery): string {
  const { table, columns, key, updated } = query;
  const order = [...(updated === undefined ? [] : [updated]), key].map(({ name }) => quote(name)).join(', ');
  const cursor = [
    `CAST(${updated === undefined ? 'NULL' : quote(updated.name)} AS CHAR) AS ${UPDATED}`,
    `CAST(${quote(key.name)} AS CHAR) AS ${KEY}`,
  ];
  return `SELECT ${[...columns.map(quote), ...cursor].join(', ')} FROM ${quoteTable(table)} ${whereOf(query)} ORDER BY ${order}`;
}

class MysqlClient implements BinlogClient {
  readonly #connection: Connection;
  readonly #database: string;

  constructor(connection: Connection, database: string) {
    this.#connection = connection;
    this.#database = database;
    // What breaks between two statements is told by the next one.
    connection.on('error', () => undefined);
  }

  async columnsOf(table: string): Promise<TableColumn[]> {
    const [name = '', schema = this.#database] = table.split('.').reverse();
    const sql =
      'SELECT column_name AS name, data_type AS type, is_nullable AS nullable FROM information_schema.columns ' +
      'WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position';
    const rows = await this.query(sql, [schema, name]);
    return rows.map((row) => ({
      name: String(row['name']),
      isInteger: INTEGERS.has(String(row['type'])),
      isNullable: row['nullable'] === 'YES',
      type: String(row['type']),
    }));
  }

  async *rows(query: RowQuery, signal: AbortSignal): AsyncGenerator<readonly TableRow[]> {
    signal.throwIfAborted();
    const stream = this.#connection.query(selectOf(query)).stream({ highWaterMark: ROWS_AHEAD });
    // A statement that is left has rows on their way: nothing but the end of the connection stops them.
    const leave = (): void => {
      this.#connection.destroy();
      stream.destroy(new Error('it was left'));
    };
    // The driver tells a stream of no end but its own: it would be waited for without end.
    const fail = (error: Error): void => void stream.destroy(error);
    this.#connection.on('error', fail);
    signal.addEventListener('abort', leave, { once: true });
    let isRead = false;
    try {
      let piece: TableRow[] = [];
      for await (const row of stream as AsyncIterable<Record<string, unknown>>) {
        const { [UPDATED]: updated, [KEY]: key, ...fields } = row;
        piece.push({ fields, updated: typeof updated === 'string' ? updated : null, key: String(key) });
        if (piece.length < ROWS_A_PIECE) continue;
        yield piece;
        piece = [];
      }
      yield piece;
      isRead = true;
    } catch (error) {
      signal.throwIfAborted();
      throw sqlFault(error);
    } finally {
      signal.removeEventListener('abort', leave);
      this.#connection.off('error', fail);
      if (!isRead) leave();
    }
  }

  async rowsWith(
    table: string,
    columns: readonly string[],
    key: TableColumn,
    keys: readonly string[],
  ): Promise<{ rows: TableRow[]; absent: string[] }> {
    const k = quote(key.name);
    const read = [...columns.map(quote), `CAST(${k} AS CHAR) AS ${KEY}`].join(', ');
    const wanted = keys.map((each) => literal(key, each));
    const found = await this.query(`SELECT ${read} FROM ${quoteTable(table)} WHERE ${k} IN (${wanted.join(', ')})`);
    const rows = found.map(({ [KEY]: own, ...fields }) => ({ fields, updated: null, key: String(own) }));
    const had = new Set(rows.map((row) => row.key));
    const doubtful = keys.filter((each) => !had.has(each));
    if (key.isInteger || doubtful.length === 0 || rows.length === 0) return { rows, absent: doubtful };
    // A text may be written otherwise and still be the key of a row: what equals what, its collation says.
    const asked = doubtful.map(
      (each, at) =>
        `SELECT ${at} AS place WHERE EXISTS (SELECT 1 FROM ${quoteTable(table)} WHERE ${k} = ${literal(key, each)})`,
    );
    const there = new Set((await this.query(asked.join(' UNION ALL '))).map((row) => Number(row['place'])));
    return { rows, absent: doubtful.filter((_, at) => !there.has(at)) };
  }

  quoted(table: string): string {
    return quoteTable(table);
  }

  readonly query = (sql: string, values: readonly string[] = []): Promise<RowDataPacket[]> =>
    new Promise((resolve, reject) => {
      this.#connection.query<RowDataPacket[]>(sql, [...values], (error, rows) =>
        error === null ? resolve(rows) : reject(sqlFault(error)),
      );
    });

  close(): Promise<void> {
    this.#connection.destroy();
    return Promise.resolve();
  }
}

/** A TIMESTAMP is a moment, in UTC by the session's zone; a DATETIME is of whatever zone its writer meant: a text. */
function typeCast(field: { type: string; string(): string | null }, next: () => unknown): unknown {
  if (field.type !== 'TIMESTAMP') return next();
  const text = field.string();
  return text === null ? null : new Date(`${text.replace(' ', 'T')}Z`);
}

function connectionOf(options: MysqlOptions, context: ConnectorContext): ConnectionOptions {
  const { host, port, database, user } = options;
  const password = passwordOf(options, context);
  const tls = tlsOf(options, context);
  return {
    ...{ host, port, database, user, typeCast, connectTimeout: CONNECT_TIMEOUT_MS },
    ...{ enableKeepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { ssl: tls }),
    ...{ dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, multipleStatements: false },
  };
}

async function connect(options: MysqlOptions, context: ConnectorContext): Promise<BinlogClient> {
  const client = new MysqlClient(mysql.createConnection(connectionOf(options, context)), options.database);
  await client.query("SET time_zone = '+00:00'");
  return client;
}

function open(options: MysqlOptions, context: ConnectorContext): Connector {
  const { incremental: by } = options;
  if (by === undefined) return new TableConnector(options, context.columns, () => connect(options, context));
  return new BinlogConnector(
    { ...options, deletions: by.deletions },
    {
      ...{ clock: context.clock, columns: context.columns },
      connection: () => connectionOf(options, context),
      connect: () => connect(options, context),
    },
  );
}

/** Tables of MySQL and MariaDB. */
export const mysqlKind: ConnectorKind<MysqlOptions> = { spec, isText: false, open };
