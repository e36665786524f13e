// The way from the gateway to its own database, which holds keys and their audit log and nothing of the subgraphs: one
// connection with safe settings, its collections and indexes made when it opens.
import mongoose, { type Connection } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';
import { hostsOf } from '../../platform/gatewayDatabase.ts';
import { StartError } from '../../platform/lifecycle.ts';
import type { AuditLog } from './audit.ts';
import type { KeyStore } from './keyStore.ts';
import { auditModel, MongoAuditLog } from './mongoAuditLog.ts';
import { keyModel, MongoKeyStore } from './mongoKeyStore.ts';

mongoose.set('sanitizeFilter', true);
mongoose.set('strictQuery', 'throw');

const SELECTION_TIMEOUT_MS = 5_000;
/** No command of ours takes longer where all is well; a request that waits for one is refused before. */
const COMMAND_TIMEOUT_MS = 5_000;
const POOL_MAX = 16;
const NAMESPACE_EXISTS = 48;

/** Where the gateway's own database is. */
export interface MongoKeysSettings {
  readonly uri: string;
  /** The database's name, as `crm_gateway`. */
  readonly database: string;
  readonly clock: Clock;
}

/** The open database. */
export interface MongoKeys {
  readonly store: KeyStore;
  readonly audit: AuditLog;
  stop(): Promise<void>;
}

async function connect({ uri, database }: MongoKeysSettings): Promise<Connection> {
  let connection: Connection | undefined;
  try {
    connection = mongoose.createConnection(uri, {
      dbName: database,
      autoIndex: false,
      autoCreate: false,
      retryWrites: true,
      serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
      socketTimeoutMS: COMMAND_TIMEOUT_MS * 2,
      maxPoolSize: POOL_MAX,
      writeConcern: { w: 'majority' },
      readConcern: { level: 'majority' },
    });
    return await connection.asPromise();
  } catch (error) {
    await connection?.close();
    throw new StartError(`no MongoDB answers at ${hostsOf(uri)}; start it, or correct CRM_KEYS_URI or MONGODB_URI`, {
      cause: error,
    });
  }
}

/** In a transaction no collection is made: they are there before the first. Another process may be as fast. */
async function makeCollections(connection: Connection): Promise<void> {
  for (const model of [keyModel(connection), auditModel(connection)]) {
    try {
      await model.createCollection();
    } catch (error) {
      if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
    }
    await model.createIndexes();
  }
}

/** Opens the database. Throws StartError where no server answers. */
export async function openMongoKeys(settings: MongoKeysSettings): Promise<MongoKeys> {
  const connection = await connect(settings);
  try {
    await makeCollections(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const audit = new MongoAuditLog(auditModel(connection), (task) =>
    connection.withSession(async (session) => {
      await session.withTransaction(() => task(session));
    }),
  );
  return {
    store: new MongoKeyStore(keyModel(connection), audit, settings.clock),
    audit,
    stop: () => connection.close(),
  };
}
