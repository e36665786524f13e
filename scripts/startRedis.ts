// Finds a real `redis-server` for the tests, and fetches Debian's package where there is none. Nothing is started as a
// service, and nothing but the system's own packages is asked. `node scripts/startRedis.ts` prints the program's path.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../platform/config.ts';

/** A `redis-server` that can be started: the program, and what its libraries need. */
export interface RedisProgram {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

const CACHE = fileURLToPath(new URL('../node_modules/.cache/redis', import.meta.url));
const PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1', 'libsystemd0', 'libssl3'];
const APT_TIMEOUT_MS = 300_000;
const HOW_TO_HELP =
  'There is no redis-server, and it could not be fetched. Install Redis 6 or later so that `redis-server` is on the ' +
  'PATH: `apt-get install redis-server` on Debian and Ubuntu, `dnf install redis` on Fedora, `brew install redis` on macOS.';

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findOnPath(name: string): string | undefined {
  const folders = (inheritedEnvironment()['PATH'] ?? '').split(delimiter);
  return [...folders, '/usr/bin', '/usr/local/bin'].map((folder) => join(folder, name)).find(canRun);
}

function findInCache(): RedisProgram | undefined {
  const path = join(CACHE, 'usr/bin/redis-server');
  if (!canRun(path)) return undefined;
  const libraries = ['lib', 'usr/lib'].map((name) => join(CACHE, name)).filter((folder) => existsSync(folder));
  const folders = libraries.flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))]);
  return { path, env: { LD_LIBRARY_PATH: folders.join(delimiter) } };
}

function apt(cwd: string, ...words: readonly string[]): void {
  const env = { ...inheritedEnvironment(), DEBIAN_FRONTEND: 'noninteractive' };
  // Two test workers may come at once: the second waits for the first.
  const all = ['-q', '-o', 'DPkg::Lock::Timeout=120', ...words];
  execFileSync('apt-get', all, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'], timeout: APT_TIMEOUT_MS });
}

/** As root: into the system. Its service is not needed: where it cannot be started, the program is there all the same. */
function installForAll(): void {
  apt(tmpdir(), 'update');
  try {
    apt(tmpdir(), 'install', '-y', '--no-install-recommends', 'redis-server');
  } catch (error) {
    if (findOnPath('redis-server') === undefined) throw error;
  }
}

/** As anybody: the package and its libraries unpacked into a folder of our own, which appears when it is whole. */
function unpackForUs(): void {
  const work = mkdtempSync(join(tmpdir(), 'redis-'));
  const root = `${CACHE}.${process.pid}`;
  try {
    for (const name of PACKAGES) {
      try {
        apt(work, 'download', name);
      } catch (error) {
        // Which libraries there are differs by release; the program itself must come.
        if (name.startsWith('redis')) throw error;
      }
    }
    mkdirSync(root, { recursive: true });
    for (const file of readdirSync(work)) {
      execFileSync('dpkg', ['-x', join(work, file), root], { stdio: ['ignore', 'ignore', 'pipe'] });
    }
    if (findInCache() === undefined) renameSync(root, CACHE);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(root, { recursive: true, force: true });
  }
}

function find(): RedisProgram | undefined {
  const path = findOnPath('redis-server');
  return path === undefined ? findInCache() : { path, env: {} };
}

/**
 * Gives a `redis-server`: the one on the PATH, or else Debian's, fetched now (half a minute, once). Throws where there
 * is none and it cannot be fetched, with what to do.
 */
export function obtainRedis(): RedisProgram {
  const found = find();
  if (found !== undefined) return found;
  let reason = 'there is no apt-get here';
  if (findOnPath('apt-get') !== undefined) {
    try {
      if (process.getuid?.() === 0) installForAll();
      else unpackForUs();
      reason = 'the package holds no redis-server';
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  const fetched = find();
  if (fetched === undefined) throw new Error(`${HOW_TO_HELP}\n(${reason})`);
  const env = { ...inheritedEnvironment(), ...fetched.env };
  execFileSync(fetched.path, ['--version'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  return fetched;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(obtainRedis().path);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
