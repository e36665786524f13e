// Opens what manages keys by the settings, for whoever does it: the command line and the gateway's admin port. The
// request's way takes the store and the peppers alone.
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { gatewayDatabaseOf, type GatewayDatabaseConfig } from '../../platform/gatewayDatabase.ts';
import { StartError } from '../../platform/lifecycle.ts';
import { openMongoKeys, type MongoKeys } from './mongoKeys.ts';
import { openPeppers, PeppersError, readPeppers, type Peppers } from './peppers.ts';

/** Opens the gateway's own database; the embedded one where no server is named. Throws StartError where none answers. */
export function openKeysDatabase(config: GatewayDatabaseConfig, clock: Clock): Promise<MongoKeys> {
  return openMongoKeys({ ...gatewayDatabaseOf(config), clock });
}

/** Reads the peppers. Throws StartError where they are missing or cannot be used. */
export function peppersOf({ CRM_KEY_PEPPERS: text }: Pick<Config, 'CRM_KEY_PEPPERS'>): Peppers {
  if (text === undefined) {
    throw new StartError('CRM_KEY_PEPPERS_FILE is missing: make one with  echo "1=$(openssl rand -hex 32)" > peppers');
  }
  try {
    return openPeppers(readPeppers(text));
  } catch (error) {
    if (error instanceof PeppersError) throw new StartError(`CRM_KEY_PEPPERS: ${error.message}`, { cause: error });
    throw error;
  }
}
