// One connection to the SQLite file, with its statements prepared once.
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

/** A row as SQLite gives it. */
type Row = Record<string, SQLOutputValue>;

/** A row as the list of its columns. */
export type List = SQLOutputValue[];

const STATEMENTS_MAX = 2_000;

/** A connection; statements are kept by their text. */
export class Sqlite {
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private readonly listing = new Map<string, StatementSync>();

  constructor(path: string, durable: boolean) {
    this.database = new DatabaseSync(path, { timeout: 5_000 });
    this.database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable ? 'NORMAL' : 'OFF'};
      PRAGMA cache_size = -131072; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000; PRAGMA mmap_size = 2147483648`);
  }

  /** Runs statements that give nothing. */
  exec(sql: string): void {
    this.database.exec(sql);
  }

  /** Runs a writing statement; gives how many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.prepared(sql).run(...values).changes);
  }

  /** Gives all rows. */
  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.prepared(sql).all(...values);
  }

  /** Gives all rows as lists of their columns, which costs a third less: for what reads many. */
  lists(sql: string, ...values: SQLInputValue[]): List[] {
    const known = this.listing.get(sql);
    if (known) return known.all(...values) as unknown as List[];
    if (this.listing.size >= STATEMENTS_MAX) this.listing.clear();
    const statement = this.database.prepare(sql);
    statement.setReturnArrays(true);
    this.listing.set(sql, statement);
    return statement.all(...values) as unknown as List[];
  }

  /** Gives the first row, if there is one. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.prepared(sql).get(...values);
  }

  /** Forgets the prepared statements: after a table is gone. */
  forget(): void {
    this.statements.clear();
    this.listing.clear();
  }

  close(): void {
    this.forget();
    this.database.close();
  }

  private prepared(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known) return known;
    if (this.statements.size >= STATEMENTS_MAX) this.statements.clear();
    const statement = this.database.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}
