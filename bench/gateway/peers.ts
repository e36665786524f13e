// Who is compared: how each gateway is started on the same graph. A new one is a new entry here.
import { fileURLToPath } from 'node:url';

/** What a peer is started with. */
export interface PeerPlace {
  readonly port: number;
  readonly supergraphPath: string;
  readonly subgraphs: Readonly<Record<string, string>>;
  readonly answersPath: string;
  /** The main.ts of our own gateway. */
  readonly gatewayPath: string;
}

/** The words after `node`, and the environment. */
export interface PeerStart {
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One row of the comparison. */
export interface Peer {
  readonly name: string;
  readonly title: string;
  /** Whether it needs what bench/gateway/peers/package.json names. */
  readonly installed: boolean;
  /** Whether it is no gateway but a bound that no gateway passes. */
  readonly bound: boolean;
  /** Where it answers; the constant server has a path for each query. */
  readonly path: (query: string) => string;
  start(place: PeerPlace): PeerStart;
}

/** The folder of the peers that are installed for the benchmark alone. */
export const PEERS_FOLDER = fileURLToPath(new URL('peers/', import.meta.url));

const graphql = (): string => '/graphql';

function fileOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function tellRun({ port, supergraphPath, answersPath, subgraphs }: PeerPlace, variant = ''): string[] {
  const addresses = Object.entries(subgraphs).map(([name, url]) => `--subgraph=${name}=${url}`);
  const run = { port, supergraph: supergraphPath, answers: answersPath, variant };
  return [...Object.entries(run).map(([name, value]) => `--${name}=${value}`), ...addresses];
}

function ours(name: string, title: string, env: Readonly<Record<string, string>>): Peer {
  return {
    name,
    title,
    installed: false,
    bound: false,
    path: graphql,
    start: ({ port, supergraphPath, gatewayPath }) => ({
      // As `npm run gateway` starts it.
      words: [
        '--max-semi-space-size=32',
        gatewayPath,
        ...['--access', 'open', '--supergraph', supergraphPath, '--port', String(port)],
        ...['--config', fileOf('gateways/gateway.yaml')],
      ],
      env,
    }),
  };
}

function own(name: string, title: string, file: string, variant?: string): Peer {
  return {
    name,
    title,
    installed: false,
    bound: true,
    path: graphql,
    start: (place) => ({ words: [fileOf(file), ...tellRun(place, variant)] }),
  };
}

function hive(name: string, title: string, flags: readonly string[]): Peer {
  return {
    name,
    title,
    installed: true,
    bound: false,
    path: graphql,
    start: ({ port, supergraphPath }) => ({
      words: [
        `${PEERS_FOLDER}node_modules/@graphql-hive/gateway/dist/bin.js`,
        'supergraph',
        supergraphPath,
        ...['--host', '127.0.0.1', '--port', String(port), '--config-path', `${PEERS_FOLDER}hive.config.ts`],
        ...flags,
      ],
      env: { LOG_LEVEL: 'warn' },
    }),
  };
}

function mercurius(name: string, title: string, variant: string): Peer {
  return {
    name,
    title,
    installed: true,
    bound: false,
    path: graphql,
    start: (place) => ({ words: [`${PEERS_FOLDER}mercurius.ts`, ...tellRun(place, variant)] }),
  };
}

/** Everybody who is compared, in the order of the table. */
export const PEERS: readonly Peer[] = [
  { ...own('constant', 'node:http, a constant answer', 'gateways/constant.ts'), path: (query) => `/${query}` },
  own('proxy', 'hand-written proxy, 7 calls', 'gateways/proxy.ts'),
  own('proxy-joined', 'hand-written proxy, 6 calls', 'gateways/proxy.ts', 'joined'),
  ours('ours', 'crm-graph gateway', { CRM_LOG_LEVEL: 'warn' }),
  ours('ours-logging', 'crm-graph gateway, a log line a request', {}),
  hive('hive-router', 'Hive Gateway, Rust planner', ['--hive-router-runtime']),
  hive('hive', 'Hive Gateway, JavaScript planner', []),
  hive('hive-jit', 'Hive Gateway, JavaScript planner, jit', ['--jit']),
  mercurius('mercurius', 'Mercurius', ''),
  mercurius('mercurius-jit', 'Mercurius, jit', 'jit'),
  {
    ...own('stock', 'stock @apollo/gateway + @apollo/server', 'gateways/stock.ts'),
    bound: false,
    start: (place) => ({
      words: [fileOf('gateways/stock.ts'), ...tellRun(place)],
      env: { APOLLO_TELEMETRY_DISABLED: '1' },
    }),
  },
];
