import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import type { Connector } from './connector.ts';
import { checkSyncConfig, type SourceDefinition } from './readSyncConfig.ts';
import type { RunDeps } from './run/runDeps.ts';
import type { SavedSource } from './run/sourceStates.ts';
import { TargetFault, type ItemAnswer, type TargetBatch, type TargetClient } from './run/subgraphClient.ts';
import { runSource, type RunOptions } from './runSource.ts';

const ROWS = 1_050;
/** Each pause takes no time: what is waited for is counted instead. */
const clock = { ...systemClock, after: (_: number, task: () => void) => systemClock.after(0, task) };

type Input = Readonly<Record<string, unknown>>;

/** A subgraph that keeps what it is given by external id, once for each idempotency key. */
class Subgraph {
  readonly stored = new Map<string, { input: Input; times: number }>();
  readonly #answers = new Map<string, readonly ItemAnswer[]>();
  readonly running = new Set<string>();
  calls = 0;
  /** Told of each batch before it is written; may throw what a subgraph would. */
  before: (batch: TargetBatch) => Promise<void> | void = () => undefined;

  async write(batch: TargetBatch): Promise<readonly ItemAnswer[]> {
    this.calls += 1;
    await this.before(batch);
    const known = this.#answers.get(batch.idempotencyKey);
    if (known !== undefined) return known;
    const ids = (batch.items as Input[]).map((input) => String(input['externalId']));
    for (const id of new Set(ids)) {
      if (this.running.has(id)) throw new Error(`${id} is written twice at a time`);
      this.running.add(id);
    }
    await new Promise((resolve) => setImmediate(resolve));
    const answers = (batch.items as Input[]).map((input) => this.#store(input));
    for (const id of ids) this.running.delete(id);
    this.#answers.set(batch.idempotencyKey, answers);
    return answers;
  }

  #store(input: Input): ItemAnswer {
    const id = String(input['externalId']);
    if (input['displayName'] === 'refused') return { code: 'INVALID', message: 'displayName is refused.' };
    const before = this.stored.get(id);
    this.stored.set(id, { input, times: (before?.times ?? 0) + 1 });
    return { code: before === undefined ? 'CREATED' : 'UPDATED', message: null };
  }
}

interface World {
  readonly subgraph: Subgraph;
  readonly states: Map<string, SavedSource>;
  readonly definition: SourceDefinition;
  readonly file: string;
  onSave: () => void;
  run(options?: Partial<RunOptions>): ReturnType<typeof runSource>;
}

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

function csvOf(ids: readonly (number | string)[]): string {
  return ['id,name', ...ids.map((id) => `${id},Name ${id}`), ''].join('\n');
}

/** Two pages of 150 records in two pieces each; the first piece of a page has the state from before the page. */
const PAGES: Connector = {
  check: () => Promise.resolve(),
  discover: () => Promise.resolve({ columns: [], isComplete: false }),
  close: () => Promise.resolve(),
  async *read(state) {
    for (let page = Number(state?.['page'] ?? 0); page < 2; page++) {
      const records = Array.from({ length: 150 }, (_, at) => `${page}-${at}`).map((id) => ({
        place: id,
        fields: { id, name: id },
      }));
      yield await Promise.resolve({ items: records.slice(0, 100), state: { page }, isPart: true, byteCount: 0 });
      yield { items: records.slice(100), state: { page: page + 1 }, byteCount: 1 };
    }
  },
};

