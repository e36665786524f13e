// What a server of MySQL or MariaDB is asked about its binlog by SQL: whether this user may read it and it tells of rows,
// which place in it a snapshot has, whether a place is still there, and how a table's columns are declared.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SourceFault } from '../connector.ts';

/** A place in a server's binlog, behind an event. */
export interface BinlogPlace {
  readonly file: string;
  readonly position: number;
}

/** Runs a statement; gives its rows. Throws SourceFault. */
export type Query = (sql: string, values?: readonly string[]) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** What tells one server from another, and a table from one that has its name in another schema. */
export interface BinlogTable {
  readonly schema: string;
  readonly name: string;
}

/** How a column is declared, as far as reading it from the binlog depends on that. */
export interface DeclaredColumn {
  readonly COLUMN_NAME: string;
  readonly COLUMN_TYPE: string;
  readonly CHARACTER_SET_NAME: string | null;
}

const NEEDED = [
  { name: 'REPLICATION SLAVE', granted: /\b(REPLICATION SLAVE|REPLICATION REPLICA)\b/ },
  { name: 'REPLICATION CLIENT', granted: /\b(REPLICATION CLIENT|BINLOG MONITOR|SUPER)\b/ },
] as const;
const READ_AGAIN = 'read the whole table again with crm-graph sync run NAME --from-start';
const ALTERED = `the table was altered since its binlog was written, which tells no names of columns: ${READ_AGAIN}`;
const LOCK_WAIT_SECONDS = 30;

const numeric = z.coerce.number().int().min(0);

/** The words for a table that was altered, and what to do. */
export function alteredFault(): SourceFault {
  return new SourceFault(`${ALTERED} (binlog_row_metadata=FULL on the server spares that)`);
}

/** The words for a place of the binlog that is gone, and what to do. */
export function purgedFault({ file, position }: BinlogPlace, cause?: unknown): SourceFault {
  const keep = 'keep binlogs longer (binlog_expire_logs_seconds) than the time between two runs';
  return new SourceFault(
    `the server has its binlog no more from ${file}:${position} on, where this source was read to: ${READ_AGAIN}, and ${keep}`,
    { cause },
  );
}

/** Whether the first place is at the second one or behind it; files are counted by the number at their end. */
export function hasReached(at: BinlogPlace, end: BinlogPlace): boolean {
  if (at.file === end.file) return at.position >= end.position;
  const numberOf = ({ file }: BinlogPlace): number => Number(/\.(\d+)$/.exec(file)?.[1] ?? 0);
  return numberOf(at) > numberOf(end);
}

/** Takes the lines of SHOW GRANTS; gives the names of the grants that are lacking to read the binlog. */
export function lackingGrants(lines: readonly string[]): string[] {
  const everywhere = lines.filter((line) => / ON \*\.\* TO /.test(line));
  const has = (granted: RegExp): boolean =>
    everywhere.some((line) => /^GRANT ALL PRIVILEGES/.test(line) || granted.test(line));
  return NEEDED.filter(({ granted }) => !has(granted)).map(({ name }) => name);
}

/** Sees whether the server writes a binlog of rows, and whether this user may read it. Throws SourceFault. */
export async function checkBinlog(query: Query, user: string): Promise<void> {
  const [row = {}] = await query('SELECT @@log_bin AS isOn, @@binlog_format AS format, @@binlog_row_image AS image');
  if (Number(row['isOn']) !== 1) {
    throw new SourceFault('the server writes no binlog: start it with log_bin, binlog_format=ROW and a server_id');
  }
  if (row['format'] !== 'ROW') {
    throw new SourceFault(`binlog_format is ${String(row['format'])}: with ROW alone every changed row is told`);
  }
  if (row['image'] === 'MINIMAL') {
    throw new SourceFault('binlog_row_image is MINIMAL: it has to be FULL or NOBLOB, so that a row has its key');
  }
  const grants = await query('SHOW GRANTS FOR CURRENT_USER()');
  const lacking = lackingGrants(grants.map((line) => String(Object.values(line)[0])));
  if (lacking.length > 0) {
    const words = lacking.join(', ');
    throw new SourceFault(`the user ${user} may not read the binlog: GRANT ${words} ON *.* TO that user`);
  }
}

