// What `npm start` gives a gateway that asks for keys: peppers and a development key, both kept in the data folder where
// their owner alone can read them. For trying the graph out: a production makes its own (docs/guide/operators.md).
import { existsSync } from 'node:fs';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDevelopmentKey, type DevelopmentKey } from '../gateway/identify/developmentKey.ts';
import { KeyOffice } from '../gateway/identify/keyOffice.ts';
import { readKnownScopes } from '../gateway/identify/knownScopes.ts';
import { readConfig } from '../platform/config.ts';
import { systemClock } from '../platform/clock.ts';
import { drawId, drawSecret } from '../platform/random.ts';
import { developmentKeyPath } from './clientKey.ts';

const OWNER_ALONE = 0o600;
const PEPPER_BYTES = 32;
const PROOF_SECRET_BYTES = 32;

/** Written beside, then put in its place whole: another start at the same moment uses what came first. */
async function makeSecret(path: string, text: string): Promise<void> {
  const draft = `${path}.${drawId()}`;
  await writeFile(draft, text, { mode: OWNER_ALONE, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    await unlink(draft);
  }
}

async function ensureSecret(dataPath: string, name: string, text: string): Promise<string> {
  const path = join(dataPath, name);
  await mkdir(dataPath, { recursive: true });
  if (!existsSync(path)) await makeSecret(path, text);
  await chmod(path, OWNER_ALONE);
  return path;
}

/** Takes the data folder; gives the file of its peppers, made where there was none. */
export function ensurePeppers(dataPath: string): Promise<string> {
  return ensureSecret(dataPath, 'key-peppers', `1=${drawSecret(PEPPER_BYTES)}\n`);
}

/** Takes the data folder; gives the file of the secret that proofs are signed with, which `crm-graph sync` reads too. */
export function ensureProofSecret(dataPath: string): Promise<string> {
  return ensureSecret(dataPath, 'proof-secret', `${drawSecret(PROOF_SECRET_BYTES)}\n`);
}

/** Where a development key is made. */
export interface KeyPlace {
  readonly dataPath: string;
  /** The composed supergraph, whose every scope the key has. */
  readonly supergraphPath: string;
  /** The gateway's environment: the database of its keys and its peppers. */
  readonly env: Readonly<Record<string, string>>;
}

/** A key for whoever started the graph, with the number of its scopes. */
export interface StartedKey extends DevelopmentKey {
  readonly scopeCount: number;
  readonly path: string;
}

/** Gives the development key of the data folder, made anew where it is not good. Throws StartError without a database. */
export async function openDevelopmentKey({ dataPath, supergraphPath, env }: KeyPlace): Promise<StartedKey> {
  const config = readConfig([], env);
  // Only now: faulty settings are told without the database driver, which takes its time to load.
  const { openKeysDatabase, peppersOf } = await import('../gateway/identify/openKeys.ts');
  const peppers = peppersOf(config);
  const scopes = readKnownScopes(await readFile(supergraphPath, 'utf8'));
  const database = await openKeysDatabase(config, systemClock);
  const { store, audit } = database;
  try {
    const office = new KeyOffice({
      ...{ store, audit, peppers, clock: systemClock },
      // The gateway starts after this, so that nobody knows an older key.
      announce: () => Promise.resolve(),
      granting: () => ({ known: scopes, held: undefined }),
    });
    const path = developmentKeyPath(dataPath);
    const key = await ensureDevelopmentKey({ office, store, peppers, clock: systemClock, scopes, path });
    return { ...key, scopeCount: scopes.length, path };
  } finally {
    await database.stop();
  }
}
