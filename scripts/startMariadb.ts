// Starts a real MariaDB: Debian's server as a plain process with data of its own, on loopback. `node
// scripts/startMariadb.ts [--port 13306]` prints its URL and leaves it running, with a binlog; `--stop` ends it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../platform/config.ts';
import { runBrokerCommand } from './brokerCommand.ts';
import { findPorts } from './findPorts.ts';
import { askPort, runServer, type RunningServer, type ServerRecipe } from './serverProcess.ts';
import { obtainProgram } from './systemPackages.ts';

const DEFAULT_PORT = 13_306;
const HOW_TO_HELP =
  'There is no MariaDB server. Install it so that `mariadbd` and `mariadb-install-db` are on the PATH: ' +
  '`apt-get install mariadb-server` on Debian and Ubuntu, `dnf install mariadb-server` on Fedora, `brew install mariadb` on macOS.';

/** Gives the path of MariaDB's server, installed now where it is missing; throws with what to do. */
export function obtainMariadb(): string {
  return obtainProgram({ program: 'mariadbd', packages: ['mariadb-server'], howToHelp: HOW_TO_HELP });
}

function initialize(data: string, scratch: string): void {
  const program = obtainProgram({
    program: 'mariadb-install-db',
    packages: ['mariadb-server'],
    howToHelp: HOW_TO_HELP,
  });
  // The server of a test asks no password, is reached from this machine alone, and goes with its test.
  const words = [
    ...['--no-defaults', `--datadir=${data}`, `--tmpdir=${scratch}`],
    ...['--auth-root-authentication-method=normal', '--skip-test-db'],
  ];
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  execFileSync(program, [...words, ...user], { env: inheritedEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a binlog that can be read as a source takes. */
const BINLOG_WORDS = ['--log-bin=binlog', '--binlog-format=ROW', '--server-id=1'];

function prepare(port: number, folder: string, words: readonly string[]): ServerRecipe {
  const program = obtainMariadb();
  const data = join(folder, 'data');
  // A server that starts removes the temporary tables it finds: in one folder those of another that runs.
  const scratch = join(folder, 'tmp');
  mkdirSync(scratch, { recursive: true });
  if (!existsSync(data)) initialize(data, scratch);
  return {
    name: 'mariadb',
    url: `mysql://root@127.0.0.1:${port}/mysql`,
    folder,
    program,
    words: [
      '--no-defaults',
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
      `--datadir=${data}`,
      `--tmpdir=${scratch}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${join(folder, 'server.sock')}`,
      `--pid-file=${join(folder, 'mariadb.pid')}`,
      '--innodb-buffer-pool-size=64M',
      '--innodb-flush-log-at-trx-commit=0',
      '--skip-log-error',
      ...words,
    ],
    env: inheritedEnvironment(),
    // It greets whoever connects: three bytes of length, one number, then the version of its protocol.
    isReady: async () => (await askPort(port, Buffer.alloc(0)))[4] === 10,
  };
}

/**
 * Starts a server that holds nothing, on a free port and in a folder of its own; resolves when it takes work. It writes
 * no binlog unless `hasBinlog` says so; `words` are options of the server's own.
 */
export async function startMariadb({
  hasBinlog = false,
  words = [],
}: { readonly hasBinlog?: boolean; readonly words?: readonly string[] } = {}): Promise<RunningServer> {
  const [port = 0] = await findPorts(1);
  const all = [...(hasBinlog ? BINLOG_WORDS : []), ...words];
  return runServer(prepare(port, mkdtempSync(join(tmpdir(), 'crm-mariadb-')), all));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const recipe = (port: number, folder: string): ServerRecipe => prepare(port, folder, BINLOG_WORDS);
  await runBrokerCommand({ name: 'mariadb', defaultPort: DEFAULT_PORT, prepare: recipe });
}
