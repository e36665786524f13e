// Opens the entity cache as the settings want it: its store, the feed of events that keeps it right, and what joins both.
// Loaded only where it is wanted.
import type { GraphEvent } from '../../contracts/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Broker } from '../../sync/brokers/broker.ts';
import type { EntityCache } from '../fetch/entityCache.ts';
import type { EntityCacheObserver } from '../observe/observer.ts';
import type { CacheStore, StoreSize } from './cacheStore.ts';
import { openCaching } from './entityCaching.ts';
import { droppedBy } from './entityTags.ts';
import { openEventFeed, type FeedListener } from './eventFeed.ts';

/** What the cache is made of. */
export interface EntityCacheParts {
  readonly store: CacheStore;
  readonly broker: Broker;
  readonly tenantId: string;
  readonly observer: EntityCacheObserver;
  readonly clock: Clock;
  readonly log: Log;
  /** Something changed: who asks from now on is not given what is being answered already. */
  readonly notePassing: () => void;
}

/** A cache that runs. */
export interface RunningEntityCache {
  /** Gives the cache of a supergraph, by its hash. */
  readonly ofGraph: (supergraphHash: string) => EntityCache;
  size(): StoreSize;
  /** Closes the broker too. */
  stop(): Promise<void>;
}

function openListener(parts: EntityCacheParts): FeedListener {
  const { store, tenantId, observer, clock, log, notePassing } = parts;
  return {
    changed(event: GraphEvent, subgraph) {
      if (event.tenantid !== tenantId) return undefined;
      notePassing();
      const tags = droppedBy(event);
      return new Promise((resolve) => {
        store.drop({ tags, source: subgraph, id: `${event.source} ${event.id}` }, () => {
          observer.eventTaken(clock.now().getTime() - Date.parse(event.time));
          resolve();
        });
      });
    },
    heardAgain(subgraph) {
      log.info({ subgraph }, 'its events are heard: entities are kept from now on');
      observer.dropped('silence');
      store.forget(subgraph);
    },
    unreadable() {
      log.error('an event could not be read: all kept entities are forgotten');
      observer.dropped('unreadable');
      notePassing();
      store.forget(undefined);
    },
  };
}

/** Opens the cache: nothing is given out before the events are heard. */
export function openEntityCache(parts: EntityCacheParts): RunningEntityCache {
  const { store, broker, tenantId, observer, clock, log } = parts;
  const feed = openEventFeed({ broker, clock, log, listener: openListener(parts) });
  const isFresh = (subgraph: string): boolean => feed.isFresh(subgraph);
  return {
    ofGraph: openCaching({ store, tenantId, observer, isFresh }),
    size: () => store.size(),
    async stop() {
      await feed.stop();
      await broker.close();
      store.close();
    },
  };
}
