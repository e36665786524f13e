// Tables of Cassandra as a source: the ring in equal ranges of tokens, each read page by page, the bookmark behind a
// page. With `changed` only rows that were written since the last run are given on; all are read, as Cassandra knows no
// order by time. The only file that imports cassandra-driver.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import cassandra from 'cassandra-driver';
import { z } from 'zod';
import {
  BATCH_ITEMS_MAX,
  SourceFault,
  type Connector,
  type ConnectorContext,
  type ConnectorKind,
  type Discovered,
  type ReadBatch,
  type SourceRecord,
  type SourceState,
} from './connector.ts';
import { SECRET } from './sql/sqlOptions.ts';

const NAME = /^[A-Za-z0-9_]{1,48}$/;
const name = z.string().regex(NAME, 'expected a name of letters, digits and _');

const spec = z.strictObject({
  /** Hosts, with the port behind a colon where it is not 9042. */
  contactPoints: z.array(z.string().min(1)).min(1),
  dataCenter: z.string().default('datacenter1'),
  keyspace: name,
  table: name,
  user: z.string().optional(),
  password: SECRET.optional(),
  tls: z.boolean().default(false),
  caFile: z.string().optional(),
  /** A column whose time of writing tells that a row changed. */
  changed: name.optional(),
  overlapSeconds: z.number().min(0).max(86_400).default(60),
  /** Into how many pieces the ring is cut. */
  ranges: z.int().min(1).max(1_024).default(16),
});

type CassandraOptions = z.infer<typeof spec>;

const shape = z.object({
  range: z.int().min(0),
  page: z.string().nullable(),
  /** The newest time of writing that the runs before have seen, and this one so far: microseconds, as texts. */
  since: z.string(),
  newest: z.string(),
  /** When this reading began, by the clock of the node. */
  began: z.string().default('0'),
  ranges: z.int(),
});

type Bookmark = z.infer<typeof shape>;

const CONNECT_TIMEOUT_MS = 10_000;
const READ_TIMEOUT_MS = 30_000;
const TOKEN_MIN = -(2n ** 63n);
const MICROSECONDS = 1_000_000;
const WRITTEN = 'crm_written';

/** Driver's own classes become texts, moments and plain numbers; lists and maps their plain forms. */
function plain(value: unknown): unknown {
  if (value === null || value === undefined || typeof value !== 'object' || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), plain(inner)]));
  if (value instanceof Set) return [...value].map(plain);
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Object.getPrototypeOf(value) !== Object.prototype) return (value as { toString(): string }).toString();
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function faultOf(error: unknown): Error {
  if (error instanceof SourceFault) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : String(error);
  return new SourceFault(`Cassandra: ${message}`, { cause: error });
}

function later(left: string, right: string): string {
  return BigInt(left) > BigInt(right) ? left : right;
}

function earlier(left: string, right: string): string {
  return later(left, right) === left ? right : left;
}

/** A table, opened for one run. */
class CassandraConnector implements Connector {
  readonly #options: CassandraOptions;
  readonly #context: ConnectorContext;
  #client: cassandra.Client | undefined;

  constructor(options: CassandraOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
  }

  async check(): Promise<void> {
    await this.#table();
  }

  async discover(): Promise<Discovered> {
    const { columns } = await this.#table();
    return { columns: columns.map((column) => column.name), isComplete: true };
  }

