// Starts a real PostgreSQL: Debian's server as a plain process with data of its own, on loopback. `node
// scripts/startPostgres.ts [--port 15432]` prints its URL and leaves it running; `--stop` ends it.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../platform/config.ts';
import { runBrokerCommand } from './brokerCommand.ts';
import { findPorts } from './findPorts.ts';
import { askPort, runServer, type RunningServer, type ServerRecipe } from './serverProcess.ts';
import { obtainProgram } from './systemPackages.ts';

const DEFAULT_PORT = 15_432;
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const OPEN_TO_ALL = 0o777;
const HOW_TO_HELP =
  'There is no PostgreSQL server. Install it so that `postgres` and `initdb` are on the PATH or in /usr/lib/postgresql: ' +
  '`apt-get install postgresql` on Debian and Ubuntu, `dnf install postgresql-server` on Fedora, `brew install postgresql` on macOS.';

function obtain(program: string): string {
  const look = (): string[] | undefined => {
    if (!existsSync(DEBIAN_FOLDER)) return undefined;
    return readdirSync(DEBIAN_FOLDER).map((version) => join(DEBIAN_FOLDER, version, 'bin'));
  };
  const folders = look();
  const wanted = { program, packages: ['postgresql'], howToHelp: HOW_TO_HELP };
  if (folders !== undefined) return obtainProgram({ ...wanted, folders });
  // Debian's package puts its programs beside the PATH, in a folder named by the version.
  obtainProgram({ ...wanted, program: 'pg_ctlcluster' });
  return obtainProgram({ ...wanted, folders: look() ?? [] });
}

/** Gives the path of PostgreSQL's server, installed now where it is missing; throws with what to do. */
export function obtainPostgres(): string {
  return obtain('postgres');
}

/** PostgreSQL refuses to run as root: the user of its package runs it then. */
function asOther(program: string, words: readonly string[]): { program: string; words: string[] } {
  if (process.getuid?.() !== 0) return { program, words: [...words] };
  const user = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  return { program: 'setpriv', words: [...user, program, ...words] };
}

function prepare(port: number, folder: string): ServerRecipe {
  const server = obtainPostgres();
  const data = join(folder, 'data');
  if (!existsSync(data)) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, OPEN_TO_ALL);
    const words = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    const init = asOther(obtain('initdb'), words);
    execFileSync(init.program, init.words, {
      cwd: folder,
      env: inheritedEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
  const set = (name: string, value: string): string[] => ['-c', `${name}=${value}`];
  const words = [
    ...['-D', data, '-h', '127.0.0.1', '-p', String(port)],
    ...set('unix_socket_directories', ''),
    ...set('fsync', 'off'),
    ...set('shared_buffers', '32MB'),
  ];
  const { program, words: all } = asOther(server, words);
  return {
    name: 'postgres',
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    folder,
    program,
    words: all,
    env: inheritedEnvironment(),
    isReady: () => isOpen(port),
  };
}

/** A StartupMessage of protocol 3.0 for the user postgres: it is answered with R when sessions may begin. */
async function isOpen(port: number): Promise<boolean> {
  const names = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const message = Buffer.alloc(8 + names.length);
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(196_608, 4);
  names.copy(message, 8);
  return (await askPort(port, message))[0] === 'R'.charCodeAt(0);
}

/** Starts a server that holds nothing, on a free port and in a folder of its own; resolves when it takes work. */
export async function startPostgres(): Promise<RunningServer> {
  const [port = 0] = await findPorts(1);
  return runServer(prepare(port, mkdtempSync(join(tmpdir(), 'crm-postgres-'))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runBrokerCommand({ name: 'postgres', defaultPort: DEFAULT_PORT, prepare });
}
