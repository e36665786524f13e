// Starts a real RabbitMQ: Debian's server as a plain process with a node name, port, cookie and data of its own, on
// loopback. `node scripts/startRabbitmq.ts [--port 15673]` prints its URL and leaves it running; `--stop` ends it.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../platform/config.ts';
import { runBrokerCommand } from './brokerCommand.ts';
import { findPorts } from './findPorts.ts';
import { askPort, runServer, type RunningServer, type ServerRecipe } from './serverProcess.ts';
import { obtainProgram } from './systemPackages.ts';

const DEFAULT_PORT = 15_673;
// Debian's program on the PATH changes to the user of its service; the one behind it runs as whoever starts it.
const PROGRAM_FOLDER = '/usr/lib/rabbitmq/bin';
const HOW_TO_HELP =
  'There is no RabbitMQ server in /usr/lib/rabbitmq/bin. Install it (3.10 or later) with `apt-get install rabbitmq-server` ' +
  'on Debian and Ubuntu, or start one elsewhere, with the plugin rabbitmq_consistent_hash_exchange enabled.';

/** Gives the path of RabbitMQ's program, installed now where it is missing (a minute, once); throws with what to do. */
export function obtainRabbitmq(): string {
  return obtainProgram({
    program: 'rabbitmq-server',
    folders: [PROGRAM_FOLDER],
    packages: ['rabbitmq-server'],
    howToHelp: HOW_TO_HELP,
  });
}

interface Ports {
  readonly amqp: number;
  readonly stream: number;
  readonly distribution: number;
  readonly epmd: number;
}

function configurationOf({ amqp, stream }: Ports): string {
  return [
    `listeners.tcp.default = 127.0.0.1:${amqp}`,
    `stream.listeners.tcp.1 = 127.0.0.1:${stream}`,
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
    'disk_free_limit.absolute = 50MB',
    'vm_memory_high_watermark.absolute = 512MB',
  ].join('\n');
}

function environmentOf(ports: Ports, folder: string): Record<string, string> {
  return {
    ...inheritedEnvironment(),
    HOME: join(folder, 'home'),
    RABBITMQ_NODENAME: `crm-${ports.amqp}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    // The script becomes the server instead of standing before it, so that our process id is the server's.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput -kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(ports.epmd),
  };
}

/** Erlang's name service outlives its nodes: the one that this node began is asked to go. */
function endNameService(epmdPort: number): void {
  try {
    execFileSync('epmd', ['-port', String(epmdPort), '-kill'], { env: inheritedEnvironment(), stdio: 'ignore' });
  } catch {
    // It is gone already.
  }
}

const AMQP_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);
const METHOD_FRAME = 1;

function prepare(ports: Ports, folder: string): ServerRecipe {
  const program = obtainRabbitmq();
  const home = join(folder, 'home');
  if (!existsSync(home)) mkdirSync(home);
  chmodSync(home, 0o700);
  writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_stream,rabbitmq_consistent_hash_exchange].');
  writeFileSync(join(folder, 'rabbitmq.conf'), configurationOf(ports));
  return {
    name: 'rabbitmq',
    url: `amqp://guest:guest@127.0.0.1:${ports.amqp}/%2F`,
    folder,
    program,
    words: [],
    env: environmentOf(ports, folder),
    // The port opens when everything else runs; who speaks AMQP there is answered with the method Connection.Start.
    isReady: async () => (await askPort(ports.amqp, AMQP_HEADER))[0] === METHOD_FRAME,
    cleanUp: () => endNameService(ports.epmd),
  };
}

/** Starts a broker that holds nothing, on free ports and in a folder of its own; resolves when it takes work. */
export async function startRabbitmq(): Promise<RunningServer> {
  const [amqp = 0, stream = 0, distribution = 0, epmd = 0] = await findPorts(4);
  return runServer(prepare({ amqp, stream, distribution, epmd }, mkdtempSync(join(tmpdir(), 'crm-rabbitmq-'))));
}

function portsFrom(amqp: number): Ports {
  return { amqp, stream: amqp + 1, distribution: amqp + 2, epmd: amqp + 3 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runBrokerCommand({
    name: 'rabbitmq',
    defaultPort: DEFAULT_PORT,
    prepare: (port, folder) => prepare(portsFrom(port), folder),
    cleanUp: (port) => endNameService(portsFrom(port).epmd),
  });
}