  async *read(state: SourceState | undefined, signal: AbortSignal): AsyncGenerator<ReadBatch> {
    const { partitionKeys } = await this.#table();
    const keys = partitionKeys.map((column) => column.name);
    const query = this.#query(keys);
    let at = this.#from(state);
    // Rows come by their tokens: one that changes behind the reader is older than what is still to come.
    if (at.range === 0 && at.page === null) at = { ...at, began: await this.#now() };
    while (at.range < this.#options.ranges) {
      signal.throwIfAborted();
      const { rows, pageState } = await this.#page(query, at);
      const isLast = (pageState as string | null | undefined) == null;
      const newest = rows.reduce((time, row) => later(time, String(row[WRITTEN] ?? 0)), at.newest);
      const next = isLast ? { ...at, newest, range: at.range + 1, page: null } : { ...at, newest, page: pageState };
      const items = rows.filter((row) => this.#isNew(row, at.since)).map((row) => this.#record(row, keys));
      at = next;
      yield { items, state: at, byteCount: rows.length * keys.length * 8 };
    }
    yield { items: [], state: { ...at, since: earlier(at.newest, at.began) }, byteCount: 0 };
  }

  async close(): Promise<void> {
    await this.#client?.shutdown();
    this.#client = undefined;
  }

  #from(state: SourceState | undefined): Bookmark {
    const { ranges } = this.#options;
    const read = shape.safeParse(state);
    if (!read.success || read.data.ranges !== ranges)
      return { range: 0, page: null, since: '0', newest: '0', began: '0', ranges };
    // One that was read to its end begins anew, and gives what was written since.
    return read.data.range >= ranges ? { ...read.data, range: 0, page: null } : read.data;
  }

  #query(keys: readonly string[]): string {
    const { keyspace, table, changed } = this.#options;
    const columns = [...new Set([...this.#context.columns, ...keys])].map((each) => `"${each}"`);
    const written = changed === undefined ? [] : [`WRITETIME("${changed}") AS ${WRITTEN}`];
    const token = `token(${keys.map((key) => `"${key}"`).join(', ')})`;
    const from = `"${keyspace}"."${table}"`;
    return `SELECT ${[...columns, ...written].join(', ')} FROM ${from} WHERE ${token} >= ? AND ${token} <= ?`;
  }

  async #page(query: string, { range, page }: Bookmark): Promise<{ rows: cassandra.types.Row[]; pageState: string }> {
    const width = 2n ** 64n / BigInt(this.#options.ranges);
    const first = TOKEN_MIN + width * BigInt(range);
    const last = range === this.#options.ranges - 1 ? 2n ** 63n - 1n : first + width - 1n;
    const tokens = [first, last].map((token) => cassandra.types.Long.fromString(String(token)));
    const options = {
      prepare: true,
      fetchSize: BATCH_ITEMS_MAX,
      autoPage: false,
      ...(page !== null && { pageState: page }),
    };
    try {
      return await (await this.#connect()).execute(query, tokens, options);
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** The node's clock, in microseconds. */
  async #now(): Promise<string> {
    try {
      const { rows } = await (await this.#connect()).execute('SELECT toUnixTimestamp(now()) AS ms FROM system.local');
      return String(BigInt(String(rows[0]?.['ms'] ?? 0)) * 1_000n);
    } catch (error) {
      throw faultOf(error);
    }
  }

  #isNew(row: cassandra.types.Row, since: string): boolean {
    const { changed, overlapSeconds } = this.#options;
    if (changed === undefined) return true;
    return BigInt(String(row[WRITTEN] ?? 0)) >= BigInt(since) - BigInt(Math.round(overlapSeconds * MICROSECONDS));
  }

  #record(row: cassandra.types.Row, keys: readonly string[]): SourceRecord {
    const fields: Record<string, unknown> = {};
    for (const column of row.keys()) if (column !== WRITTEN) fields[column] = plain(row[column]);
    return { place: keys.map((key) => `${key} ${String(fields[key])}`).join(', '), fields };
  }

  async #table(): Promise<cassandra.metadata.TableMetadata> {
    const { keyspace, table } = this.#options;
    const found = await (await this.#connect()).metadata.getTable(keyspace, table).catch((error: unknown) => {
      throw faultOf(error);
    });
    // The driver's types know no absence, the driver does.
    if ((found as unknown) == null) throw new SourceFault(`there is no table ${keyspace}.${table}`);
    return found;
  }

  async #connect(): Promise<cassandra.Client> {
    if (this.#client !== undefined) return this.#client;
    const { contactPoints, dataCenter, keyspace, user, password, tls, caFile } = this.#options;
    const { basePath } = this.#context;
    const ca = caFile === undefined ? {} : { ca: [readFileSync(resolve(basePath, caFile), 'utf8')] };
    const secret = password === undefined ? '' : this.#context.readSecret(password);
    const client = new cassandra.Client({
      ...{ contactPoints, localDataCenter: dataCenter, keyspace },
      socketOptions: { connectTimeout: CONNECT_TIMEOUT_MS, readTimeout: READ_TIMEOUT_MS },
      ...(user !== undefined && { credentials: { username: user, password: secret } }),
      ...(tls && { sslOptions: { rejectUnauthorized: true, ...ca } }),
    });
    try {
      await client.connect();
    } catch (error) {
      await client.shutdown();
      throw faultOf(error);
    }
    this.#client = client;
    return client;
  }
}

/** Tables of Cassandra. */
export const cassandraKind: ConnectorKind<CassandraOptions> = {
  spec,
  isText: false,
  open: (options, context) => new CassandraConnector(options, context),
};
