// What every kind of source promises to the run engine, as one suite: each kind brings a source that can be filled,
// changed and spoilt, and is read through the port alone.
import fc from 'fast-check';
import {
  BATCH_ITEMS_MAX,
  isBroken,
  type Connector,
  type ReadBatch,
  type SourceRecord,
  type SourceState,
} from '../../sync/connectors/connector.ts';

/** A row of the test's source: its key as a text of digits, and a name. */
export interface TestRow {
  readonly id: string;
  readonly name: string;
}

/** A source of one kind, for one test. */
export interface TestSource {
  /** Adds rows, in the order of their keys; later calls add later rows. */
  add(rows: readonly TestRow[]): Promise<void>;
  /** Adds records that cannot be read; gives how many. Absent where the kind has none. */
  addBroken?(): Promise<number>;
  /** Takes the column `name` away. Absent where records have no columns in common. */
  dropName?(): Promise<void>;
  open(): Connector;
  end(): Promise<void>;
}

/** What a kind gives beyond the least. */
export interface SourceTraits {
  readonly kind: string;
  /** Whether a record may come twice where reading stopped: it is then read from a page's beginning. */
  readonly repeats: boolean;
  /** Whether what is read once is not read again when nothing changed; else a run reads all. */
  readonly isIncremental: boolean;
  start(): Promise<TestSource>;
}

const ROWS = 437;
const RUNS = 6;

/** Makes rows with keys from `first` on. */
export function testRows(first: number, count: number): TestRow[] {
  return Array.from({ length: count }, (_, at) => ({ id: String(first + at), name: `Name ${first + at}` }));
}

function idOf({ fields }: SourceRecord): string {
  return String(fields['id']);
}

function idsOf(batches: readonly ReadBatch[]): string[] {
  return batches.flatMap(({ items }) => items.flatMap((item) => (isBroken(item) ? [] : [idOf(item)])));
}

/** Reads at most `batchesMax` batches; the state comes back as it would from where states are kept. */
export async function readBatches(
  source: Pick<TestSource, 'open'>,
  state: SourceState | undefined,
  batchesMax = Number.POSITIVE_INFINITY,
): Promise<{ batches: ReadBatch[]; state: SourceState | undefined; isEnded: boolean }> {
  const connector = source.open();
  const batches: ReadBatch[] = [];
  let isEnded = true;
  try {
    for await (const batch of connector.read(state, new AbortController().signal)) {
      batches.push(batch);
      if (batches.length < batchesMax) continue;
      isEnded = false;
      break;
    }
  } finally {
    await connector.close();
  }
  const last = batches.at(-1)?.state ?? state;
  return {
    batches,
    state: last === undefined ? undefined : (JSON.parse(JSON.stringify(last)) as SourceState),
    isEnded,
  };
}

/** Reads in pieces, each with a connector of its own, as after a kill; the last piece to the end. */
async function readInPieces(source: TestSource, pieces: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  let state: SourceState | undefined;
  for (const piece of [...pieces, Number.POSITIVE_INFINITY]) {
    const read = await readBatches(source, state, piece);
    ids.push(...idsOf(read.batches));
    state = read.state;
    // A piece that took the last record was a whole reading: the next one would be a new run.
    if (read.isEnded || new Set(ids).size === ROWS) break;
  }
  return ids;
}

function sorted(ids: Iterable<string>): string[] {
  return [...ids].sort((left, right) => Number(left) - Number(right));
}

async function using(traits: SourceTraits, work: (source: TestSource) => Promise<void>): Promise<void> {
  const source = await traits.start();
  try {
    await work(source);
  } finally {
    await source.end();
  }
}

/** Declares the suite for a kind of source. */
export function describeConnector(traits: SourceTraits): void {
  const all = testRows(1, ROWS).map(({ id }) => id);

  describe(`${traits.kind} as a source`, () => {
    it('reads an empty source to its end', async () => {
      await using(traits, async (source) => {
        const { batches } = await readBatches(source, undefined);
        expect(idsOf(batches)).toEqual([]);
      });
    });

    it('reads every record once, in batches that a mutation takes', async () => {
      await using(traits, async (source) => {
        await source.add(testRows(1, ROWS));
        const { batches } = await readBatches(source, undefined);
        expect(sorted(idsOf(batches))).toEqual(all);
        expect(Math.max(...batches.map(({ items }) => items.length))).toBeLessThanOrEqual(BATCH_ITEMS_MAX);
        const first = batches.flatMap(({ items }) => items).find((item) => !isBroken(item) && idOf(item) === '1');
        expect(first).toMatchObject({ fields: { name: 'Name 1' } });
      });
    });

    it('goes on wherever it was stopped, without losing a record', async () => {
      await using(traits, async (source) => {
        await source.add(testRows(1, ROWS));
        const pieces = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });
        await fc.assert(
          fc.asyncProperty(pieces, async (stops) => {
            const ids = await readInPieces(source, stops);
            expect(sorted(traits.repeats ? new Set(ids) : ids)).toEqual(all);
          }),
          { numRuns: RUNS },
        );
      });
    });

    it('finds what came after it had read all', async () => {
      await using(traits, async (source) => {
        await source.add(testRows(1, ROWS));
        const { state } = await readBatches(source, undefined);
        await source.add(testRows(ROWS + 1, 50));
        const again = await readBatches(source, state);
        expect(idsOf(again.batches)).toEqual(expect.arrayContaining(testRows(ROWS + 1, 50).map(({ id }) => id)));
        if (traits.isIncremental) expect(idsOf(again.batches).length).toBeLessThan(ROWS);
      });
    });

    it('tells the columns that there are, and that one is gone', async () => {
      await using(traits, async (source) => {
        await source.add(testRows(1, 3));
        const signal = new AbortController().signal;
        const first = source.open();
        const before = await first.discover(signal);
        await first.close();
        expect(before.isComplete).toBe(source.dropName !== undefined);
        if (source.dropName === undefined) return;
        expect(before.columns).toEqual(expect.arrayContaining(['id', 'name']));
        await source.dropName();
        const connector = source.open();
        expect((await connector.discover(signal)).columns).not.toContain('name');
        await connector.close();
      });
    });

    it('gives what cannot be read with its place and the reason, and all the rest', async () => {
      await using(traits, async (source) => {
        await source.add(testRows(1, 150));
        const brokenCount = (await source.addBroken?.()) ?? 0;
        await source.add(testRows(151, ROWS - 150));
        const { batches } = await readBatches(source, undefined);
        const broken = batches.flatMap(({ items }) => items.filter(isBroken));
        expect(broken).toHaveLength(brokenCount);
        for (const { place, reason } of broken) {
          expect(place).toMatch(/\d/);
          expect(reason).not.toBe('');
        }
        expect(sorted(idsOf(batches))).toEqual(all);
      });
    });

    it('stops when it is told to', async () => {
      await using(traits, async (source) => {
        await source.add(testRows(1, ROWS));
        const stop = new AbortController();
        const connector = source.open();
        const reading = async (): Promise<void> => {
          for await (const { items } of connector.read(undefined, stop.signal)) if (items.length > 0) stop.abort();
        };
        await expect(reading()).rejects.toThrow(/abort/i);
        await connector.close();
      });
    });
  });
}