async function makeWorld(text: string, limits = '', connector?: Connector): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'run-'));
  folders.push(folder);
  const file = join(folder, 'a.csv');
  await writeFile(file, text);
  const yaml = `{version: 1, sources: {shop: {connector: csv, options: {path: a.csv}, target: customers, externalId: id, fields: {displayName: name}${limits}}}}`;
  const config = checkSyncConfig(yaml, join(folder, 'sync.yaml'));
  if ('faults' in config) throw new Error(config.faults.join('\n'));
  const found = config.sources.get('shop');
  if (found === undefined) throw new Error('there is no source');
  const definition = connector === undefined ? found : { ...found, open: () => connector };
  const subgraph = new Subgraph();
  const states = new Map<string, SavedSource>();
  let drawn = 0;
  const target: TargetClient = {
    write: (batch) => subgraph.write(batch),
    findCustomers: (lookups) => Promise.resolve(lookups.map(() => undefined)),
    close: () => Promise.resolve(),
  };
  const world: World = {
    ...{ subgraph, states, definition, file, onSave: () => undefined },
    run(options = {}) {
      const deps: RunDeps = {
        ...{ clock, random: () => 0, rejectFolder: join(folder, 'rejects'), readSecret: () => '' },
        drawId: () => `drawn${(drawn += 1)}`,
        openTarget: () => target,
        states: {
          load: (name) => Promise.resolve(states.get(name)),
          save: (name, saved) => {
            world.onSave();
            states.set(name, JSON.parse(JSON.stringify(saved)) as SavedSource);
            return Promise.resolve();
          },
        },
      };
      return runSource(definition, deps, { signal: new AbortController().signal, ...options });
    },
  };
  return world;
}

const ALL = Array.from({ length: ROWS }, (_, at) => at + 1);

