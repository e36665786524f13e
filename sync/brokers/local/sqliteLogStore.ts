// The local broker's log in SQLite: what `append` gives back has been written and flushed to the disk. The newest entries
// are in memory as well; a reader who is far behind reads from the disk.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { drawId } from '../../../platform/random.ts';
import type { BrokerMessage } from '../broker.ts';
import { partitionOf, type GroupPlace, type LogEntry, type LogStore } from '../log/logStore.ts';
import { LogTail } from '../log/logTail.ts';

const SCHEMA = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;
  CREATE TABLE IF NOT EXISTS log (id TEXT NOT NULL, trimmedSeq INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS topics (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, topic INTEGER NOT NULL, partition INTEGER NOT NULL,
    atMs INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS byPartition ON entries (topic, partition);
  CREATE TABLE IF NOT EXISTS places ("group" TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    seq INTEGER NOT NULL, PRIMARY KEY ("group", topic, partition)) WITHOUT ROWID`;
const TAIL_LIMITS = { entriesMax: 100_000, charactersMax: 32 * 1024 * 1024 };
/** So many rows go at a time: deleting holds up the broker. */
const TRIM_ROWS_MAX = 2_000;

/** What is kept at most. */
export interface Retention {
  readonly keptMs: number;
  readonly bytesMax: number;
}

/** The log, with what only a durable one has. */
export interface SqliteLogStore extends LogStore {
  /** Writes the places that wait. */
  flush(): void;
  /** Drops some of the entries that are older than is kept, or too many; gives whether there are more of them. */
  trim(retention: Retention): boolean;
  close(): void;
}

interface Row {
  readonly seq: number;
  readonly topic: number;
  readonly partition: number;
  readonly key: string;
  readonly value: string;
}

class OpenSqliteLogStore implements SqliteLogStore {
  readonly id: string;
  readonly #database: DatabaseSync;
  readonly #nowMs: () => number;
  readonly #insert;
  readonly #readPartition;
  readonly #keepPlace;
  readonly #topicNumbers = new Map<string, number>();
  readonly #topicNames = new Map<number, string>();
  readonly #tail: LogTail;
  readonly #waitingPlaces = new Map<string, GroupPlace>();
  #headSeq: number;
  #trimmedSeq: number;

  constructor(path: string, nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#database = new DatabaseSync(path);
    this.#database.exec(SCHEMA);
    this.#insert = this.#database.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)');
    this.#readPartition = this.#database.prepare(
      'SELECT * FROM entries WHERE topic = ? AND partition = ? AND seq > ? ORDER BY seq LIMIT ?',
    );
    this.#keepPlace = this.#database.prepare('INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?)');
    this.#run('INSERT INTO log SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM log)', drawId());
    const log = this.#get('SELECT id, trimmedSeq FROM log');
    this.id = String(log['id']);
    this.#trimmedSeq = Number(log['trimmedSeq']);
    // Of an empty table it is null, which is 0 as a number.
    this.#headSeq = Math.max(Number(this.#get('SELECT MAX(seq) AS seq FROM entries')['seq']), this.#trimmedSeq);
    this.#tail = new LogTail(TAIL_LIMITS, this.#headSeq);
    for (const row of this.#database.prepare('SELECT number, name FROM topics').all()) {
      this.#nameTopic(Number(row['number']), String(row['name']));
    }
  }

  headSeq(): number {
    return this.#headSeq;
  }

  trimmedSeq(): number {
    return this.#trimmedSeq;
  }

  append(messages: readonly BrokerMessage[]): LogEntry[] {
    const atMs = this.#nowMs();
    let seq = this.#headSeq;
    const entries = messages.map(({ topic, key, value }) => {
      seq += 1;
      return { topic, key, value, partition: partitionOf(key), seq };
    });
    for (const { topic } of messages) this.#numberOf(topic);
    this.#transact(() => {
      for (const { topic, partition, key, value, seq: its } of entries) {
        this.#insert.run(its, this.#numberOf(topic), partition, atMs, key, value);
      }
      this.#writePlaces();
    });
    this.#headSeq = seq;
    this.#tail.append(entries);
    return entries;
  }

  readPartition(topic: string, partition: number, afterSeq: number, entriesMax: number): LogEntry[] {
    if (afterSeq >= this.#tail.trimmedSeq) {
      return this.#tail.readPartition(`${topic}/${partition}`, afterSeq, entriesMax);
    }
    const rows = this.#readPartition.all(this.#numberOf(topic), partition, afterSeq, entriesMax);
    return (rows as unknown as Row[]).map((row) => this.#toEntry(row));
  }

  readTopics(topics: readonly string[], afterSeq: number, entriesMax: number): LogEntry[] {
    if (afterSeq >= this.#tail.trimmedSeq) return this.#tail.readTopics(topics, afterSeq, entriesMax);
    const numbers = topics.map((topic) => this.#numberOf(topic));
    const statement = this.#database.prepare(
      // The sign keeps SQLite from the index, by which it would sort all that is there.
      `SELECT * FROM entries WHERE +topic IN (${numbers.join(', ')}) AND seq > ? ORDER BY seq LIMIT ?`,
    );
    return (statement.all(afterSeq, entriesMax) as unknown as Row[]).map((row) => this.#toEntry(row));
  }

  placesOf(group: string): GroupPlace[] {
    this.flush();
    const rows = this.#database.prepare('SELECT topic, partition, seq FROM places WHERE "group" = ?').all(group);
    return (rows as unknown as Omit<GroupPlace, 'group'>[]).map((row) => ({ ...row, group }));
  }

  keepPlace(place: GroupPlace): void {
    this.#waitingPlaces.set(`${place.group}\n${place.topic}/${place.partition}`, place);
  }

  flush(): void {
    if (this.#waitingPlaces.size > 0) this.#transact(() => this.#writePlaces());
  }

  trim({ keptMs, bytesMax }: Retention): boolean {
    const oldMs = this.#nowMs() - keptMs;
    const pages = this.#get(
      `SELECT (page_count - freelist_count) * page_size AS bytes
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    );
    const isTooLarge = Number(pages['bytes']) > bytesMax;
    const last = Number(
      this.#get(
        `SELECT MAX(seq) AS seq FROM (SELECT seq, atMs FROM entries ORDER BY seq LIMIT ${TRIM_ROWS_MAX})
       WHERE ? OR atMs < ?`,
        isTooLarge ? 1 : 0,
        oldMs,
      )['seq'],
    );
    if (last === 0) return false;
    this.#transact(() => {
      this.#run('DELETE FROM entries WHERE seq <= ?', last);
      this.#run('UPDATE log SET trimmedSeq = ?', last);
    });
    const hasMore = last - this.#trimmedSeq >= TRIM_ROWS_MAX;
    this.#trimmedSeq = last;
    return hasMore;
  }

  close(): void {
    this.flush();
    this.#database.close();
  }

  #writePlaces(): void {
    for (const { group, topic, partition, seq } of this.#waitingPlaces.values()) {
      this.#keepPlace.run(group, topic, partition, seq);
    }
    this.#waitingPlaces.clear();
  }

  #transact(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #numberOf(topic: string): number {
    const known = this.#topicNumbers.get(topic);
    if (known !== undefined) return known;
    this.#run('INSERT OR IGNORE INTO topics (name) VALUES (?)', topic);
    const number = Number(this.#get('SELECT number FROM topics WHERE name = ?', topic)['number']);
    this.#nameTopic(number, topic);
    return number;
  }

  #nameTopic(number: number, topic: string): void {
    this.#topicNumbers.set(topic, number);
    this.#topicNames.set(number, topic);
  }

  #toEntry({ seq, topic, partition, key, value }: Row): LogEntry {
    return { seq, topic: this.#topicNames.get(topic) ?? '', partition, key, value };
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#database.prepare(sql).run(...values);
  }

  #get(sql: string, ...values: SQLInputValue[]): Readonly<Record<string, unknown>> {
    return this.#database.prepare(sql).get(...values) ?? {};
  }
}

/** Takes a file's path (it is made where it is missing) and the time in milliseconds since 1970; gives the log. */
export function openSqliteLogStore(path: string, nowMs: () => number): SqliteLogStore {
  return new OpenSqliteLogStore(path, nowMs);
}
