// The whole graph for a test: a database with sample data, the three subgraphs and the gateway, each a process of its
// own, as in production; and a client that speaks plain HTTP to the gateway.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawId, drawSecret } from '../../platform/random.ts';
import { readKnownScopes } from '../../gateway/identify/knownScopes.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import { startTestBroker, type TestBroker } from './testBroker.ts';
import { readMetrics, readPersonal, searchCanaries, secretsOf } from './searchCanaries.ts';
import { SeenErrors } from './seenErrors.ts';
import { runProcess, startProcess, type StartedProcess } from './startProcess.ts';
import { drawPeppers, openTestKeys, type TestKeys } from './testKeys.ts';
import { openTestDatabase } from './testDatabase.ts';

/** The subgraphs' names. */
export const SUBGRAPHS = ['customers', 'orders', 'marketing'] as const;
/** A subgraph's name. */
export type SubgraphName = (typeof SUBGRAPHS)[number];

/** One fetch as the explanation tells it. */
export interface ExplainedFetch {
  readonly subgraph: SubgraphName;
  readonly databaseCommands: readonly { readonly command: string; readonly collection: string }[];
  /** The position of the fetch in whose request it travelled. */
  readonly joinedTo?: number;
}

/** An answer as a client sees it; `data` is read as what the test asked for. */
export interface GraphAnswer<T> {
  readonly status: number;
  readonly data: T;
  readonly errors: readonly { message: string; path?: (string | number)[]; extensions: { code: string } }[];
  readonly fetches: readonly ExplainedFetch[];
}

/** A running graph. */
export interface TestGraph {
  readonly url: string;
  readonly gateway: StartedProcess;
  /** The broker of its events; absent where the settings name another. */
  readonly broker: TestBroker | undefined;
  readonly uri: string;
  readonly prefix: string;
  /** Manages the gateway's keys. */
  readonly keys: TestKeys;
  /** A key with every scope of the graph. */
  readonly key: string;
  /** Sends a query with a key, that with every scope by default, and asks for its explanation. */
  ask<T>(query: string, variables?: object, key?: string): Promise<GraphAnswer<T>>;
  /** Everything that the gateway and the subgraphs wrote so far. */
  output(): string;
  /** Ends a subgraph's process by a signal. */
  kill(name: SubgraphName): Promise<void>;
  /** Gives a subgraph's process as it is now. */
  subgraph(name: SubgraphName): StartedProcess;
  /** Starts a killed subgraph again, where it was. */
  revive(name: SubgraphName): Promise<void>;
  /** Kills the gateway and starts it again, where it was. */
  replaceGateway(): Promise<void>;
  /** Stops all of it. Rejects where something leaked into a database, output, metrics or errors (searchCanaries.ts). */
  stop(): Promise<void>;
}

const OWNER = 'customers' satisfies SubgraphName;
const OWNER_SCHEMA = new URL(`../../subgraphs/${OWNER}/schema.graphql`, import.meta.url);

/** Reads one of the golden queries and its variables. */
export async function readExample(name: string): Promise<{ query: string; variables: Record<string, unknown> }> {
  const folder = new URL('../../examples/queries/', import.meta.url);
  const query = await readFile(new URL(`${name}.graphql`, folder), 'utf8');
  const variables = JSON.parse(await readFile(new URL(`${name}.variables.json`, folder), 'utf8')) as Record<
    string,
    unknown
  >;
  return { query, variables };
}

async function seed(customers: number, env: Readonly<Record<string, string>>): Promise<void> {
  const { code, output } = await runProcess(['seed/main.ts', '--customers', String(customers), '--quiet'], env);
  if (code !== 0) throw new Error(`the seed ended with ${String(code)}:\n${output}`);
}

class RunningGraph implements TestGraph {
  readonly url: string;
  gateway: StartedProcess;
  readonly broker: TestBroker | undefined;
  readonly uri: string;
  readonly prefix: string;
  readonly keys: TestKeys;
  readonly key: string;
  readonly #startGateway: (port: string) => Promise<StartedProcess>;
  readonly #subgraphs: Map<SubgraphName, StartedProcess>;
  readonly #env: Readonly<Record<string, string>>;
  readonly #end: () => Promise<void>;
  readonly #seen = new SeenErrors();
  /** Also those that were killed. */
  readonly #processes: StartedProcess[];

  constructor(parts: {
    gateway: StartedProcess;
    broker: TestBroker | undefined;
    keys: TestKeys;
    key: string;
    startGateway: (port: string) => Promise<StartedProcess>;
    uri: string;
    prefix: string;
    subgraphs: Map<SubgraphName, StartedProcess>;
    env: Readonly<Record<string, string>>;
    end: () => Promise<void>;
  }) {
    this.gateway = parts.gateway;
    this.broker = parts.broker;
    this.keys = parts.keys;
    this.key = parts.key;
    this.#startGateway = parts.startGateway;
    this.url = new URL('/graphql', parts.gateway.ready).href;
    this.uri = parts.uri;
    this.prefix = parts.prefix;
    this.#subgraphs = parts.subgraphs;
    this.#env = parts.env;
    this.#end = parts.end;
    this.#processes = [parts.gateway, ...parts.subgraphs.values()];
  }

