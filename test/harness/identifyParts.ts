// Keys and requests for tests of the identify step: a store in memory that can be away, and heads of requests.
import { drawApiKey, printApiKey, type ApiKey } from '../../gateway/identify/apiKey.ts';
import type { ChangedKey, KeyReader, KeyRecord } from '../../gateway/identify/keyStore.ts';
import { openPeppers, type Peppers } from '../../gateway/identify/peppers.ts';
import type { RequestHead } from '../../gateway/identify/readCredential.ts';
import type { Log } from '../../platform/log.ts';
import { openLog } from '../../platform/log.ts';

/** What hashes the secrets of test keys. */
export const TEST_PEPPERS: Peppers = openPeppers(new Map([[1, Buffer.alloc(32, 7)]]));

/** A log that nobody reads. */
export const NO_LOG: Log = openLog('test', 'silent');

/** A key with its text and what is kept of it. */
export interface TestKey {
  readonly key: ApiKey;
  readonly text: string;
  readonly record: KeyRecord;
}

/** Draws a key that lasts until 1971; `changes` replaces parts of its record. */
export function drawTestKey(changes: Partial<KeyRecord> = {}): TestKey {
  const key = drawApiKey('test');
  const createdAt = new Date(0);
  const record: KeyRecord = {
    id: key.id,
    env: 'test',
    secrets: [{ ...TEST_PEPPERS.hash(key.secret), lastFour: key.secret.slice(-4), createdAt, endsAt: undefined }],
    owner: 'tests',
    purpose: 'tests',
    scopes: ['customers:read', 'orders:read'],
    contract: undefined,
    denial: 'refuse',
    registeredOnly: false,
    networks: [],
    limits: {
      pointsPerSecond: 1_000,
      pointsBurst: 10_000,
      requestsPerSecond: 100,
      concurrentRequestsMax: 20,
      pointsPerDay: undefined,
    },
    createdAt,
    createdBy: 'tests',
    expiresAt: new Date(365 * 86_400_000),
    revokedAt: undefined,
    revokedReason: undefined,
    lastUsedAt: undefined,
    lastUsedFrom: undefined,
    version: 1,
    ...changes,
  };
  return { key, text: printApiKey(key), record };
}

/** A store in memory: its records can be replaced, and it can be away. */
export interface TestStore extends KeyReader {
  readonly records: Map<string, KeyRecord>;
  /** The ids that were asked for, in order. */
  readonly asked: string[];
  /** What was noted, one entry a write. */
  readonly noted: ReadonlyMap<string, { readonly at: Date; readonly from: string }>[];
  /** What `changedSince` gives. */
  changed: ChangedKey[];
  isAway: boolean;
}

/** Opens a store with keys. */
export function openTestStore(...keys: readonly TestKey[]): TestStore {
  const store: TestStore = {
    records: new Map(keys.map(({ record }) => [record.id, record])),
    asked: [],
    noted: [],
    changed: [],
    isAway: false,
    find(id) {
      store.asked.push(id);
      return store.isAway ? Promise.reject(new Error('away')) : Promise.resolve(store.records.get(id));
    },
    changedSince: () => (store.isAway ? Promise.reject(new Error('away')) : Promise.resolve(store.changed)),
    noteUses(uses) {
      if (store.isAway) return Promise.reject(new Error('away'));
      store.noted.push(uses);
      return Promise.resolve();
    },
  };
  return store;
}

/** The head of a request with an Authorization header. */
export function headWith(authorization: string, address = '192.0.2.1'): RequestHead {
  return { rawHeaders: ['Host', 'localhost', 'Authorization', authorization], url: '/graphql', address };
}

/** The head of a request with a key. */
export function headOf(key: TestKey, address = '192.0.2.1'): RequestHead {
  return headWith(`Bearer ${key.text}`, address);
}

/** A key of the same id with another secret: shape and checksum are right. */
export function withWrongSecret({ key, record }: TestKey): TestKey {
  const wrong = drawApiKey('test', key.id);
  return { key: wrong, text: printApiKey(wrong), record };
}
