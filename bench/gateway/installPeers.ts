// Installs the peers that nothing else of this repository needs, on the first run that measures one of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inheritedEnvironment } from '../../platform/config.ts';
import { PEERS_FOLDER, type Peer } from './peers.ts';

/** Written by npm when an install is whole. */
const INSTALLED_MARK = 'node_modules/.package-lock.json';

/** Installs what the peers need, where it is not there yet; gives the reason where that fails. No script is run. */
export async function installPeers(peers: readonly Peer[], say: (line: string) => void): Promise<string | undefined> {
  if (!peers.some(({ installed }) => installed) || existsSync(join(PEERS_FOLDER, INSTALLED_MARK))) return undefined;
  say('installing the peers (once, about 550 MB) into bench/gateway/peers/node_modules');
  const child = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: PEERS_FOLDER,
    env: inheritedEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0 ? undefined : `npm ci in bench/gateway/peers ended with ${String(code)}`;
  } catch (error) {
    return `npm could not be run: ${error instanceof Error ? error.message : String(error)}`;
  }
}
