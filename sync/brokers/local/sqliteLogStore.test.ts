// The log of the local broker on its disk: what is there after a new start, what goes, and what is read from where.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogEntry } from '../log/logStore.ts';
import { openSqliteLogStore, type SqliteLogStore } from './sqliteLogStore.ts';

const BIG = { keptMs: 1_000, bytesMax: 1e9 };
let folder: string;
let nowMs: number;
let store: SqliteLogStore;

const open = (): SqliteLogStore => openSqliteLogStore(join(folder, 'log.sqlite'), () => nowMs);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crm-log-'));
  nowMs = 1_000_000;
  store = open();
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function append(count: number, topic = 't', characters = 10): LogEntry[] {
  const messages = Array.from({ length: count }, (_, at) => ({
    topic,
    key: `k${at % 7}`,
    value: 'x'.repeat(characters),
  }));
  return store.append(messages);
}

function reopen(): void {
  store.close();
  store = open();
}

describe('the log on disk', () => {
  it('reads the same after a new start as before, by partition and by topic', () => {
    const entries = append(500);
    append(10, 'other');
    const partition = entries[0]?.partition ?? 0;
    const read = (): unknown => ({
      topics: [store.readTopics(['t'], 100, 50), store.readTopics(['t', 'other'], 495, 100)],
      partition: store.readPartition('t', partition, 3, 1_000),
      head: store.headSeq(),
      id: store.id,
    });
    const before = read();
    reopen();
    expect(read()).toEqual(before);
    expect(store.readTopics(['other'], 0, 100)).toHaveLength(10);
  });

  it('goes on counting where it was, also when all of it has gone', () => {
    append(20);
    nowMs += 2_000;
    expect(store.trim(BIG)).toBe(false);
    reopen();
    expect(store.trimmedSeq()).toBe(20);
    expect(append(1)[0]?.seq).toBe(21);
  });

  it('drops what is older than is kept, some at a time, and nothing else', () => {
    append(2_500);
    nowMs += 2_000;
    append(10);
    expect(store.trim(BIG)).toBe(true);
    expect(store.trim(BIG)).toBe(false);
    expect(store.trim(BIG)).toBe(false);
    expect(store.trimmedSeq()).toBe(2_500);
    reopen();
    expect(store.readTopics(['t'], store.trimmedSeq(), 100)).toHaveLength(10);
  });

  it('drops the oldest when there are too many bytes', () => {
    append(3_000, 't', 1_000);
    while (store.trim({ keptMs: 1e9, bytesMax: 1_500_000 }));
    expect(store.trimmedSeq()).toBeGreaterThan(0);
    expect(store.trimmedSeq()).toBeLessThanOrEqual(3_000);
  });

  it('keeps the places of groups over a new start', () => {
    append(5);
    store.keepPlace({ group: 'g', topic: 't', partition: 3, seq: 4 });
    store.keepPlace({ group: 'g', topic: 't', partition: 3, seq: 5 });
    reopen();
    expect(store.placesOf('g')).toEqual([{ group: 'g', topic: 't', partition: 3, seq: 5 }]);
    expect(store.placesOf('h')).toEqual([]);
  });

  it('reads what no longer fits into memory from the disk, without a gap where both meet', () => {
    const characters = 200_000;
    for (let at = 0; at < 30; at += 1) append(10, 't', characters);
    const seqs: number[] = [];
    for (let after = 0; ;) {
      const some = store.readTopics(['t'], after, 7);
      if (some.length === 0) break;
      seqs.push(...some.map(({ seq }) => seq));
      after = some.at(-1)?.seq ?? after;
    }
    expect(seqs).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
  });
});
