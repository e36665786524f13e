// The embedded database as a process: `npm run mongo -- --port P`. For trying the graph and for tests, never for
// production.
import { isIP } from 'node:net';
import { join } from 'node:path';
import { Command as Program, InvalidArgumentError } from 'commander';
import { readConfig } from '../platform/config.ts';
import { runPart } from '../platform/lifecycle.ts';
import { openLog } from '../platform/log.ts';
import { startEmbeddedMongo } from './startEmbeddedMongo.ts';

const WRONG_USAGE = 3;

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a whole number from 0 to 65535');
  return port;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const program = new Program('mongo')
  .description(
    'The embedded database: speaks to every MongoDB driver, keeps its data in one folder. Not for production.',
  )
  .option('--port <port>', 'port to listen on, 0 for any free one (CRM_MONGO_PORT)', readPort)
  .option('--host <host>', 'address to listen on (CRM_MONGO_HOST)')
  .option('--data <folder>', 'folder of the data, or :memory: (<CRM_DATA_PATH>/mongo)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : WRONG_USAGE))
  .parse();

await runPart({
  name: 'mongo',
  async start() {
    const config = readConfig();
    const given = program.opts<{ port?: number; host?: string; data?: string }>();
    const log = openLog('mongo', config.CRM_LOG_LEVEL);
    const host = given.host ?? config.CRM_MONGO_HOST;
    const dataPath = given.data ?? join(config.CRM_DATA_PATH, 'mongo');
    if (!isLoopback(host)) {
      log.warn(
        { host },
        'THE DATABASE LISTENS BEYOND THIS MACHINE AND ASKS NO ONE FOR A PASSWORD: anyone who reaches it may read and change everything',
      );
    }
    const server = await startEmbeddedMongo({ host, port: given.port ?? config.CRM_MONGO_PORT, dataPath, log });
    return { url: server.uri, log, stop: () => server.stop(), drainTimeoutMs: 2_000 };
  },
});
