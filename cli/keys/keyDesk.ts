// What a command on keys works with: the gateway's database, the peppers and the feed to running gateways, opened for one
// command and closed behind it.
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { KeyOffice } from '../../gateway/identify/keyOffice.ts';
import type { MongoKeys } from '../../gateway/identify/mongoKeys.ts';
import type { Peppers } from '../../gateway/identify/peppers.ts';
import { readConfig, type Config } from '../../platform/config.ts';
import { systemClock } from '../../platform/clock.ts';
import { openLog } from '../../platform/log.ts';

/** What a command may use. */
export interface KeyDesk extends Pick<MongoKeys, 'store' | 'audit'> {
  /** Throws StartError without peppers: only what makes or proves secrets needs them. */
  office(supergraphPath?: string): Promise<KeyOffice>;
  /** Who runs the command, as the audit log names them. */
  readonly actor: string;
  readonly now: Date;
}

const UNUSED_PEPPERS: Peppers = {
  hash() {
    throw new Error('peppers were not read');
  },
  matches: () => false,
};

async function announce(config: Config, id: string, version: number): Promise<void> {
  const { REDIS_URL: url } = config;
  if (url === undefined) return;
  const { openRedis } = await import('../../gateway/shared/openRedis.ts');
  const { openSharedFeed } = await import('../../gateway/identify/revocations.ts');
  const redis = await openRedis(url, openLog('keys', 'silent'));
  try {
    await openSharedFeed(redis).announce(id, version);
  } catch {
    process.stderr.write('Redis does not answer: running gateways learn of it within 10 seconds\n');
  } finally {
    redis.close();
  }
}

async function knownScopes(path: string | undefined): Promise<readonly string[] | undefined> {
  if (path === undefined) return undefined;
  const { readKnownScopes } = await import('../../gateway/identify/knownScopes.ts');
  return readKnownScopes(readFileSync(path, 'utf8'));
}

function actorName(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return 'cli:unknown';
  }
}

/** Opens it, runs a task with it, and closes it. `secrets`: whether the task makes secrets. */
export async function withKeyDesk<R>(secrets: boolean, task: (desk: KeyDesk) => Promise<R>): Promise<R> {
  const config = readConfig();
  // Only now: wrong usage and help need no database driver, which takes its time to load.
  const { openKeysDatabase, peppersOf } = await import('../../gateway/identify/openKeys.ts');
  const peppers = secrets ? peppersOf(config) : UNUSED_PEPPERS;
  const database = await openKeysDatabase(config, systemClock);
  const { store, audit } = database;
  const office = async (supergraphPath?: string): Promise<KeyOffice> => {
    const known = await knownScopes(supergraphPath);
    return new KeyOffice({
      store,
      audit,
      peppers,
      clock: systemClock,
      announce: (id, version) => announce(config, id, version),
      granting: () => ({ known, held: undefined }),
    });
  };
  try {
    return await task({ store, audit, office, actor: actorName(), now: systemClock.now() });
  } finally {
    await database.stop();
  }
}
