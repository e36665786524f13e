// A table of a real MariaDB, read by its binlog: the suite of every source, and what the binlog alone can tell or refuse.
import fc from 'fast-check';
import { isBroken } from '../../../../sync/connectors/connector.ts';
import { BinlogTable, startBinlogServer, type BinlogServer } from '../../../harness/binlogTable.ts';
import { describeConnector, readBatches } from '../../../harness/connectorConformance.ts';

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

async function makeTable(idType?: string, options?: object): Promise<BinlogTable> {
  const table = new BinlogTable(server(), options);
  await table.create(idType);
  return table;
}

describeConnector({
  kind: 'mariadb by binlog',
  repeats: false,
  isIncremental: true,
  async start() {
    const table = await makeTable();
    return {
      add: (rows) => table.run(`INSERT INTO T VALUES ${rows.map(({ id, name }) => `(${id}, '${name}')`).join(', ')}`),
      dropName: () => table.run('ALTER TABLE T DROP COLUMN name'),
      open: () => table.open(),
      end: () => table.run('DROP TABLE T'),
    };
  },
});

describe('a table that is read by its binlog', () => {
  it('gives what was inserted, changed and deleted since, and nothing else', async () => {
    const table = await makeTable();
    await table.add(1, 300);
    expect((await table.read()).names.size).toBe(300);
    await table.run("UPDATE T SET name = 'changed' WHERE id IN (7, 8)");
    await table.run('DELETE FROM T WHERE id = 9');
    await table.run('UPDATE T SET id = 1010 WHERE id = 10');
    await table.add(301, 2);
    const { names, gone } = await table.read();
    expect([...names.keys()].toSorted()).toEqual(['1010', '301', '302', '7', '8']);
    expect(names.get('7')).toBe('changed');
    expect([...gone].toSorted()).toEqual(['id 10', 'id 9']);
    expect(table.copy).toEqual(await table.stored());
    expect(await table.read()).toEqual({ names: new Map(), gone: [] });
  });

  it('keeps a copy equal, whatever is written between readings and wherever they are stopped', async () => {
    const write = fc.oneof(
      fc.record({ sql: fc.constant('INSERT INTO T VALUES (ID, TEXT) ON DUPLICATE KEY UPDATE name = TEXT') }),
      fc.record({ sql: fc.constant('UPDATE T SET name = TEXT WHERE id < ID') }),
      fc.record({ sql: fc.constant('DELETE FROM T WHERE id = ID') }),
      fc.record({ sql: fc.constant('UPDATE T SET id = id + 1000 WHERE id = ID') }),
      fc.record({ sql: fc.constant('FLUSH BINARY LOGS') }),
    );
    const step = fc.oneof(
      fc.record({ write, id: fc.integer({ min: 1, max: 350 }) }),
      fc.record({ batchesMax: fc.integer({ min: 1, max: 4 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
        const table = await makeTable();
        await table.add(1, 350);
        for (const [at, each] of steps.entries()) {
          if ('batchesMax' in each) await table.read(each.batchesMax);
          else {
            const sql = each.write.sql.replaceAll('ID', String(each.id)).replaceAll('TEXT', `'text ${at}'`);
            // A key that is taken already: nothing is written then.
            await table.run(sql).catch((error: unknown) => expect(error).toMatchObject({ errno: 1062 }));
          }
        }
        await table.read();
        expect(table.copy).toEqual(await table.stored());
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('is through with one large transaction after any number of stops, each row once', async () => {
    const table = await makeTable();
    await table.add(1, 1_000);
    await table.read();
    await table.run("UPDATE T SET name = CONCAT(name, ' again')");
    let rowCount = 0;
    for (let readings = 0; readings < 6; readings++) rowCount += (await table.read(2)).names.size;
    expect(rowCount).toBe(1_000);
    expect(table.copy).toEqual(await table.stored());
  });

  it('reads to where the binlog ended when it began, and goes on there', async () => {
    const table = await makeTable();
    await table.read();
    await table.add(1, 250);
    const connector = table.open();
    const seen: string[] = [];
    for await (const { items, state } of connector.read(table.state, new AbortController().signal)) {
      if (seen.length === 0) await table.run("UPDATE T SET name = 'later'");
      seen.push(...items.flatMap((item) => (isBroken(item) ? [] : [String(item.fields['name'])])));
      table.state = state;
    }
    await connector.close();
    expect(seen).toHaveLength(250);
    expect(seen).not.toContain('later');
    expect(new Set((await table.read()).names.values())).toEqual(new Set(['later']));
  });

  it('does not stop for a row that was changed and is gone again, nor for other tables', async () => {
    const table = await makeTable();
    const other = await makeTable();
    await table.read();
    await table.add(1, 3);
    await other.add(1, 3_000);
    await table.run('DELETE FROM T WHERE id = 2');
    await other.run('DROP TABLE T');
    expect([...(await table.read()).names.keys()].toSorted()).toEqual(['1', '3']);
  });

  it('says nothing of deletions where they are to be ignored', async () => {
    const table = await makeTable('BIGINT', { incremental: { by: 'binlog', deletions: 'ignore' } });
    await table.add(1, 3);
    await table.read();
    await table.run('DELETE FROM T WHERE id = 2');
    expect(await table.read()).toEqual({ names: new Map(), gone: [] });
  });

  it.each([
    ['BIGINT UNSIGNED', ['18446744073709551615', '9007199254740993']],
    ['INT', ['-2147483648', '5']],
    ['VARCHAR(40) COLLATE utf8mb4_general_ci', ["O'Brien \\\\", 'Ärger 😀']],
    ['CHAR(8) CHARACTER SET latin1', ['a', 'é']],
    ['UUID', ['123e4567-e89b-12d3-a456-426614174000', '00000000-0000-0000-0000-000000000100']],
  ])('finds rows by a key of the type %s', async (type, ids) => {
    for (const metadata of ['NO_LOG', 'FULL']) {
      const table = await makeTable(type);
      await table.read();
      await server().run(`SET GLOBAL binlog_row_metadata = ${metadata}`);
      for (const id of ids) await table.run(`INSERT INTO T VALUES ('${id.replaceAll("'", "''")}', 'there')`);
      await server().run('SET GLOBAL binlog_row_metadata = NO_LOG');
      const { names, gone } = await table.read();
      expect(gone).toEqual([]);
      expect(names).toEqual(await table.stored());
    }
  });

  it('takes no row for deleted whose key is written otherwise now and equals by its collation', async () => {
    const table = await makeTable('VARCHAR(40) COLLATE utf8mb4_general_ci');
    await table.run("INSERT INTO T VALUES ('abc', 'x'), ('gone', 'y')");
    await table.read();
    await table.run("UPDATE T SET id = 'ABC' WHERE id = 'abc'");
    await table.run("DELETE FROM T WHERE id = 'gone'");
    expect(await table.read()).toEqual({ names: new Map([['ABC', 'x']]), gone: ['id gone'] });
  });

  it('has the values that a reading without the binlog has, for every type', async () => {
    const table = new BinlogTable(server());
    const columns = {
      price: ['DECIMAL(30,10)', '12345678901234567890.1234567890'],
      big: ['BIGINT', '-9223372036854775808'],
      tiny: ['TINYINT(1)', '1'],
      real4: ['FLOAT', '0.1'],
      real8: ['DOUBLE', '1e-300'],
      at: ['TIMESTAMP(6)', "'2026-07-01 10:00:00.123456'"],
      local: ['DATETIME(3)', "'2026-07-01 10:00:00.120'"],
      day: ['DATE', "'2026-02-28'"],
      span: ['TIME(2)', "'-12:30:01.50'"],
      year: ['YEAR', '2026'],
      doc: ['JSON', `'{"a": [1, null, "é"]}'`],
      raw: ['VARBINARY(20)', "X'00FF10'"],
      fixed: ['BINARY(4)', "X'01'"],
      blobs: ['BLOB', "X'DEADBEEF'"],
      bits: ['BIT(10)', "b'1000000001'"],
      kind: ["ENUM('a,b','c')", "'a,b'"],
      marks: ["SET('x','y')", "'x,y'"],
      nothing: ['INT', 'NULL'],
      double2: ['INT AS (tiny * 2) VIRTUAL', 'DEFAULT'],
    };
    const declared = Object.entries(columns).map(([name, [type]]) => `, ${name} ${String(type)}`);
    await table.create('BIGINT', declared.join(''));
    await table.read();
    const values = Object.values(columns).map(([, value]) => value);
    await table.run(`INSERT INTO T VALUES (1, 'n', ${values.join(', ')})`);
    const read = async (incremental: object | undefined, state: object | undefined): Promise<unknown> => {
      const names = ['id', 'name', ...Object.keys(columns)];
      const open = () => server().open({ table: table.name, incremental }, names);
      const { batches } = await readBatches({ open }, { ...state });
      return batches.flatMap(({ items }) => items);
    };
    const byBinlog = await read({ by: 'binlog' }, table.state);
    expect(byBinlog).toHaveLength(1);
    expect(byBinlog).toEqual(await read(undefined, undefined));
    expect(byBinlog).toMatchObject([{ fields: { price: '12345678901234567890.1234567890', nothing: null } }]);
  });
});
