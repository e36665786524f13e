// Whole runs of a table of a real MariaDB by its binlog, from the configuration to a subgraph that keeps what it is given:
// what is saved when, and what goes on after a run or a connection was broken off.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../platform/clock.ts';
import { checkSyncConfig } from '../../../../sync/connectors/readSyncConfig.ts';
import type { RunDeps } from '../../../../sync/connectors/run/runDeps.ts';
import type { SavedSource } from '../../../../sync/connectors/run/sourceStates.ts';
import { TargetFault, type TargetClient } from '../../../../sync/connectors/run/subgraphClient.ts';
import { runSource, type RunReport } from '../../../../sync/connectors/runSource.ts';
import { BinlogTable, startBinlogServer, type BinlogServer } from '../../../harness/binlogTable.ts';

type Input = Readonly<Record<string, unknown>>;

let server: BinlogServer | undefined;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'binlog-runs-'));
  server = await startBinlogServer();
}, 60_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

interface World {
  readonly table: BinlogTable;
  /** What the subgraph has, by external id. */
  readonly stored: Map<string, unknown>;
  saved: SavedSource | undefined;
  /** How many batches more the subgraph takes before it is broken. */
  batchesLeft: number;
  /** What the subgraph waits for before it takes a batch. */
  turn: Promise<void>;
  run(): Promise<RunReport>;
}

async function makeWorld(): Promise<World> {
  if (server === undefined) throw new Error('MariaDB did not start');
  const table = new BinlogTable(server);
  await table.create('BIGINT', ", pad VARCHAR(1000) DEFAULT REPEAT('x', 1000)");
  const place = `host: 127.0.0.1, port: ${server.port}, database: shop, user: root`;
  const options = `{${place}, table: ${table.name}, key: id, incremental: {by: binlog}}`;
  const source = `{connector: mariadb, options: ${options}, target: customers, externalId: id, fields: {displayName: name}}`;
  const config = checkSyncConfig(`{version: 1, sources: {${table.name}: ${source}}}`, join(folder, 'sync.yaml'));
  if ('faults' in config) throw new Error(config.faults.join('\n'));
  const definition = config.sources.get(table.name);
  if (definition === undefined) throw new Error('there is no source');
  let drawn = 0;
  const target: TargetClient = {
    async write({ items }) {
      await world.turn;
      if ((world.batchesLeft -= 1) < 0) throw new TargetFault('setup', 'it is broken');
      for (const input of items as Input[]) world.stored.set(String(input['externalId']), input['displayName']);
      return items.map(() => ({ code: 'UPDATED', message: null }));
    },
    findCustomers: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
  const deps: RunDeps = {
    ...{ clock: systemClock, random: () => 0, rejectFolder: folder, readSecret: () => '' },
    drawId: () => `drawn${(drawn += 1)}`,
    openTarget: () => target,
    states: {
      load: () => Promise.resolve(world.saved),
      save(_, saved) {
        world.saved = JSON.parse(JSON.stringify(saved)) as SavedSource;
        return Promise.resolve();
      },
    },
  };
  const world: World = {
    ...{ table, stored: new Map(), saved: undefined, batchesLeft: Number.POSITIVE_INFINITY, turn: Promise.resolve() },
    run: () => runSource(definition, deps, { signal: new AbortController().signal }),
  };
  return world;
}

async function killDump(of: BinlogServer): Promise<void> {
  for (;;) {
    const threads = await of.rows('SHOW PROCESSLIST');
    const dump = threads.find((row) => row['Command'] === 'Binlog Dump' && row['State'] === 'Writing to net');
    if (dump === undefined) continue;
    await of.run(`KILL ${String(dump['Id'])}`);
    return;
  }
}

describe('runs of a source by binlog', () => {
  it('save their place behind what the subgraph has taken, in the first reading and in later ones', async () => {
    const world = await makeWorld();
    const { table, stored } = world;
    await table.add(1, 1_000);
    world.batchesLeft = 5;
    expect(await world.run()).toMatchObject({ outcome: 'failed', reason: 'the subgraph: it is broken' });
    expect(world.saved).toMatchObject({ isComplete: false, state: { isFirst: true, key: '500' } });
    await table.run("UPDATE T SET name = 'early' WHERE id = 3");
    world.batchesLeft = Number.POSITIVE_INFINITY;
    expect(await world.run()).toMatchObject({ outcome: 'completed', rowsRead: 501 });
    expect(stored).toEqual(await table.stored());
    await table.run("UPDATE T SET name = CONCAT(name, ' again')");
    world.batchesLeft = 4;
    expect(await world.run()).toMatchObject({ outcome: 'failed' });
    expect(world.saved).toMatchObject({ isComplete: false, state: { rowsDone: 4 * 99 } });
    world.batchesLeft = Number.POSITIVE_INFINITY;
    expect(await world.run()).toMatchObject({ outcome: 'completed', rowsRead: 1_000 - 4 * 99 });
    expect(stored).toEqual(await table.stored());
    expect(await world.run()).toMatchObject({ outcome: 'completed', rowsRead: 0 });
  });

  it('tell rows that were deleted in the source by their keys in the reject file', async () => {
    const world = await makeWorld();
    await world.table.add(1, 3);
    await world.run();
    await world.table.run('DELETE FROM T WHERE id = 2');
    const report = await world.run();
    expect(report).toMatchObject({ outcome: 'completed', rowsRead: 1, rejected: 1 });
    const reason = 'it was deleted in the source: what came of it stays in the graph';
    expect(JSON.parse(await readFile(report.rejectPath ?? '', 'utf8'))).toEqual({ place: 'id 2', reason });
  });

  it('end with words when the connection of the binlog breaks, and the next one goes on', async () => {
    const world = await makeWorld();
    const { table } = world;
    await world.run();
    await table.add(1, 50_000);
    let release = (): void => undefined;
    world.turn = new Promise((resolve) => (release = resolve));
    const running = world.run();
    // Nothing is taken meanwhile, and so the server has most of it still to send.
    await killDump(table.server);
    release();
    expect(await running).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^the source: /) as string,
    });
    expect(await world.run()).toMatchObject({ outcome: 'completed' });
    expect(world.stored).toEqual(await table.stored());
  });
});
