// Whether there is an entity cache, and of which kind: what the settings say. Off unless an operator wants it, as it needs
// a broker on which every subgraph tells its changes, and makes answers to others up to some hundred milliseconds older.
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { StartError } from '../../platform/lifecycle.ts';
import type { Log } from '../../platform/log.ts';
import type { Observer } from '../observe/observer.ts';
import type { CacheStore, StoreSize } from './cacheStore.ts';
import type { RunningEntityCache } from './openEntityCache.ts';

/** What opening takes. */
export interface WantedCacheParts {
  readonly config: Config;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly log: Log;
  /** Something changed: who asks from now on is not given what is being answered already. */
  readonly notePassing: () => void;
}

/** How many entities are kept in memory, and how many dropped tags are remembered: far above what 10 s bring. */
const ENTRIES_MAX = 200_000;
const TAGS_MAX = 100_000;
const MIB = 1024 * 1024;
/** How full no cache is. */
export const NOTHING_KEPT: StoreSize = { entries: 0, bytes: 0 };

async function openStore(config: Config, clock: Clock, log: Log): Promise<CacheStore> {
  if (config.CRM_ENTITY_CACHE === 'redis') {
    const { REDIS_URL: url, CRM_TENANT_ID: tenantId } = config;
    if (url === undefined) throw new StartError('CRM_ENTITY_CACHE=redis needs REDIS_URL');
    const { openRedis } = await import('../shared/openRedis.ts');
    const { openRedisStore } = await import('./redisStore.ts');
    return openRedisStore({ redis: await openRedis(url, log, clock), tenantId, clock, log });
  }
  const { openMemoryStore } = await import('./memoryStore.ts');
  const bytesMax = config.CRM_ENTITY_CACHE_MIB_MAX * MIB;
  return openMemoryStore({ clock, bytesMax, entriesMax: ENTRIES_MAX, tagsMax: TAGS_MAX });
}

/** Opens the cache that the settings want; undefined where they want none. Throws StartError where it cannot be. */
export async function openWantedCache(parts: WantedCacheParts): Promise<RunningEntityCache | undefined> {
  const { config, observer, clock, log, notePassing } = parts;
  const { CRM_ENTITY_CACHE: kind, CRM_BROKER_URL: url, CRM_TENANT_ID: tenantId } = config;
  if (kind === 'off') return undefined;
  if (kind !== 'memory' && kind !== 'redis') throw new StartError('CRM_ENTITY_CACHE must be off, memory or redis');
  if (url === undefined)
    throw new StartError(`CRM_ENTITY_CACHE=${kind} needs CRM_BROKER_URL, whose events drop entities`);
  const { openBroker } = await import('../../sync/brokers/openBroker.ts');
  const { openEntityCache } = await import('./openEntityCache.ts');
  const broker = await openBroker(url, { name: 'gateway cache', log, clock });
  const store = await openStore(config, clock, log);
  return openEntityCache({ store, broker, tenantId, observer: observer.entityCache, clock, log, notePassing });
}
