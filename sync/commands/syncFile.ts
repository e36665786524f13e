// Which file says what outside sources there are, for the process of schedules, the command line and `npm start`.
import { existsSync } from 'node:fs';
import type { Config } from '../../platform/config.ts';
import { readSyncConfig, type SyncConfig } from '../connectors/readSyncConfig.ts';

const SYNC_FILE = 'sync.yaml';

/** Takes the settings; gives the file of sources, or undefined where none is named and there is none here. */
export function syncFileOf({ CRM_SYNC_CONFIG: named }: Pick<Config, 'CRM_SYNC_CONFIG'>): string | undefined {
  return named ?? (existsSync(SYNC_FILE) ? SYNC_FILE : undefined);
}

/** Takes the settings; gives the sources, none where there is no file. Throws StartError with each fault of the file. */
export function readSources(config: Pick<Config, 'CRM_SYNC_CONFIG'>): SyncConfig['sources'] {
  const path = syncFileOf(config);
  return path === undefined ? new Map() : readSyncConfig(path).sources;
}
