// Which database is the gateway's own: its keys, their audit log and the use of the schema lie there, nothing of the
// subgraphs. One rule for whoever opens it: the gateway, the command line, the registry.
import type { Config } from './config.ts';

/** The settings that say where it is. */
export type GatewayDatabaseConfig = Pick<
  Config,
  'CRM_KEYS_URI' | 'MONGODB_URI' | 'CRM_MONGO_HOST' | 'CRM_MONGO_PORT' | 'CRM_DATABASE_PREFIX'
>;

/** Where a database is. */
export interface DatabaseAddress {
  readonly uri: string;
  /** Its name, as `crm_gateway`. */
  readonly database: string;
}

/** Takes the settings; gives where the gateway's database is: in the embedded server where no other is named. */
export function gatewayDatabaseOf(config: GatewayDatabaseConfig): DatabaseAddress {
  const embedded = `mongodb://${config.CRM_MONGO_HOST}:${config.CRM_MONGO_PORT}`;
  const uri = config.CRM_KEYS_URI ?? config.MONGODB_URI ?? embedded;
  return { uri, database: `${config.CRM_DATABASE_PREFIX}_gateway` };
}

/** Gives the servers of an address, without the name and the password in it, for messages. */
export function hostsOf(uri: string): string {
  return uri.replace(/^mongodb(\+srv)?:\/\/([^@/]*@)?/, '').replace(/[/?].*$/, '');
}
