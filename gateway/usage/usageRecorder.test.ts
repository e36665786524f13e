// The recorder on a store that a test makes fail, under a clock that a test moves: what is read back is what was noted,
// or it is told as lost; and memory stays bounded whatever is asked.
import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BucketDocument, OperationDocument, ProcessDocument } from '../../usage/usageDocuments.ts';
import { gapsOf } from '../../usage/coveredTime.ts';
import { UsageSum } from '../../usage/sumUsage.ts';
import { openHandClock } from '../../test/harness/handClock.ts';
import { NO_LOG } from '../../test/harness/identifyParts.ts';
import { OPEN_CALLER, type Caller } from '../caller.ts';
import { USAGE_BOUNDS } from './openUsage.ts';
import type { OperationUse } from './operationUse.ts';
import type { UsageBounds } from './usageCounts.ts';
import { openUsageRecorder, type UsageStore } from './usageRecorder.ts';

/** How often it writes. */
const FLUSH_MS = 3_000;

/** Megabytes of this heap that are in use after a full collection. */
function heldMb(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** A store in memory: `up`, `away` (nothing comes through), or `deaf` (it writes, and its answer is lost). */
class MemoryStore implements UsageStore {
  state: 'up' | 'away' | 'deaf' = 'up';
  readonly buckets = new Map<string, BucketDocument>();
  readonly operations = new Map<string, OperationDocument>();
  readonly processes = new Map<string, ProcessDocument>();

  writeOperations(operations: readonly OperationDocument[]): Promise<void> {
    return this.#write(() => operations.forEach((each) => this.operations.set(each._id, each)));
  }

  writeBuckets(buckets: readonly BucketDocument[]): Promise<void> {
    return this.#write(() => buckets.forEach((each) => this.buckets.set(each._id, each)));
  }

  writeProcess(process: ProcessDocument): Promise<void> {
    return this.#write(() => void this.processes.set(process._id, process));
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  rows() {
    const sum = new UsageSum();
    for (const bucket of this.buckets.values()) sum.add(bucket);
    return sum.rows(this.operations);
  }

  #write(write: () => void): Promise<void> {
    if (this.state !== 'away') write();
    return this.state === 'up' ? Promise.resolve() : Promise.reject(new Error(this.state));
  }
}

function useOf(name: string, coordinates: readonly string[] = [`Query.${name}`]): OperationUse {
  return { id: `id-${name}`, hash: `hash-${name}`, name, coordinates, readVariables: undefined };
}

const callerOf = (id: string, contract?: string): Caller => ({
  ...OPEN_CALLER,
  kind: 'key',
  id: `key:${id}`,
  contract,
});

function open(bounds: Partial<UsageBounds> = {}) {
  const clock = openHandClock();
  const store = new MemoryStore();
  const seen = { lost: 0, ok: 0, failed: 0 };
  const recorder = openUsageRecorder({
    ...{ store, clock, log: NO_LOG, daysKept: 90, bounds: { ...USAGE_BOUNDS, ...bounds } },
    observer: {
      usageLost: (count) => void (seen.lost += count),
      usageWritten(ok) {
        if (ok) seen.ok++;
        else seen.failed++;
      },
    },
  });
  const settle = (): Promise<void> => new Promise((done) => setImmediate(done));
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= FLUSH_MS) {
      clock.pass(Math.min(left, FLUSH_MS));
      await settle();
    }
  };
  return { clock, store, seen, recorder, pass };
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('ask' as const),
    key: fc.constantFrom('a', 'b'),
    contract: fc.constantFrom(undefined, 'partner'),
    version: fc.constantFrom(undefined, '1.0', '2.0'),
    operation: fc.constantFrom('one', 'two', 'three'),
    elements: fc.subarray(['Input.a', 'Enum.B']),
  }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  fc.record({
    kind: fc.constant('store' as const),
    state: fc.constantFrom('up' as const, 'away' as const, 'deaf' as const),
  }),
);

