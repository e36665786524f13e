// Tables of a real MariaDB and a real PostgreSQL against the suite of every source, with a column that tells changes
// and without, and what only tables can do.
import { createConnection, type Connection } from 'mysql2/promise';
import pg from 'pg';
import { drawId } from '../../../platform/random.ts';
import { systemClock } from '../../../platform/clock.ts';
import { CONNECTOR_KINDS } from '../../../sync/connectors/openConnector.ts';
import { startMariadb } from '../../../scripts/startMariadb.ts';
import { startPostgres } from '../../../scripts/startPostgres.ts';
import type { RunningServer } from '../../../scripts/serverProcess.ts';
import {
  describeConnector,
  readBatches,
  testRows,
  type TestRow,
  type TestSource,
} from '../../harness/connectorConformance.ts';
import { startFaultProxy } from '../../harness/faultProxy.ts';

/** A database of one make: statements, and where its connector finds it. */
interface Database {
  readonly run: (sql: string) => Promise<void>;
  options(): { readonly host: string; readonly port: number; readonly database: string; readonly user: string };
}

interface Make {
  readonly kind: 'mariadb' | 'postgres';
  readonly moment: string;
  /** A moment so many seconds after the first of 2026. */
  readonly at: (seconds: number) => string;
}

const MARIADB: Make = {
  kind: 'mariadb',
  moment: 'TIMESTAMP(6) NOT NULL',
  at: (seconds) => `TIMESTAMP '2026-01-01 00:00:00' + INTERVAL ${seconds} SECOND`,
};
const POSTGRES: Make = {
  kind: 'postgres',
  moment: 'timestamptz NOT NULL',
  at: (seconds) => `timestamptz '2026-01-01Z' + interval '${seconds} seconds'`,
};

/** Long enough for the statement to have begun. */
const STOPPED_AFTER_MS = 500;

const servers: RunningServer[] = [];
const ends: (() => Promise<void>)[] = [];
const databases = new Map<string, Database>();

beforeAll(async () => {
  const [mariadb, postgres] = await Promise.all([startMariadb(), startPostgres()]);
  servers.push(mariadb, postgres);
  const my: Connection = await createConnection(mariadb.url);
  await my.query('CREATE DATABASE shop');
  await my.query('USE shop');
  const client = new pg.Client(postgres.url);
  await client.connect();
  ends.push(
    () => my.end(),
    () => client.end(),
  );
  const portOf = ({ url }: RunningServer): number => Number(new URL(url).port);
  databases.set('mariadb', {
    run: async (sql) => {
      await my.query(sql);
    },
    options: () => ({ host: '127.0.0.1', port: portOf(mariadb), database: 'shop', user: 'root' }),
  });
  databases.set('postgres', {
    run: async (sql) => {
      await client.query(sql);
    },
    options: () => ({ host: '127.0.0.1', port: portOf(postgres), database: 'postgres', user: 'postgres' }),
  });
}, 60_000);

afterAll(async () => {
  for (const end of ends) await end();
  for (const server of servers) await server.stop();
});

function databaseOf(kind: string): Database {
  const database = databases.get(kind);
  if (database === undefined) throw new Error(`${kind} did not start`);
  return database;
}

function open(kind: string, options: object, columns: readonly string[] = ['id', 'name']) {
  const found = CONNECTOR_KINDS[kind];
  if (found === undefined) throw new Error('no such kind');
  const context = { clock: systemClock, basePath: '/', columns, readSecret: () => '' };
  return found.open(found.spec.parse({ ...databaseOf(kind).options(), ...options }), context);
}

interface TestTable extends TestSource {
  readonly table: string;
  readonly run: (sql: string) => Promise<void>;
}

/** Each row changed a second after the one before it, and `shiftSeconds` later than that. */
async function startTable({ kind, moment, at }: Make, options: object, shiftSeconds = 0): Promise<TestTable> {
  const { run } = databaseOf(kind);
  const table = `t_${drawId()}`;
  await run(`CREATE TABLE ${table} (id BIGINT PRIMARY KEY, name VARCHAR(100), changed ${moment})`);
  const valueOf = ({ id, name }: TestRow): string =>
    `(${id}, '${name}', ${at((Number(id) % 1_000_000) + shiftSeconds)})`;
  return {
    table,
    run,
    add: (rows) => run(`INSERT INTO ${table} VALUES ${rows.map(valueOf).join(', ')}`),
    dropName: () => run(`ALTER TABLE ${table} DROP COLUMN name`),
    open: () => open(kind, { table, key: 'id', ...options }),
    end: () => run(`DROP TABLE ${table}`),
  };
}

