// The way from a subgraph to MongoDB: one connection with safe settings, and a record of each request's commands, which
// counts what really went over the wire. Every query gets its index, its limit and its time limit from `bounded`.
import mongoose, { type Connection, type QueryOptions } from 'mongoose';
import { StartError } from '../../../platform/lifecycle.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { Call } from '../call.ts';
import { refuse } from '../refuse.ts';

mongoose.set('sanitizeFilter', true);
mongoose.set('strictQuery', 'throw');

const SELECTION_TIMEOUT_MS = 5_000;

/** One command as it went to MongoDB. */
export interface DatabaseCommand {
  readonly command: string;
  readonly collection: string;
  readonly ms: number;
}

/** Which commands each running call sent to MongoDB. */
export class DatabaseCommands {
  readonly #byCall = new Map<string, DatabaseCommand[]>();

  /** Begins to record a call. */
  begin(callId: string): void {
    this.#byCall.set(callId, []);
  }

  /** Ends the record of a call and gives what it sent. */
  end(callId: string): DatabaseCommand[] {
    const commands = this.#byCall.get(callId) ?? [];
    this.#byCall.delete(callId);
    return commands;
  }

  /** Follows a connection's client. */
  follow(connection: Connection): void {
    const started = new Map<number, { callId: string; collection: string }>();
    const client = connection.getClient();
    client.on('commandStarted', ({ requestId, commandName, command }) => {
      const callId: unknown = command['comment'];
      if (typeof callId !== 'string' || !this.#byCall.has(callId)) return;
      const target: unknown = commandName === 'getMore' ? command['collection'] : command[commandName];
      started.set(requestId, { callId, collection: String(target) });
    });
    const finish = ({
      requestId,
      commandName,
      duration,
    }: {
      requestId: number;
      commandName: string;
      duration: number;
    }) => {
      const start = started.get(requestId);
      if (start === undefined) return;
      started.delete(requestId);
      this.#byCall.get(start.callId)?.push({ command: commandName, collection: start.collection, ms: duration });
    };
    client.on('commandSucceeded', finish);
    client.on('commandFailed', finish);
  }
}

function hostsOf(uri: string): string {
  return uri.replace(/^mongodb(\+srv)?:\/\/([^@/]*@)?/, '').replace(/[/?].*$/, '');
}

/** Takes the server's URI and the database's name; gives an open connection. Throws StartError when none answers. */
export async function openDatabase(uri: string, database: string): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    dbName: database,
    autoIndex: false,
    autoCreate: false,
    monitorCommands: true,
    retryWrites: true,
    serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
    maxPoolSize: 32,
    writeConcern: { w: 'majority' },
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.close();
    throw new StartError(
      `no MongoDB answers at ${hostsOf(uri)}; start it, correct MONGODB_URI, or unset it to use the embedded database`,
      { cause: error },
    );
  }
}

/** Takes the call; gives the milliseconds that are left for a query. Refuses when there are none. */
export function timeLeftMs(call: Call): number {
  const leftMs = Math.floor(call.deadlineMs - systemClock.now().getTime());
  if (leftMs < 1) throw refuse('STORE_UNAVAILABLE', 'The time for this request is over.');
  return leftMs;
}

/** Takes the call, the index that the query uses and the most documents it may give; gives the query's options. */
export function bounded(call: Call, index: string, limit: number): QueryOptions {
  // All in one batch: by itself MongoDB gives 101 documents and has to be asked again for the rest.
  return { ...timed(call), hint: index, limit, batchSize: limit + 1, lean: true };
}

/** More than an aggregation of ours gives, so that its result comes in one batch too. */
const GROUPS_BATCH_SIZE = 10_000;

interface CallBounds {
  readonly maxTimeMS: number;
  readonly comment: string;
  readonly signal?: AbortSignal;
}

interface AggregationBounds extends CallBounds {
  readonly hint: string;
  readonly batchSize: number;
}

/** Takes the call and an index; gives the options of an aggregation, whose limits stand in its stages. */
export function boundedAggregation(call: Call, index: string): AggregationBounds {
  return { ...timed(call), hint: index, batchSize: GROUPS_BATCH_SIZE };
}

function timed(call: Call): CallBounds {
  const bounds = { maxTimeMS: timeLeftMs(call), comment: call.callId };
  return call.signal === undefined ? bounds : { ...bounds, signal: call.signal };
}
