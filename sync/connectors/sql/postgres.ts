// Tables of PostgreSQL as a source, read through a cursor of the server. The only file that imports pg.
import pg from 'pg';
import { z } from 'zod';
import type { ConnectorContext, ConnectorKind } from '../connector.ts';
import { passwordOf, SQL_OPTIONS, tlsOf } from './sqlOptions.ts';
import {
  sqlFault,
  TableConnector,
  type RowQuery,
  type SqlClient,
  type TableColumn,
  type TableRow,
} from './tableConnector.ts';

const spec = z.strictObject({ ...SQL_OPTIONS, port: z.int().min(1).max(65_535).default(5_432) });

type PostgresOptions = z.infer<typeof spec>;

const CONNECT_TIMEOUT_MS = 10_000;
/** A server that is gone without a word is noticed so long after it was last heard of, and ten seconds. */
const KEEP_ALIVE_MS = 10_000;
const ROWS_A_FETCH = 1_000;
const UPDATED = '__crm_updated';
const KEY = '__crm_key';
const INTEGERS = new Set(['smallint', 'integer', 'bigint']);
/** Types of a day and of a local time: the driver would read them in the zone of this machine. */
const LOCAL_TIMES: ReadonlySet<number> = new Set<number>([pg.types.builtins.DATE, pg.types.builtins.TIMESTAMP]);

const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (LOCAL_TIMES.has(oid) ? String : (pg.types.getTypeParser(oid, format) as unknown)),
};

function quote(name: string): string {
  return `"${name}"`;
}

function quoteTable(table: string): string {
  return table.split('.').map(quote).join('.');
}

function whereOf({ from, key, updated }: RowQuery): { where: string; values: string[] } {
  const k = quote(key.name);
  if (updated === undefined) {
    return from.kind === 'behind' ? { where: `WHERE ${k} > $1`, values: [from.key] } : { where: '', values: [] };
  }
  const u = quote(updated.name);
  if (from.kind === 'start' || from.updated === null) return { where: `WHERE ${u} IS NOT NULL`, values: [] };
  if (from.kind === 'behind') return { where: `WHERE (${u}, ${k}) > ($1, $2)`, values: [from.updated, from.key] };
  if (updated.isInteger) return { where: `WHERE ${u} >= $1`, values: [from.updated] };
  const overlap = `${from.overlapSeconds} seconds`;
  return { where: `WHERE ${u} >= CAST($1 AS timestamptz) - CAST($2 AS interval)`, values: [from.updated, overlap] };
}

/** Takes which rows are wanted; gives the statement and its values. */
function selectOf(query: RowQuery): { text: string; values: string[] } {
  const { table, columns, key, updated } = query;
  const order = [...(updated === undefined ? [] : [updated]), key].map(({ name }) => quote(name)).join(', ');
  const cursor = [
    `${updated === undefined ? 'NULL' : quote(updated.name)}::text AS ${UPDATED}`,
    `${quote(key.name)}::text AS ${KEY}`,
  ];
  const { where, values } = whereOf(query);
  const text = `SELECT ${[...columns.map(quote), ...cursor].join(', ')} FROM ${quoteTable(table)} ${where} ORDER BY ${order}`;
  return { text, values };
}

class PostgresClient implements SqlClient {
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
    // What breaks between two statements is told by the next one.
    client.on('error', () => undefined);
  }

  async columnsOf(table: string): Promise<TableColumn[]> {
    const [name, schema] = table.split('.').reverse();
    const text =
      'SELECT column_name AS name, data_type AS type, is_nullable AS nullable FROM information_schema.columns ' +
      'WHERE table_schema = coalesce($1, current_schema()) AND table_name = $2 ORDER BY ordinal_position';
    const rows = await this.#query(text, [schema ?? null, name ?? '']);
    return rows.map((row) => ({
      name: String(row['name']),
      isInteger: INTEGERS.has(String(row['type'])),
      isNullable: row['nullable'] === 'YES',
      type: String(row['type']),
    }));
  }

  async *rows(query: RowQuery, signal: AbortSignal): AsyncGenerator<readonly TableRow[]> {
    signal.throwIfAborted();
    // A statement can take long before its first row, and nothing but the end of the connection stops it.
    const leave = (): void => void this.#client.connection.stream.destroy();
    signal.addEventListener('abort', leave, { once: true });
    try {
      yield* this.#fetch(query);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  async *#fetch(query: RowQuery): AsyncGenerator<readonly TableRow[]> {
    const { text, values } = selectOf(query);
    await this.#query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // A plan for the first rows: they are wanted one piece after the other.
    await this.#query(`DECLARE crm_rows NO SCROLL CURSOR FOR ${text}`, values);
    for (;;) {
      const rows = await this.#query(`FETCH FORWARD ${ROWS_A_FETCH} FROM crm_rows`);
      if (rows.length === 0) break;
      yield rows.map(({ [UPDATED]: updated, [KEY]: key, ...fields }) => ({
        fields,
        updated: typeof updated === 'string' ? updated : null,
        key: String(key),
      }));
    }
    await this.#query('COMMIT');
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  async #query(text: string, values: readonly (string | null)[] = []): Promise<Record<string, unknown>[]> {
    try {
      return (await this.#client.query<Record<string, unknown>>(text, [...values])).rows;
    } catch (error) {
      throw sqlFault(error);
    }
  }
}

async function connect(options: PostgresOptions, context: ConnectorContext): Promise<SqlClient> {
  const { host, port, database, user } = options;
  const password = passwordOf(options, context);
  const tls = tlsOf(options, context);
  const client = new pg.Client({
    ...{ host, port, database, user, ssl: tls ?? false, connectionTimeoutMillis: CONNECT_TIMEOUT_MS },
    ...{ keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS },
    ...(password !== undefined && { password }),
    options: '-c TimeZone=UTC -c DateStyle=ISO',
    application_name: 'crm-graph sync',
    types: TYPES,
  });
  try {
    await client.connect();
  } catch (error) {
    throw sqlFault(error);
  }
  // So that the server ends a statement whose reader left; unknown before PostgreSQL 14, and not everywhere.
  await client.query(`SET client_connection_check_interval = ${KEEP_ALIVE_MS}`).catch(() => undefined);
  return new PostgresClient(client);
}

/** Tables of PostgreSQL. */
export const postgresKind: ConnectorKind<PostgresOptions> = {
  spec,
  isText: false,
  open: (options, context) => new TableConnector(options, context.columns, () => connect(options, context)),
};
