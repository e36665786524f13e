// The gateway's process: `node gateway/main.ts --supergraph FILE`. Serves any composed supergraph; with keys it needs
// the database that they lie in.
import cluster from 'node:cluster';
import { enableCompileCache } from 'node:module';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readConfig } from '../platform/config.ts';
import { allocateYoung } from '../platform/garbage.ts';
import { runPart } from '../platform/lifecycle.ts';
import { compiledFolder } from '../platform/ownFolder.ts';
import type { AccessMode } from './access/access.ts';

const WRONG_USAGE = 3;

interface Options {
  readonly supergraph?: string;
  readonly port?: number;
  readonly host?: string;
  readonly subgraph: ReadonlyMap<string, string>;
  readonly config?: string;
  readonly access: AccessMode;
  readonly contracts?: string;
  readonly policies?: string;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('must be from 0 to 65535.');
  return port;
}

function readAddress(text: string, earlier: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [name = '', ...rest] = text.split('=');
  const url = rest.join('=');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new InvalidArgumentError('must be name=http://host:port/path.');
  return new Map([...earlier, [name, url]]);
}

/** Settings that are faulty are told by the start, all at once. */
function hasSource(): boolean {
  try {
    return readConfig().SUPERGRAPH_SOURCE !== undefined;
  } catch {
    return true;
  }
}

const program = new Command('gateway')
  .description('serves one graph that the subgraphs of a composed supergraph make up together')
  .option(
    '--supergraph <file>',
    'the composed supergraph, taken anew when the file changes (SUPERGRAPH_SOURCE by default)',
  )
  .option('--port <port>', 'where to listen; 0 takes a free port (CRM_GATEWAY_PORT by default)', readPort)
  .option('--host <host>', 'the address to listen on (CRM_HOST by default)')
  .option('--subgraph <name=url>', 'an address that replaces the one in the supergraph', readAddress, new Map())
  .addOption(
    new Option('--access <mode>', 'who may call: holders of keys and tokens, or everybody, for trying a graph out')
      .choices(['keys', 'open'])
      .default('keys'),
  )
  .option(
    '--contracts <file>',
    'the views of the graph that keys can name (contracts.yaml by default, if there is one)',
  )
  .option('--policies <file>', "a module whose default export answers the graph's @policy names")
  .option('--config <file>', 'the settings of the subgraphs (gateway.yaml by default, if there is one)')
  .exitOverride();

try {
  const options = program.parse().opts<Options>();
  if (options.supergraph === undefined && !hasSource()) {
    program.error('error: name a supergraph, by --supergraph <file> or by SUPERGRAPH_SOURCE');
  }
  await runPart({
    name: 'gateway',
    async start() {
      const config = readConfig();
      const { supergraph: supergraphPath, subgraph: addresses } = options;
      const host = options.host ?? config.CRM_HOST;
      const port = options.port ?? config.CRM_GATEWAY_PORT;
      if (config.GATEWAY_WORKERS > 1 && cluster.isPrimary) {
        const { startGatewayWorkers } = await import('./startWorkers.ts');
        return startGatewayWorkers(process.argv.slice(2), { host, port }, config);
      }
      // What is compiled once is kept for the next start: a third of a cold start.
      const compiled = compiledFolder();
      if (compiled !== undefined) enableCompileCache(compiled);
      // Before the first import of the library: it starts its telemetry exporter otherwise (reliability.md, F17).
      process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
      const { startGateway } = await import('./startGateway.ts');
      const { config: configPath, contracts: contractsPath, policies: policiesPath } = options;
      const access = { mode: options.access, contractsPath, policiesPath, workers: config.GATEWAY_WORKERS };
      const gateway = await startGateway({ supergraphPath, host, port, addresses, configPath, access }, config);
      const allocateAsBefore = allocateYoung();
      const stop = (): Promise<void> => {
        allocateAsBefore();
        return gateway.stop();
      };
      return { ...gateway, stop };
    },
  });
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
}
