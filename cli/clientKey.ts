// The key that our own clients of a gateway show: one that is named, CRM_API_KEY, or the development key of `npm start`.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig, type Config } from '../platform/config.ts';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** What a person may read who was answered 401. */
export const KEY_ADVICE = 'give a key by CRM_API_KEY or --key-file; npm start makes one, npm run keys -- create too';

/** Where the development key lies. Takes the data folder. */
export function developmentKeyPath(dataPath: string): string {
  return join(dataPath, 'development-key');
}

function readKeyFile(path: string): string {
  return readFileSync(path, 'utf8').trim();
}

/**
 * Takes the gateway's URL and the file that was named; gives the headers that show the key, none without one. The
 * development key goes to this machine alone. Throws what the file system throws for a named file.
 */
export function keyHeaders(
  url: string,
  keyFile: string | undefined,
  config: Pick<Config, 'CRM_API_KEY' | 'CRM_DATA_PATH'> = readConfig(),
): Readonly<Record<string, string>> {
  const path = developmentKeyPath(resolve(TOP, config.CRM_DATA_PATH));
  const isHere = LOOPBACK.test(new URL(url).hostname);
  let key: string | undefined;
  if (keyFile !== undefined) key = readKeyFile(keyFile);
  else if (config.CRM_API_KEY !== undefined) key = config.CRM_API_KEY;
  else if (isHere && existsSync(path)) key = readKeyFile(path);
  return key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` };
}
