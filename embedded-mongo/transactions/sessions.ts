// Sessions: which transaction is open in which session, and what the last retryable write answered, so that a write
// that is sent again after a lost answer is done once.
import { Binary } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import type { Store } from '../store/store.ts';
import { type Doc, isDoc, numeric } from '../values/kinds.ts';
import { Transaction, noSuchTransaction } from './transaction.ts';

const TRANSACTION_MS_MAX = 60_000;
/**
 * A transaction whose last command came over a connection that is closed is aborted when no other connection goes on
 * with it in this time. MongoDB keeps it for the whole minute, but there a killed client is one of many; here it would
 * make every writer of its documents wait. Not at once: a driver's session moves between pooled connections, and one
 * may be closed for another's sake (a read that was cancelled) while the session is well.
 */
const LEFT_MS_MAX = 500;
const SESSION_MS_MAX = 1_800_000;

interface Session {
  transaction: Transaction | undefined;
  last: { readonly number: bigint; readonly reply: unknown } | undefined;
  usedMs: number;
  /** The connection that the last command of the transaction came over, and when it was closed, if it was. */
  connectionId: number;
  leftMs: number | undefined;
}

/** What a command says about its session. */
export interface SessionFields {
  readonly session: string | undefined;
  readonly number: bigint | undefined;
  readonly inTransaction: boolean;
  readonly starts: boolean;
}

/** Reads the session's part of a command. */
export function sessionFields(body: Doc): SessionFields {
  const { lsid } = body;
  const id = isDoc(lsid) ? lsid['id'] : undefined;
  const number = numeric(body['txnNumber']);
  return {
    session: id instanceof Binary ? Buffer.from(id.buffer).toString('hex') : undefined,
    number: number === undefined ? undefined : BigInt(String(number)),
    inTransaction: body['autocommit'] === false,
    starts: body['startTransaction'] === true,
  };
}

/** The sessions of one server. */
export class Sessions {
  private readonly store: Store;
  private readonly steadyMs: () => number;
  private readonly sessions = new Map<string, Session>();

  constructor(store: Store, steadyMs: () => number) {
    this.store = store;
    this.steadyMs = steadyMs;
  }

  /** Gives the transaction that a command of a connection runs in; throws 251 or 256 when it is over. */
  transactionOf(
    { session, number, inTransaction, starts }: SessionFields,
    connectionId: number,
  ): Transaction | undefined {
    if (!inTransaction || session === undefined || number === undefined) return undefined;
    const entry = this.entry(session);
    entry.connectionId = connectionId;
    entry.leftMs = undefined;
    if (starts) {
      entry.transaction?.abort();
      entry.transaction = new Transaction(this.store, number, this.steadyMs());
      return entry.transaction;
    }
    const { transaction } = entry;
    if (transaction?.number !== number || transaction.state === 'aborted') throw noSuchTransaction(number);
    if (transaction.state === 'committed') {
      throw new MongoFault(256, `Transaction with { txnNumber: ${number} } has been committed.`);
    }
    return transaction;
  }

  /** Commits; a second commit of the same transaction is answered as the first. */
  commit({ session, number }: SessionFields): void {
    const transaction = this.known(session, number);
    if (transaction.state === 'aborted') throw noSuchTransaction(transaction.number);
    if (transaction.state === 'open') transaction.commit();
  }

  abort({ session, number }: SessionFields): void {
    const transaction = this.known(session, number);
    if (transaction.state === 'committed') {
      throw new MongoFault(256, `Transaction with { txnNumber: ${transaction.number} } has been committed.`);
    }
    if (transaction.state === 'aborted') throw noSuchTransaction(transaction.number);
    transaction.abort();
  }

  /** What the same write answered before. Throws 225 when the session has gone on since. */
  replyOf({ session, number, inTransaction }: SessionFields): unknown {
    if (session === undefined || number === undefined || inTransaction) return undefined;
    const last = this.entry(session).last;
    if (last && number < last.number) {
      throw new MongoFault(
        225,
        `Retryable write with txnNumber ${number} is prohibited on session because a newer one has already started`,
      );
    }
    return last?.number === number ? last.reply : undefined;
  }

  remember({ session, number, inTransaction }: SessionFields, reply: unknown): void {
    if (session === undefined || number === undefined || inTransaction) return;
    this.entry(session).last = { number, reply };
  }

  end(session: string): void {
    this.sessions.get(session)?.transaction?.abort();
    this.sessions.delete(session);
  }

  /** Notes that a connection is closed: see LEFT_MS_MAX. */
  leave(connectionId: number): void {
    const now = this.steadyMs();
    for (const session of this.sessions.values()) if (session.connectionId === connectionId) session.leftMs ??= now;
  }

  /**
   * Aborts transactions that live longer than a minute or whose client left, and forgets sessions that nobody used for
   * half an hour.
   */
  closeIdle(): void {
    const now = this.steadyMs();
    for (const [id, { transaction, usedMs, leftMs }] of this.sessions) {
      const hasLeft = leftMs !== undefined && now - leftMs > LEFT_MS_MAX;
      if (transaction && (hasLeft || now - transaction.beganMs > TRANSACTION_MS_MAX)) transaction.abort();
      if (now - usedMs > SESSION_MS_MAX) this.end(id);
    }
  }

  private known(session: string | undefined, number: bigint | undefined): Transaction {
    const transaction = session === undefined ? undefined : this.sessions.get(session)?.transaction;
    if (!transaction || transaction.number !== number) throw noSuchTransaction(number ?? 0n);
    return transaction;
  }

  private entry(session: string): Session {
    let entry = this.sessions.get(session);
    if (!entry) {
      entry = { transaction: undefined, last: undefined, usedMs: 0, connectionId: 0, leftMs: undefined };
      this.sessions.set(session, entry);
    }
    entry.usedMs = this.steadyMs();
    return entry;
  }
}