/** Gives a table by the names that the binlog has for it. Throws SourceFault where it is none, or a view. */
export async function findTable(query: Query, database: string, table: string): Promise<BinlogTable> {
  const [name = '', schema = database] = table.split('.').reverse();
  const sql =
    'SELECT table_schema AS `schema`, table_name AS name, table_type AS type FROM information_schema.tables ' +
    'WHERE table_schema = ? AND table_name = ?';
  const [row] = await query(sql, [schema, name]);
  if (row === undefined) throw new SourceFault(`there is no table ${table}, or it may not be read`);
  if (row['type'] !== 'BASE TABLE') throw new SourceFault(`${table} is no table: the binlog tells of tables alone`);
  return { schema: String(row['schema']), name: String(row['name']) };
}

/** What tells this server from another one: a place in its binlog means nothing elsewhere. */
export async function serverIdentity(query: Query): Promise<string> {
  const names = "('server_id', 'server_uid', 'server_uuid')";
  const rows = await query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN ${names}`);
  return rows.map(({ Value }) => String(Value)).join('/');
}

/** Takes declarations in the order of the table; gives one text that differs when they do. */
export function printOf(columns: readonly DeclaredColumn[]): string {
  const told = columns.map((column) => [column.COLUMN_NAME, column.COLUMN_TYPE, column.CHARACTER_SET_NAME]);
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url');
}

/** Gives the declarations of a table as they are now, as `printOf` does. */
export async function declaredPrint(query: Query, { schema, name }: BinlogTable): Promise<string> {
  const sql =
    'SELECT COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME FROM information_schema.columns ' +
    'WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position';
  return printOf((await query(sql, [schema, name])) as unknown as readonly DeclaredColumn[]);
}

/** Throws SourceFault where the binlog does not reach back to a place, or never had it. */
export async function checkPlace(query: Query, place: BinlogPlace): Promise<void> {
  const logs = await query('SHOW BINARY LOGS');
  const found = logs.find((row) => row['Log_name'] === place.file);
  if (found === undefined || numeric.parse(found['File_size']) < place.position) throw purgedFault(place);
}

/**
 * Begins a transaction whose reads see the database at one moment, and gives the place of that moment in the binlog:
 * every change before it is seen, none behind it. Throws SourceFault.
 */
export async function openSnapshot(query: Query, quotedTable: string): Promise<BinlogPlace> {
  await query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  const isTold = (await query("SHOW STATUS LIKE 'binlog_snapshot_file'")).length > 0;
  const locked = isTold ? undefined : await placeUnderLock(query, quotedTable);
  // Ends the lock too.
  await query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
  if (locked !== undefined) return locked;
  const told = await query("SHOW STATUS LIKE 'binlog_snapshot_%'");
  const values = new Map(told.map((row) => [String(row['Variable_name']).toLowerCase(), row['Value']]));
  return placeOf(values.get('binlog_snapshot_file'), values.get('binlog_snapshot_position'));
}

/**
 * For MySQL, which does not tell a snapshot's place: nobody commits to the table while its place is asked, and so all that
 * stands before the place is there to be read. A later snapshot sees it.
 */
export async function placeUnderLock(query: Query, quotedTable: string): Promise<BinlogPlace> {
  await query(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  await query(`LOCK TABLES ${quotedTable} READ`);
  // The words that MySQL knows from 8.2 on, and those of all others.
  const status = query('SHOW BINARY LOG STATUS').catch(() => query('SHOW MASTER STATUS'));
  const [row = {}] = await status;
  return placeOf(row['File'], row['Position']);
}

function placeOf(file: unknown, position: unknown): BinlogPlace {
  const read = z.object({ file: z.string().min(1), position: numeric }).safeParse({ file, position });
  if (!read.success) throw new SourceFault('the server does not tell where its binlog ends');
  return read.data;
}
