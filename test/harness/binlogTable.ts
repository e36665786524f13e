// Tables of a real MariaDB that writes a binlog, for tests of what is read from it: statements, the connector on a table,
// and a copy that is kept by what the connector gives.
import { createConnection, type Connection } from 'mysql2/promise';
import { systemClock } from '../../platform/clock.ts';
import { drawId } from '../../platform/random.ts';
import { startMariadb } from '../../scripts/startMariadb.ts';
import { isBroken, type Connector, type ReadBatch, type SourceState } from '../../sync/connectors/connector.ts';
import { mysqlKind } from '../../sync/connectors/sql/mysql.ts';
import { readBatches } from './connectorConformance.ts';

/** A server with a binlog, and a connection of its root. */
export interface BinlogServer {
  readonly port: number;
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Opens a source on it; its options are those of a configuration. */
  open(options: object, columns?: readonly string[]): Connector;
  stop(): Promise<void>;
}

/** Starts a server whose tables are read by its binlog, with a database `shop`. */
export async function startBinlogServer(): Promise<BinlogServer> {
  const server = await startMariadb({ hasBinlog: true });
  const connection: Connection = await createConnection(server.url);
  await connection.query('CREATE DATABASE shop');
  await connection.query('USE shop');
  const port = Number(new URL(server.url).port);
  return {
    port,
    run: async (sql) => {
      await connection.query(sql);
    },
    rows: async (sql) => (await connection.query(sql))[0] as Readonly<Record<string, unknown>>[],
    open(options, columns = ['id', 'name']) {
      const place = { host: '127.0.0.1', port, database: 'shop', user: 'root', key: 'id' };
      const context = { clock: systemClock, basePath: '/', columns, readSecret: () => 'secret' };
      return mysqlKind.open(mysqlKind.spec.parse({ ...place, incremental: { by: 'binlog' }, ...options }), context);
    },
    async stop() {
      await connection.end();
      await server.stop();
    },
  };
}

/** What the batches of a reading told. */
export interface Reading {
  /** Names by id, as the last record of each had it. */
  readonly names: ReadonlyMap<string, unknown>;
  /** The places of rows that are gone. */
  readonly gone: readonly string[];
}

function readingOf(batches: readonly ReadBatch[]): Reading {
  const items = batches.flatMap((batch) => batch.items);
  return {
    names: new Map(items.flatMap((item) => (isBroken(item) ? [] : [[String(item.fields['id']), item.fields['name']]]))),
    gone: items.filter(isBroken).map(({ place }) => place),
  };
}

/** A table of `id` and `name`, and a copy of it that is kept by reading. */
export class BinlogTable {
  readonly server: BinlogServer;
  readonly name = `t_${drawId()}`;
  readonly copy = new Map<string, unknown>();
  readonly options: object;
  state: SourceState | undefined;

  constructor(server: BinlogServer, options: object = {}) {
    this.server = server;
    this.options = options;
  }

  /** Makes the table. */
  create(idType = 'BIGINT', more = ''): Promise<void> {
    return this.server.run(`CREATE TABLE ${this.name} (id ${idType} PRIMARY KEY, name VARCHAR(100)${more})`);
  }

  /** Runs a statement; `T` in it is the table. */
  run(sql: string): Promise<void> {
    return this.server.run(sql.replaceAll(/\bT\b/g, this.name));
  }

  /** Adds rows with ids from `first` on, in one transaction. */
  add(first: number, count: number): Promise<void> {
    return this.run(
      `INSERT INTO T (id, name) SELECT seq, CONCAT('Name ', seq) FROM seq_${first}_to_${first + count - 1}`,
    );
  }

  open(): Connector {
    return this.server.open({ table: this.name, ...this.options });
  }

  /** Reads on from the state, at most so many batches; keeps the copy and the state. */
  async read(batchesMax?: number): Promise<Reading> {
    const { batches, state } = await readBatches(this, this.state, batchesMax);
    this.state = state;
    const reading = readingOf(batches);
    for (const [id, name] of reading.names) this.copy.set(id, name);
    for (const place of reading.gone) this.copy.delete(place.replace(/^id /, ''));
    return reading;
  }

  /** What the table has now. */
  async stored(): Promise<Map<string, unknown>> {
    const rows = await this.server.rows(`SELECT CAST(id AS CHAR) AS id, name FROM ${this.name}`);
    return new Map(rows.map((row) => [String(row['id']), row['name']]));
  }
}
