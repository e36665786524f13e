// Automatic persisted queries that several gateways share: in this gateway's memory first, in Redis behind it. What
// Redis gives is hashed again, so that whoever writes there cannot put another document under a hash.
import { hashDocument, openMemoryQueries, type PersistedQueries } from '../admit/persistedQueries.ts';
import type { SharedRedis } from './openRedis.ts';

const KEPT_S = 86_400;

/** Takes a shared Redis; gives the store. With Redis away, the memory is all there is. */
export function openSharedQueries(redis: SharedRedis): PersistedQueries {
  const memory = openMemoryQueries();
  const keyOf = (hash: string): string => `crm:query:${hash}`;
  async function ask(hash: string): Promise<string | undefined> {
    const found = await redis.send('GETEX', keyOf(hash), 'EX', KEPT_S).catch(() => undefined);
    if (typeof found !== 'string' || hashDocument(found) !== hash) return undefined;
    memory.keep(hash, found);
    return found;
  }
  return {
    find: (hash) => memory.find(hash) ?? (redis.isReady ? ask(hash) : undefined),
    keep(hash, document) {
      if (memory.find(hash) === document) return;
      memory.keep(hash, document);
      if (redis.isReady) redis.send('SET', keyOf(hash), document, 'EX', KEPT_S).catch(() => undefined);
    },
  };
}
