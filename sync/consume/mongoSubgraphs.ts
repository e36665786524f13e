// The databases of all subgraphs, for commands that look after events: opened for one command and closed behind it.
import mongoose from 'mongoose';
import { hostsOf } from '../../platform/gatewayDatabase.ts';
import { StartError } from '../../platform/lifecycle.ts';
import { MongoConsumeStore } from './mongoConsumeStore.ts';

const SELECTION_TIMEOUT_MS = 5_000;
/** The subgraphs whose databases hold outboxes, inboxes and parked events. */
export const SUBGRAPHS = ['customers', 'orders', 'marketing'] as const;

/** One subgraph's database. */
export interface SubgraphDatabase {
  readonly subgraph: string;
  /** Its outbox lies here. */
  readonly db: mongoose.mongo.Db;
  /** What its consumers remember. */
  readonly store: MongoConsumeStore;
}

/** Takes the server's address and the prefix; gives the databases and what closes them. Throws StartError. */
export async function openSubgraphDatabases(
  uri: string,
  prefix: string,
): Promise<{ readonly databases: readonly SubgraphDatabase[]; readonly close: () => Promise<void> }> {
  const connection = mongoose.createConnection(uri, {
    autoIndex: false,
    autoCreate: false,
    serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
    writeConcern: { w: 'majority' },
  });
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.close();
    throw new StartError(`no MongoDB answers at ${hostsOf(uri)}: start it, or correct MONGODB_URI`, { cause: error });
  }
  const databases = SUBGRAPHS.map((subgraph) => {
    const own = connection.useDb(`${prefix}_${subgraph}`);
    return { subgraph, db: connection.getClient().db(own.name), store: new MongoConsumeStore(own) };
  });
  return { databases, close: () => connection.close() };
}