describe('what a recorder writes', () => {
  it('is what was noted, whenever the store was away or its answers were lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { store, recorder, pass, seen } = open();
        const truth: Record<string, number> = {};
        for (const each of steps) {
          if (each.kind === 'pass') await pass(each.ms);
          else if (each.kind === 'store') store.state = each.state;
          else {
            const { key, contract, version, operation, elements } = each;
            const headers = version === undefined ? {} : { 'apollographql-client-version': version };
            recorder.note({ use: useOf(operation), elements }, callerOf(key, contract), headers);
            for (const coordinate of [`Query.${operation}`, ...elements]) {
              const row = JSON.stringify([coordinate, key, version, contract, operation]);
              truth[row] = (truth[row] ?? 0) + 1;
            }
          }
        }
        store.state = 'up';
        await recorder.stop();
        const written = store.rows().map(({ coordinate, caller, contract, operation, count }) => {
          return [JSON.stringify([coordinate, caller.name, caller.version, contract, operation.name]), count] as const;
        });
        expect(Object.fromEntries(written)).toEqual(truth);
        expect(seen.lost).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('has the first and the last moment of each', async () => {
    const { store, recorder, pass, clock } = open();
    const asked = { use: useOf('one'), elements: [] };
    recorder.note(asked, callerOf('a'), {});
    const first = clock.now().toISOString();
    await pass(130_000);
    recorder.note(asked, callerOf('a'), {});
    const last = clock.now().toISOString();
    await recorder.stop();
    expect(store.buckets.size).toBe(2);
    expect(store.rows()).toMatchObject([{ count: 2, firstSeen: first, lastSeen: last }]);
  });

  it('names programs by their headers, and nobody by a name that is too long, strange or holds a key', async () => {
    const { store, recorder } = open({ clientsMax: 2, versionsMax: 2 });
    const program = (name: string, version: string) => ({
      'graphql-client-name': name,
      'graphql-client-version': version,
    });
    const asked = { use: useOf('one'), elements: [] };
    const key = 'crm_live_0123456789ab_secret';
    const said = [{}, program('x'.repeat(65), '1'), program('\u0007', '1'), program(key, '1')];
    for (const headers of said) recorder.note(asked, OPEN_CALLER, headers);
    for (const version of ['1', '2', '3', '4', key]) recorder.note(asked, OPEN_CALLER, program('shop', version));
    for (const name of ['app', 'third', 'fourth']) recorder.note(asked, OPEN_CALLER, program(name, ''));
    await recorder.stop();
    const counts = store.rows().map(({ caller, count }) => [caller.name, caller.version, count]);
    expect(counts).toEqual([
      ['app', undefined, 1],
      ['shop', '1', 1],
      ['shop', '2', 1],
      ['shop', 'unknown', 3],
      ['unknown', undefined, 6],
    ]);
  });

  it('tells so many programs apart in a day, however many are invented', async () => {
    const { store, recorder, pass } = open({ clientsMax: 3, versionsMax: 2 });
    for (let minute = 0; minute < 5; minute++) {
      for (const word of ['a', 'b']) {
        recorder.note({ use: useOf('one'), elements: [] }, OPEN_CALLER, { 'graphql-client-name': `${word}${minute}` });
      }
      const versioned = { 'graphql-client-name': 'a0', 'graphql-client-version': `1.${minute}` };
      recorder.note({ use: useOf('one'), elements: [] }, OPEN_CALLER, versioned);
      await pass(60_000);
    }
    await recorder.stop();
    const names = new Set(store.rows().map(({ caller: { name, version = '' } }) => `${name} ${version}`.trim()));
    expect([...names].sort()).toEqual(['a0', 'a0 1.0', 'a0 1.1', 'a0 unknown', 'a1', 'b0', 'unknown']);
  });

  it('tells as lost what was dropped while the store was away, and a gap of it', async () => {
    const { store, recorder, pass, seen, clock } = open({ cellsMax: 3 });
    const startedAt = clock.now();
    await pass(FLUSH_MS);
    store.state = 'away';
    for (let minute = 0; minute < 6; minute++) {
      recorder.note({ use: useOf('one'), elements: [] }, callerOf('a'), {});
      await pass(60_000);
    }
    expect(seen.lost).toBe(3);
    expect(seen.failed).toBeGreaterThan(100);
    store.state = 'up';
    await pass(FLUSH_MS);
    const [process] = [...store.processes.values()];
    expect(process?.lost).toEqual([{ from: new Date(0), to: new Date(180_000), requests: 3 }]);
    expect(store.rows()).toMatchObject([{ count: 3 }]);
    expect(gapsOf([...store.processes.values()], startedAt, clock.now())).toEqual([
      { from: startedAt.toISOString(), to: new Date(180_000).toISOString() },
    ]);
    await recorder.stop();
  });

  it('tells as lost the minutes whose elements are more than may wait', async () => {
    const { store, recorder, pass, seen } = open({ elementsMax: 2 });
    store.state = 'away';
    for (let minute = 0; minute < 4; minute++) {
      recorder.note({ use: useOf('one'), elements: ['Input.a', 'Enum.B'] }, callerOf('a'), {});
      await pass(60_000);
    }
    store.state = 'up';
    await pass(FLUSH_MS);
    expect(seen.lost).toBe(3);
    expect(store.rows()).toMatchObject([{ count: 1 }, { count: 1 }, { count: 1 }]);
    await recorder.stop();
  });

  it('ends although the store hangs', async () => {
    const { store, recorder, clock } = open();
    store.writeProcess = () => new Promise(() => undefined);
    const stopping = recorder.stop();
    clock.pass(3_000);
    await expect(stopping).resolves.toBeUndefined();
  });
});

describe('a million different operations', () => {
  const OPERATIONS = 1_000_000;
  const HELD_MB_MAX = 20;

  it('are counted in bounded memory, those beyond the bound by what they ask alone', async () => {
    const { store, recorder, pass, clock } = open();
    const emptyMb = heldMb();
    store.state = 'away';
    for (let at = 0; at < OPERATIONS; at++) {
      const use = useOf(String(at), ['Query.people', `Person.f${at % 100}`]);
      recorder.note({ use, elements: ['Input.a'] }, callerOf(`k${at % 10}`), {});
      if (at % 1_000 === 0) clock.pass(1);
    }
    expect(heldMb() - emptyMb).toBeLessThan(HELD_MB_MAX);
    store.state = 'up';
    await pass(FLUSH_MS * 2);
    expect(store.operations.size).toBe(USAGE_BOUNDS.operationsMax);
    const cells = [...store.buckets.values()].flatMap(({ operations }) => operations);
    expect(cells.length).toBeLessThanOrEqual(USAGE_BOUNDS.operationsMax + 10);
    const rows = store.rows();
    const asked = rows
      .filter(({ coordinate }) => coordinate === 'Query.people')
      .reduce((sum, { count }) => sum + count, 0);
    const named = rows.filter(({ coordinate }) => coordinate === 'Input.a').reduce((sum, { count }) => sum + count, 0);
    expect([asked, named]).toEqual([OPERATIONS, OPERATIONS]);
    expect(
      new Set(rows.filter(({ operation }) => operation.hash === 'other').map(({ caller }) => caller.name)).size,
    ).toBe(10);
    await recorder.stop();
  });
});
