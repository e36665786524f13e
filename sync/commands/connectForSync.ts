// The connection to the database of schedules and states, for whoever opens it from outside.
import type { Connection } from 'mongoose';
import { hostsOf } from '../../platform/gatewayDatabase.ts';
import { StartError } from '../../platform/lifecycle.ts';
import { openSyncDatabase } from '../connectors/run/sourceStates.ts';

/** Takes the server's URI and the prefix of databases; gives `<prefix>_sync`. Throws StartError where none answers. */
export async function connectForSync(uri: string, prefix: string): Promise<Connection> {
  try {
    return await openSyncDatabase(uri, prefix);
  } catch (error) {
    throw new StartError(`no MongoDB answers at ${hostsOf(uri)}; start it, or correct MONGODB_URI`, { cause: error });
  }
}
