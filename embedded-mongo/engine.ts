// Answers commands: finds the command, its transaction and its time limit, waits for locks, and turns what is thrown
// into MongoDB's errors.
import { BSONError } from 'bson';
import { type Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { Access } from './access.ts';
import type { Command, CommandContext, Peer } from './commands/command.ts';
import { COMMANDS } from './commands/table.ts';
import { Cursors } from './cursors.ts';
import { MongoFault, codeName } from './mongoFault.ts';
import type { Store } from './store/store.ts';
import { LockWait } from './transactions/locks.ts';
import { type SessionFields, Sessions, sessionFields } from './transactions/sessions.ts';
import type { Transaction } from './transactions/transaction.ts';
import { type Doc, asNumber } from './values/kinds.ts';
import type { Request } from './wire/message.ts';
import type { RawReply } from './wire/rawReply.ts';

const LOCK_WAIT_MS_MAX = 65_000;
const RETRYABLE = new Set(['insert', 'update', 'delete', 'findAndModify', 'findandmodify']);
const TICKS_PER_LOOK = 128;

type Reply = Doc | RawReply;

function errorReply(error: unknown, log: Log): Doc {
  const fault = error instanceof MongoFault ? error : unexpected(error, log);
  const labels = fault.labels.length > 0 ? { errorLabels: [...fault.labels] } : {};
  return { ok: 0, errmsg: fault.message, code: fault.code, codeName: codeName(fault.code), ...fault.extra, ...labels };
}

function unexpected(error: unknown, log: Log): MongoFault {
  if (error instanceof BSONError) return new MongoFault(22, error.message);
  log.error({ err: error }, 'a command failed unexpectedly');
  return new MongoFault(8, error instanceof Error ? error.message : String(error));
}

/** Only reads stop half-way, as in MongoDB; a write gives way to nobody. */
async function giveWay(peer: Peer): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (peer.hasLeft()) throw new MongoFault(279, 'operation was interrupted because a client disconnected');
}

/** One server's commands over one store. */
export class Engine {
  readonly sessions: Sessions;
  readonly cursors: Cursors;
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly log: Log;

  constructor(store: Store, clock: Clock, log: Log) {
    this.store = store;
    this.clock = clock;
    this.log = log;
    const steadyMs = (): number => clock.steadyMs();
    this.sessions = new Sessions(store, steadyMs);
    // Ids of an earlier run are not given again, so that a client's old cursor is not found instead of another's.
    this.cursors = new Cursors(steadyMs, BigInt(clock.now().getTime()) * 1000n);
  }

  /** Answers one request; never throws. */
  async answer(request: Request, peer: Peer): Promise<Reply> {
    try {
      const { body } = request;
      const name = Object.keys(body)[0] ?? '';
      const command = COMMANDS.get(name);
      if (!command) throw new MongoFault(59, `no such command: '${name}'`);
      return await this.run(command, name, request, peer);
    } catch (error) {
      return errorReply(error, this.log);
    }
  }

  private async run(command: Command, name: string, request: Request, peer: Peer): Promise<Reply> {
    const fields = sessionFields(request.body);
    const ends = name === 'commitTransaction' || name === 'abortTransaction';
    const earlier = RETRYABLE.has(name) ? this.sessions.replyOf(fields) : undefined;
    if (earlier !== undefined) return earlier as Reply;
    const transaction = ends ? undefined : this.sessions.transactionOf(fields, peer.id);
    try {
      const context = this.contextFor(name, request, { fields, transaction, peer });
      const reply = await this.waitingForLocks(command, context);
      if (RETRYABLE.has(name)) this.sessions.remember(fields, reply);
      return reply;
    } catch (error) {
      transaction?.abort();
      throw error;
    }
  }

  private async waitingForLocks(command: Command, context: CommandContext): Promise<Reply> {
    const startedMs = this.clock.steadyMs();
    for (;;) {
      try {
        return await command(context);
      } catch (error) {
        if (!(error instanceof LockWait)) throw error;
        const leftMs = startedMs + LOCK_WAIT_MS_MAX - this.clock.steadyMs();
        if (leftMs <= 0) throw new MongoFault(112, 'WriteConflict: waited too long for a transaction to end');
        await this.endOf(error, Math.min(leftMs, asNumber(context.body['maxTimeMS']) || leftMs));
        context.tick();
      }
    }
  }

  private endOf({ holder }: LockWait, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(waitMs, resolve);
      void holder.ended.then(() => {
        cancel();
        resolve();
      });
    });
  }

  private contextFor(
    name: string,
    { body, sequences }: Request,
    { fields, transaction, peer }: { fields: SessionFields; transaction: Transaction | undefined; peer: Peer },
  ): CommandContext {
    const database = typeof body['$db'] === 'string' ? body['$db'] : 'admin';
    return {
      name,
      database,
      body,
      sequences,
      access: new Access(this.store, transaction),
      cursors: this.cursors,
      sessions: this.sessions,
      sessionFields: fields,
      connectionId: peer.id,
      log: this.log,
      steadyMs: () => this.clock.steadyMs(),
      tick: this.ticker(asNumber(body['maxTimeMS']) ?? 0),
      giveWay: () => giveWay(peer),
    };
  }

  private ticker(timeMs: number): () => void {
    if (timeMs <= 0) return () => undefined;
    const endMs = this.clock.steadyMs() + timeMs;
    let ticks = 0;
    return () => {
      ticks += 1;
      if (ticks % TICKS_PER_LOOK === 1 && this.clock.steadyMs() > endMs)
        throw new MongoFault(50, 'operation exceeded time limit');
    };
  }
}