  async ask<T>(query: string, variables: object = {}, key = this.key): Promise<GraphAnswer<T>> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'crm-explain': '1', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const answer = JSON.parse(text) as {
      data: T;
      errors?: GraphAnswer<T>['errors'];
      extensions?: { explain?: { fetches: ExplainedFetch[] } };
    };
    this.#seen.note(answer, text);
    const { data, errors = [], extensions } = answer;
    return { status: response.status, data, errors, fetches: extensions?.explain?.fetches ?? [] };
  }

  output(): string {
    return [this.gateway, ...this.#subgraphs.values()].map((each) => each.output()).join('\n');
  }

  async kill(name: SubgraphName): Promise<void> {
    await this.#subgraphs.get(name)?.stop('SIGKILL');
  }

  subgraph(name: SubgraphName): StartedProcess {
    const found = this.#subgraphs.get(name);
    if (found === undefined) throw new Error(`no subgraph ${name} runs`);
    return found;
  }

  async revive(name: SubgraphName): Promise<void> {
    const { port } = new URL(this.subgraph(name).ready);
    const revived = await startSubgraphProcess(name, { ...this.#env, [portSetting(name)]: port });
    this.#subgraphs.set(name, revived);
    this.#processes.push(revived);
  }

  async replaceGateway(): Promise<void> {
    await this.gateway.stop('SIGKILL');
    this.gateway = await this.#startGateway(new URL(this.url).port);
    this.#processes.push(this.gateway);
  }

  async stop(): Promise<void> {
    try {
      const metrics = await readMetrics(this.#processes);
      await this.gateway.stop();
      for (const subgraph of this.#subgraphs.values()) await subgraph.stop();
      await this.#search(metrics);
    } finally {
      await this.#end();
    }
  }

  async #search(metrics: string): Promise<void> {
    const databases = [...SUBGRAPHS, 'gateway'].map((name) => ({
      ...{ uri: this.uri, name: `${this.prefix}_${name}`, isOwner: name === OWNER },
    }));
    const owner = { uri: this.uri, name: `${this.prefix}_${OWNER}` };
    const output = this.#processes.map((each) => each.output()).join('\n');
    await searchCanaries({
      canaries: [...secretsOf(this.keys.texts()), ...(await readPersonal(OWNER_SCHEMA, owner))],
      databases,
      texts: { output, metrics, errors: this.#seen.text(), events: (await this.broker?.readLog()) ?? '' },
    });
  }
}

function portSetting(name: SubgraphName): string {
  return `CRM_${name.toUpperCase()}_PORT`;
}

function startSubgraphProcess(name: SubgraphName, env: Readonly<Record<string, string>>): Promise<StartedProcess> {
  return startProcess([`subgraphs/${name}/main.ts`], env);
}

/**
 * Takes how many customers the sample data has, settings for all parts, and what stands between the subgraphs and their
 * database, and between the gateway and a subgraph (nothing by default); gives the graph running.
 */
export async function startTestGraph(
  customers: number,
  settings: Readonly<Record<string, string>> = {},
  reachThrough: (uri: string) => Promise<string> = (uri) => Promise.resolve(uri),
  reachSubgraph: (url: string, name: SubgraphName) => Promise<string> = (url) => Promise.resolve(url),
): Promise<TestGraph> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-graph-'));
  // Side by side: the broker is there before the database is.
  const starting = settings['CRM_BROKER_URL'] === undefined ? startTestBroker(folder) : undefined;
  const given = settings['MONGODB_URI'];
  const opening = given === undefined ? openTestDatabase() : { uri: given, stop: () => Promise.resolve() };
  const [database, broker] = await Promise.all([opening, starting]);
  const prefix = `test_${drawId().slice(0, 12)}`;
  const env = {
    MONGODB_URI: database.uri,
    ...(broker === undefined ? {} : { CRM_BROKER_URL: broker.url }),
    CRM_DATABASE_PREFIX: prefix,
    CRM_PROOF_SECRET: drawSecret(32),
    CRM_KEY_PEPPERS: drawPeppers(),
    CRM_EXPLAIN_ALLOWED: 'true',
    CRM_INTROSPECTION_ALLOWED: 'true',
    CRM_IDE_ALLOWED: 'true',
    CRM_CUSTOMERS_PORT: '0',
    CRM_ORDERS_PORT: '0',
    CRM_MARKETING_PORT: '0',
    ...settings,
  };
  if (customers > 0) await seed(customers, env);
  const subgraphEnv = { ...env, MONGODB_URI: await reachThrough(database.uri) };
  const supergraph = join(folder, 'supergraph.graphql');
  const composed = await runProcess(['registry/main.ts', 'compose', '--out', supergraph]);
  if (composed.code !== 0) throw new Error(composed.output);
  const subgraphs = new Map<SubgraphName, StartedProcess>();
  await Promise.all(SUBGRAPHS.map(async (name) => subgraphs.set(name, await startSubgraphProcess(name, subgraphEnv))));
  const addresses: string[] = [];
  for (const [name, { ready }] of subgraphs)
    addresses.push('--subgraph', `${name}=${await reachSubgraph(ready, name)}`);
  const startGateway = (port: string): Promise<StartedProcess> =>
    startProcess(['gateway/main.ts', '--supergraph', supergraph, '--port', port, ...addresses], env);
  const gateway = await startGateway('0');
  const knownScopes = readKnownScopes(await readFile(supergraph, 'utf8'));
  const keys = await openTestKeys(env, knownScopes);
  const key = await keys.create({ scopes: knownScopes });
  async function end(): Promise<void> {
    await keys.stop();
    await broker?.stop();
    for (const name of [...SUBGRAPHS, 'gateway']) {
      const connection = await openDatabase(database.uri, `${prefix}_${name}`);
      await connection.dropDatabase();
      await connection.close();
    }
    await database.stop();
    await rm(folder, { recursive: true });
  }
  return new RunningGraph({
    gateway,
    broker,
    keys,
    key,
    startGateway,
    uri: database.uri,
    prefix,
    subgraphs,
    env: subgraphEnv,
    end,
  });
}
