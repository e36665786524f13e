// What a command on schedules works with: the settings, the sources of the file, the schedules in the database, and what
// runs need. Opened for one command and closed after it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { systemClock } from '../../platform/clock.ts';
import { readConfig, type Config } from '../../platform/config.ts';
import { drawId } from '../../platform/random.ts';
import type { SyncConfig } from '../connectors/readSyncConfig.ts';
import { openRunDeps, type RunDeps } from '../connectors/run/runDeps.ts';
import { openMongoSchedules } from '../scheduler/mongoSchedules.ts';
import type { ScheduleStore } from '../scheduler/scheduleStore.ts';
import { connectForSync } from './connectForSync.ts';
import { readSources } from './syncFile.ts';

/** A command cannot be done as it was asked: the message is for people. */
export class SyncRefusal extends Error {
  override readonly name = 'SyncRefusal';
}

/** What commands work with. */
export interface SyncDesk {
  readonly config: Config;
  readonly sources: SyncConfig['sources'];
  readonly store: ScheduleStore;
  /** Open on `<prefix>_sync`. */
  readonly connection: Connection;
  /** Opens what runs need. Throws StartError where a setting is missing. */
  openDeps(): RunDeps;
}

/** `npm start` keeps the secret that it drew, so that commands beside it can speak to its subgraphs. */
const KEPT_SECRET = 'proof-secret';

function withKeptSecret(config: Config): Config {
  const path = join(config.CRM_DATA_PATH, KEPT_SECRET);
  if (config.CRM_PROOF_SECRET !== undefined || !existsSync(path)) return config;
  const kept = readConfig([], { CRM_PROOF_SECRET_FILE: path });
  return { ...config, CRM_PROOF_SECRET: kept.CRM_PROOF_SECRET };
}

/** Takes a task; gives what it gives. Throws ConfigError and StartError where the desk cannot be opened. */
export async function withSyncDesk<R>(task: (desk: SyncDesk) => Promise<R>): Promise<R> {
  const config = withKeptSecret(readConfig());
  const sources = readSources(config);
  const uri = config.MONGODB_URI ?? `mongodb://${config.CRM_MONGO_HOST}:${config.CRM_MONGO_PORT}`;
  const connection = await connectForSync(uri, config.CRM_DATABASE_PREFIX);
  try {
    const store = await openMongoSchedules({ connection, holder: `command-${drawId()}`, clock: systemClock });
    return await task({ config, sources, store, connection, openDeps: () => openRunDeps(config, connection) });
  } finally {
    await connection.close();
  }
}

/** Takes the sources and a name; gives the source. Throws SyncRefusal with the names that there are. */
export function sourceNamed({ sources }: Pick<SyncDesk, 'sources'>, name: string) {
  const found = sources.get(name);
  if (found !== undefined) return found;
  const known = [...sources.keys()].join(', ');
  throw new SyncRefusal(
    known === '' ? 'there are no sources: see docs/connectors.md' : `there is no source ${name}: there are ${known}`,
  );
}