describe('a run of a source', () => {
  it('writes all, and the next one finds nothing new', async () => {
    const world = await makeWorld(csvOf(ALL));
    expect(await world.run()).toMatchObject({ outcome: 'completed', rowsRead: ROWS, created: ROWS, rejected: 0 });
    expect(world.subgraph.stored.size).toBe(ROWS);
    expect(await world.run()).toMatchObject({ outcome: 'completed', rowsRead: 0 });
  });

  it('that dies after a commit and before its state is saved writes nothing twice', async () => {
    const world = await makeWorld(csvOf(ALL));
    let saves = 0;
    world.onSave = () => {
      saves += 1;
      // The first one opens the run; those after it never come through.
      if (saves > 1) throw new Error('killed');
    };
    await expect(world.run()).rejects.toThrow('killed');
    expect(world.subgraph.stored.size).toBeGreaterThan(0);
    world.onSave = () => undefined;
    expect(await world.run()).toMatchObject({ outcome: 'completed', rowsRead: ROWS });
    expect([...world.subgraph.stored.values()].every(({ times }) => times === 1)).toBe(true);
    expect(world.subgraph.stored.size).toBe(ROWS);
  });

  it('that is stopped goes on behind what is committed', async () => {
    const world = await makeWorld(csvOf(ALL));
    const stop = new AbortController();
    world.subgraph.before = () => {
      if (world.subgraph.calls === 4) stop.abort();
    };
    const first = await world.run({ signal: stop.signal });
    expect(first).toMatchObject({ outcome: 'stopped' });
    const second = await world.run();
    expect(second.rowsRead).toBeLessThan(ROWS);
    expect([...world.subgraph.stored.values()].every(({ times }) => times === 1)).toBe(true);
    expect(world.subgraph.stored.size).toBe(ROWS);
  });

  it('waits for a subgraph that is busy', async () => {
    const world = await makeWorld(csvOf(ALL));
    world.subgraph.before = () => {
      if (world.subgraph.calls % 3 !== 0) throw new TargetFault('passing', 'it answered HTTP 503');
    };
    expect(await world.run()).toMatchObject({ outcome: 'completed', created: ROWS });
  });

  it('finds the record for which a batch is refused as a whole', async () => {
    const world = await makeWorld(csvOf(ALL));
    world.subgraph.before = ({ items }) => {
      if ((items as Input[]).some((input) => input['externalId'] === '777'))
        throw new TargetFault('items', 'too large');
    };
    const report = await world.run();
    expect(report).toMatchObject({ outcome: 'completed', created: ROWS - 1, rejected: 1 });
    expect(await readFile(report.rejectPath ?? '', 'utf8')).toBe(
      '{"place":"line 778","reason":"INVALID: too large"}\n',
    );
  });

  it('writes every reject once, whatever was repeated', async () => {
    const world = await makeWorld(
      csvOf(ALL)
        .replaceAll(/Name (\d*5)\n/g, 'refused\n')
        .replaceAll(/^(\d*7),.*$/gm, '$1'),
    );
    const stop = new AbortController();
    world.subgraph.before = () => {
      if (world.subgraph.calls === 4) stop.abort();
    };
    await world.run({ signal: stop.signal });
    const saved = world.states.get('shop');
    const second = await world.run();
    const lines = (await readFile(second.rejectPath ?? '', 'utf8')).trim().split('\n');
    expect(saved?.rejectBytes).toBeGreaterThan(0);
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines).toHaveLength(ROWS / 5);
    expect(lines.every((line) => !/Name \d/.test(line))).toBe(true);
  });

  it('keeps the order of the records of one key', async () => {
    const ids = Array.from({ length: 600 }, (_, at) => (at % 150) + 1);
    const world = await makeWorld(['id,name', ...ids.map((id, at) => `${id},Name ${at}`), ''].join('\n'));
    expect(await world.run()).toMatchObject({ outcome: 'completed' });
    for (const [id, { input }] of world.subgraph.stored) {
      expect(input['displayName']).toBe(`Name ${ids.lastIndexOf(Number(id))}`);
    }
  });

  it('writes nothing any more when another has its lease', async () => {
    const world = await makeWorld(csvOf(ALL));
    const isHeld = (): boolean => world.subgraph.calls < 4;
    const report = await world.run({ fence: { fence: 1, isHeld, prove: () => Promise.resolve() } });
    expect(report.outcome).toBe('fenced');
    expect(world.subgraph.stored.size).toBeLessThan(ROWS);
  });

  it('sends nothing again after a pause in which another took its lease', async () => {
    const world = await makeWorld(csvOf(ALL));
    world.subgraph.before = () => {
      throw new TargetFault('passing', 'it answered HTTP 503');
    };
    const isHeld = (): boolean => world.subgraph.calls < 1;
    const report = await world.run({ fence: { fence: 1, isHeld, prove: () => Promise.resolve() } });
    expect([report.outcome, world.subgraph.calls]).toEqual(['fenced', 1]);
  });

  it('ends at a limit, and the next run goes on', async () => {
    const world = await makeWorld(csvOf(ALL), ', limits: {rows: 400}');
    expect(await world.run()).toMatchObject({ outcome: 'limited', rowsRead: 400, reason: 'limits.rows: 400' });
    expect(await world.run()).toMatchObject({ outcome: 'limited', rowsRead: 400 });
    expect(await world.run()).toMatchObject({ outcome: 'completed', rowsRead: ROWS - 800 });
  });

  it('writes all of what came at once before a limit counts, and goes on behind it', async () => {
    const world = await makeWorld('', ', limits: {rows: 50}', PAGES);
    expect(await world.run()).toMatchObject({ outcome: 'limited', rowsRead: 150 });
    expect(await world.run()).toMatchObject({ outcome: 'completed', rowsRead: 150 });
    expect(world.subgraph.stored.size).toBe(300);
  });

  it('writes nothing when a column that it reads is gone, and says which', async () => {
    const world = await makeWorld('id,title\n1,x\n');
    const report = await world.run();
    expect(report).toMatchObject({ outcome: 'failed' });
    expect(report.reason).toContain('the source has no column "name"');
    expect(world.subgraph.calls).toBe(0);
  });

  it('reads all again when it is told to', async () => {
    const world = await makeWorld(csvOf(ALL));
    await world.run();
    expect(await world.run({ isFromStart: true })).toMatchObject({
      outcome: 'completed',
      rowsRead: ROWS,
      updated: ROWS,
    });
  });

  it('ends with a reason when only a person can help', async () => {
    const world = await makeWorld(csvOf(ALL));
    world.subgraph.before = () => {
      throw new TargetFault('setup', 'it refused the proof');
    };
    expect(await world.run()).toMatchObject({
      outcome: 'failed',
      reason: 'the subgraph: it refused the proof',
      rowsRead: 0,
    });
  });
});