for (const make of [MARIADB, POSTGRES]) {
  const changed = { updated: 'changed', overlapSeconds: 0 };
  describeConnector({ kind: make.kind, repeats: false, isIncremental: false, start: () => startTable(make, {}) });
  describeConnector({
    kind: `${make.kind} with a column of changes`,
    repeats: false,
    isIncremental: true,
    start: () => startTable(make, changed),
  });

  describe(`a table of ${make.kind}`, () => {
    it('gives on what was committed late, within the overlap', async () => {
      const source = await startTable(make, { updated: 'changed', overlapSeconds: 60 });
      const late = await startTable(make, {}, -130);
      try {
        await source.add(testRows(1, 5));
        const { state } = await readBatches(source, undefined);
        await late.add(testRows(100, 1));
        await source.run(`INSERT INTO ${source.table} SELECT * FROM ${late.table}`);
        const { batches } = await readBatches(source, state);
        expect(batches.flatMap(({ items }) => items.map(({ place }) => place))).toContain('id 100');
      } finally {
        await source.end();
        await late.end();
      }
    });

    it('reads again what an earlier broken run had before it, once all is read', async () => {
      const source = await startTable(make, { updated: 'changed', overlapSeconds: 60 });
      try {
        await source.add(testRows(1, 250));
        const broken = await readBatches(source, undefined, 1);
        const whole = await readBatches(source, broken.state);
        expect(whole.batches.flatMap(({ items }) => items)).toHaveLength(150);
        expect(whole.state).toMatchObject({ isDone: true, redo: broken.state?.['updated'] });
      } finally {
        await source.end();
      }
    });

    it('keeps keys beyond the whole numbers of JavaScript apart', async () => {
      const source = await startTable(make, {});
      try {
        const big = ['9007199254740992', '9007199254740993', '9007199254740994'];
        await source.add(big.map((id) => ({ id, name: id })));
        const { batches } = await readBatches(source, undefined);
        expect(batches.flatMap(({ items }) => items.map(({ place }) => place))).toEqual(big.map((id) => `id ${id}`));
        const behind = { updated: null, key: '9007199254740993', redo: null, isDone: false };
        const rest = await readBatches(source, behind);
        expect(rest.batches.flatMap(({ items }) => items.map(({ place }) => place))).toEqual(['id 9007199254740994']);
      } finally {
        await source.end();
      }
    });

    /** A view whose only row takes minutes to come. */
    const createSlowView = async (): Promise<string> => {
      const view = `v_${drawId()}`;
      const sleep = make.kind === 'mariadb' ? 'SLEEP(300)' : 'pg_sleep(300)::text';
      await databaseOf(make.kind).run(`CREATE VIEW ${view} AS SELECT 1 AS id, ${sleep} AS name`);
      return view;
    };

    it('fails when its connection breaks in the middle of a statement', async () => {
      const database = databaseOf(make.kind);
      const { host, port } = database.options();
      const proxy = await startFaultProxy(`http://${host}:${port}`);
      const view = await createSlowView();
      const connector = open(make.kind, { table: view, key: 'id', port: proxy.port });
      const reading = connector.read(undefined, new AbortController().signal)[Symbol.asyncIterator]().next();
      setTimeout(() => void proxy.stop(), STOPPED_AFTER_MS);
      await expect(reading).rejects.toThrow('the database: ');
      await connector.close();
      await database.run(`DROP VIEW ${view}`);
    });

    it('leaves a statement that has no row yet when it is stopped', async () => {
      const { run } = databaseOf(make.kind);
      const view = await createSlowView();
      const stopped = new AbortController();
      const connector = open(make.kind, { table: view, key: 'id' });
      const reading = connector.read(undefined, stopped.signal)[Symbol.asyncIterator]().next();
      setTimeout(() => stopped.abort(new Error('the run was stopped')), STOPPED_AFTER_MS);
      await expect(reading).rejects.toThrow('the run was stopped');
      await connector.close();
      await run(`DROP VIEW ${view}`);
    });

    it('refuses a column of changes that holds neither moments nor whole numbers', async () => {
      const { run } = databaseOf(make.kind);
      const table = `t_${drawId()}`;
      await run(`CREATE TABLE ${table} (id BIGINT PRIMARY KEY, name VARCHAR(100), changed DECIMAL(16,6))`);
      const connector = open(make.kind, { table, key: 'id', updated: 'changed' });
      await expect(connector.check(new AbortController().signal)).rejects.toThrow('changes are told by a date');
      await connector.close();
      await run(`DROP TABLE ${table}`);
    });

    it('says which table is missing, and that a server is away', async () => {
      const signal = new AbortController().signal;
      const missing = open(make.kind, { table: 'nothing', key: 'id' });
      await expect(missing.check(signal)).rejects.toThrow('there is no table nothing');
      await missing.close();
      const away = open(make.kind, { table: 'x', key: 'id', port: 1 });
      await expect(away.check(signal)).rejects.toThrow(/ECONNREFUSED/);
      await away.close();
    });
  });
}

describe('a moment in a table', () => {
  it.each([MARIADB, POSTGRES])('of $kind is one moment, whatever the zone of this machine', async (make) => {
    const source = await startTable(make, {});
    try {
      await source.add(testRows(1, 1));
      const iso = make.kind === 'mariadb' ? "'2026-07-01 10:00:00.123'" : "'2026-07-01T12:00:00.123+02'";
      if (make.kind === 'mariadb') await source.run("SET time_zone = '+00:00'");
      await source.run(`UPDATE ${source.table} SET changed = ${iso}`);
      const connector = open(make.kind, { table: source.table, key: 'id' }, ['changed']);
      const { batches } = await readBatches({ open: () => connector }, undefined);
      const [item] = batches.flatMap(({ items }) => items);
      expect(item).toMatchObject({ fields: { changed: new Date('2026-07-01T10:00:00.123Z') } });
    } finally {
      await source.end();
    }
  });
});
