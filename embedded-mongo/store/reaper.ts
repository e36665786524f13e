// Removes documents whose time is over (TTL indexes), a few at a time, so that no client waits long for it.
import type { Log } from '../../platform/log.ts';
import { encodeKey } from '../values/keyEncoding.ts';
import { decodeExact } from '../values/bsonCodec.ts';
import { KIND } from '../values/kinds.ts';
import { LockWait } from '../transactions/locks.ts';
import type { CollectionInfo, IndexInfo } from './catalogEntries.ts';
import type { Store } from './store.ts';
import type { Interval } from './tableReader.ts';

const REMOVED_MAX = 1_000;

function expiredIn(index: IndexInfo, now: Date): Interval | undefined {
  const [field] = index.fields;
  if (index.expireAfterSeconds === undefined || !field || index.fields.length > 1) return undefined;
  const latest = encodeKey(new Date(now.getTime() - index.expireAfterSeconds * 1000), field.descending);
  const start = Buffer.of(KIND.date);
  if (!field.descending) return { lo: start, hi: Buffer.concat([latest, Buffer.of(0xff)]) };
  return { lo: latest, hi: Buffer.of((~KIND.date & 0xff) + 1) };
}

function removeExpired(store: Store, collection: CollectionInfo, index: IndexInfo, interval: Interval): number {
  return store.write(() => {
    const options = { reverse: false, withDocs: true, firstChunk: REMOVED_MAX };
    const rows = new Map<number, Uint8Array>();
    for (const { row, bytes } of store.reader.scanIndex(collection, index, interval, options)) {
      if (bytes) rows.set(row, bytes);
      if (rows.size >= REMOVED_MAX) break;
    }
    for (const [row, bytes] of rows) store.writer.remove(collection, row, decodeExact(bytes));
    return rows.size;
  });
}

/** Removes what has expired at `now`; gives how many documents went. What a transaction holds is left for the next time. */
export function reap(store: Store, now: Date, log: Log): number {
  let removed = 0;
  for (const collection of store.catalog.list()) {
    for (const index of collection.indexes) {
      const interval = expiredIn(index, now);
      if (!interval || store.reader.countKeys(collection, index, interval, 1) === 0) continue;
      try {
        removed += removeExpired(store, collection, index, interval);
      } catch (error) {
        if (!(error instanceof LockWait)) log.error({ err: error }, 'expired documents could not be removed');
      }
    }
  }
  return removed;
}
