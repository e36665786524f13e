// Opens what manages keys by the settings, for whoever does it: the command line and the gateway's admin port. The
// request's way takes the store and the peppers alone.
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { StartError } from '../../platform/lifecycle.ts';
import { openMongoKeys, type MongoKeys } from './mongoKeys.ts';
import { openPeppers, PeppersError, readPeppers, type Peppers } from './peppers.ts';

type KeysConfig = Pick<
  Config,
  'CRM_KEYS_URI' | 'MONGODB_URI' | 'CRM_MONGO_HOST' | 'CRM_MONGO_PORT' | 'CRM_DATABASE_PREFIX' | 'CRM_KEY_PEPPERS'
>;

/** Opens the gateway's own database; the embedded one where no server is named. Throws StartError where none answers. */
export function openKeysDatabase(config: KeysConfig, clock: Clock): Promise<MongoKeys> {
  const embedded = `mongodb://${config.CRM_MONGO_HOST}:${config.CRM_MONGO_PORT}`;
  const uri = config.CRM_KEYS_URI ?? config.MONGODB_URI ?? embedded;
  return openMongoKeys({ uri, database: `${config.CRM_DATABASE_PREFIX}_gateway`, clock });
}

/** Reads the peppers. Throws StartError where they are missing or cannot be used. */
export function peppersOf({ CRM_KEY_PEPPERS: text }: Pick<KeysConfig, 'CRM_KEY_PEPPERS'>): Peppers {
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
