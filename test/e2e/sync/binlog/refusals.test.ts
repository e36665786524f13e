// What of a table of a real MariaDB cannot be read by its binlog: each is refused with words that say what to do.
import { placeUnderLock } from '../../../../sync/connectors/sql/binlogServer.ts';
import { BinlogTable, startBinlogServer, type BinlogServer } from '../../../harness/binlogTable.ts';

const servers: BinlogServer[] = [];

beforeAll(async () => {
  servers.push(await startBinlogServer());
}, 60_000);

afterAll(async () => {
  for (const server of servers) await server.stop();
});

function server(): BinlogServer {
  const [first] = servers;
  if (first === undefined) throw new Error('MariaDB did not start');
  return first;
}

async function makeTable(idType?: string): Promise<BinlogTable> {
  const table = new BinlogTable(server());
  await table.create(idType);
  return table;
}

/** The server keeps what it may need after a crash, and says nothing: it is asked until it has done it. */
async function purgeAllButLast(): Promise<void> {
  for (;;) {
    const names = (await server().rows('SHOW BINARY LOGS')).map((row) => String(row['Log_name']));
    if (names.length === 1) return;
    await server().run(`PURGE BINARY LOGS TO '${String(names.at(-1))}'`);
  }
}

async function checkOf(options: object): Promise<unknown> {
  const connector = server().open(options);
  try {
    await connector.check(new AbortController().signal);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await connector.close();
  }
}

describe('what cannot be read by the binlog is refused with words', () => {
  it('for a user without the grants, each one named', async () => {
    const table = await makeTable();
    await server().run("CREATE USER reader@'%' IDENTIFIED BY 'secret'");
    await server().run("GRANT SELECT ON shop.* TO reader@'%'");
    const reader = { user: 'reader', password: { env: 'X' } };
    const options = { ...reader, table: table.name };
    expect(await checkOf(options)).toMatchObject({
      message: expect.stringContaining('GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.*') as string,
    });
    await server().run("GRANT REPLICATION CLIENT ON *.* TO reader@'%'");
    expect(await checkOf(options)).toMatchObject({
      message: expect.stringMatching(/GRANT REPLICATION SLAVE ON/) as string,
    });
    await server().run("GRANT REPLICATION SLAVE ON *.* TO reader@'%'");
    expect(await checkOf(options)).toBeUndefined();
    const own = new BinlogTable(server(), reader);
    await own.create();
    await own.read();
    await own.add(1, 2);
    expect((await own.read()).names.size).toBe(2);
  });

  it('when the place was purged, and a reading from the beginning helps', async () => {
    const table = await makeTable();
    await table.add(1, 5);
    await table.read();
    await table.add(6, 1);
    await server().run('FLUSH BINARY LOGS');
    await purgeAllButLast();
    await expect(table.read()).rejects.toThrow(/has its binlog no more.*--from-start.*binlog_expire_logs_seconds/s);
    table.state = undefined;
    expect((await table.read()).names.size).toBe(6);
  });

  it('when the table was altered in between, unless the binlog names its columns', async () => {
    const alter = 'ALTER TABLE T DROP COLUMN name, ADD COLUMN name VARCHAR(100) FIRST';
    const table = await makeTable();
    await table.read();
    await table.add(1, 2);
    await table.run(alter);
    await expect(table.read()).rejects.toThrow(/was altered since.*--from-start/s);
    const named = await makeTable();
    await named.read();
    await server().run('SET GLOBAL binlog_row_metadata = FULL');
    await named.add(1, 2);
    await server().run('SET GLOBAL binlog_row_metadata = NO_LOG');
    await named.run(alter);
    expect([...(await named.read()).names.keys()]).toEqual(['1', '2']);
  });

  it('for a state of another server, a view, and a key whose type it does not tell apart', async () => {
    const table = await makeTable();
    await table.read();
    table.state = { ...table.state, server: 'another' };
    await expect(table.read()).rejects.toThrow(/--from-start/);
    await table.run(`CREATE VIEW v_${table.name} AS SELECT * FROM T`);
    expect(await checkOf({ table: `v_${table.name}` })).toMatchObject({
      message: expect.stringContaining('is no table') as string,
    });
    const times = await makeTable('DATETIME');
    expect(await checkOf({ table: times.name })).toMatchObject({
      message: expect.stringContaining('of the type datetime') as string,
    });
  });

  it('for a server whose binlog tells statements', async () => {
    const table = await makeTable();
    await server().run('SET GLOBAL binlog_format = MIXED');
    const refused = await checkOf({ table: table.name });
    await server().run('SET GLOBAL binlog_format = ROW');
    expect(refused).toMatchObject({ message: expect.stringContaining('binlog_format is MIXED') as string });
  });
});

describe('the place of a snapshot', () => {
  it('is the same under a lock, which is how it is asked where the server does not tell it', async () => {
    const table = await makeTable();
    await table.add(1, 3);
    await table.read();
    const told = await placeUnderLock((sql) => server().rows(sql), `\`${table.name}\``);
    await server().run('UNLOCK TABLES');
    expect(table.state).toMatchObject(told);
  });
});
