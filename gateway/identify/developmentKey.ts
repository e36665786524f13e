// A key for whoever tries the graph out on this machine: a test key with every scope of the graph, kept in a file that
// its owner alone can read, used again as long as it is good. Never for production: nothing there calls it.
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Clock } from '../../platform/clock.ts';
import { drawId } from '../../platform/random.ts';
import { parseApiKey } from './apiKey.ts';
import type { KeyOffice } from './keyOffice.ts';
import type { KeyReader, KeyRecord } from './keyStore.ts';
import type { Peppers } from './peppers.ts';

/** What a development key is made of. */
export interface DevelopmentKeyParts {
  readonly office: Pick<KeyOffice, 'create' | 'revoke'>;
  readonly store: Pick<KeyReader, 'find'>;
  readonly peppers: Peppers;
  readonly clock: Clock;
  /** Every scope of the graph. */
  readonly scopes: readonly string[];
  /** The file that remembers it, in a folder that is there. */
  readonly path: string;
}

/** The key, and whether it was made now. */
export interface DevelopmentKey {
  readonly text: string;
  readonly isNew: boolean;
}

const DAY_MS = 86_400_000;
const LIFE_DAYS = 90;
/** One that ends within a day is made anew: it must not end while somebody works with it. */
const LEFT_DAYS_MIN = 1;
const OWNER_ALONE = 0o600;
const ASKER = { actor: 'start:development', reason: 'the key for trying the graph out' };
const LIMITS = {
  ...{ pointsPerSecond: 100_000, pointsBurst: 1_000_000, requestsPerSecond: 10_000, concurrentRequestsMax: 1_000 },
  pointsPerDay: undefined,
};

async function readRemembered(path: string): Promise<string | undefined> {
  return existsSync(path) ? (await readFile(path, 'utf8')).trim() : undefined;
}

/** A file of its own that then takes the place: an older one keeps its mode, whatever that was. */
async function remember(path: string, text: string): Promise<void> {
  const beside = `${path}.${drawId()}`;
  await writeFile(beside, `${text}\n`, { mode: OWNER_ALONE, flag: 'wx' });
  await rename(beside, path);
}

function isGood(record: KeyRecord, { clock, scopes }: DevelopmentKeyParts): boolean {
  const leftMs = record.expiresAt.getTime() - clock.now().getTime();
  const isSame = record.scopes.length === scopes.length && scopes.every((scope) => record.scopes.includes(scope));
  return record.revokedAt === undefined && leftMs > LEFT_DAYS_MIN * DAY_MS && isSame;
}

/** Gives the key of the file while it is good for all scopes of the graph; else makes one and ends the one before. */
export async function ensureDevelopmentKey(parts: DevelopmentKeyParts): Promise<DevelopmentKey> {
  const { office, store, peppers, clock, path } = parts;
  const text = await readRemembered(path);
  const key = text === undefined ? undefined : parseApiKey(text);
  const record = key && (await store.find(key.id));
  const isOurs = key !== undefined && record?.secrets.some((stored) => peppers.matches(key.secret, stored)) === true;
  if (text !== undefined && record !== undefined && isOurs && isGood(record, parts)) return { text, isNew: false };

  const made = await office.create(
    'test',
    {
      ...{ owner: 'developer', purpose: 'trying the graph out on this machine', limits: LIMITS },
      ...{ scopes: [...parts.scopes], contract: undefined, denial: 'refuse', registeredOnly: false, networks: [] },
      expiresAt: new Date(clock.now().getTime() + LIFE_DAYS * DAY_MS),
    },
    ASKER,
  );
  await remember(path, made.text);
  if (record !== undefined && isOurs && record.revokedAt === undefined) {
    await office.revoke(record.id, { ...ASKER, reason: 'another one took its place' });
  }
  return { text: made.text, isNew: true };
}
