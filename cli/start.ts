// `npm start`: brings up the whole graph on this machine, shows a line a part, and stops every process on Ctrl-C.
// For trying it out and for developing: a production runs the same parts one by one (docker-compose.yml).
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { buildIde } from '../gateway/ide/build.ts';
import { inheritedEnvironment, readConfig, type Config } from '../platform/config.ts';
import { systemClock } from '../platform/clock.ts';
import { openLog } from '../platform/log.ts';
import { StartError } from '../platform/lifecycle.ts';
import type { Composed } from '../registry/compose.ts';
import { watchSupergraph } from '../registry/watch.ts';
import { PartFault, runChild, startChild, type ChildPart, type ChildPlan } from './childPart.ts';
import { keepAlive } from './keepAlive.ts';
import { drawBrokerSecret, keepBrokerUrl, LOCAL_BROKER } from './startBroker.ts';
import { ensurePeppers, ensureProofSecret, openDevelopmentKey } from './startKeys.ts';
import { syncFileOf } from '../sync/commands/syncFile.ts';
import { showDone, showFault, showNote, showWelcome } from './show.ts';

const SUBGRAPHS = ['customers', 'orders', 'marketing'] as const;
const SAMPLE_CUSTOMERS = 500;
const TOP = new URL('..', import.meta.url);

/** What the person who starts it may choose. */
export interface StartOptions {
  /** How many customers the sample data has; 0: none. */
  readonly customers?: number;
}

type Environment = Readonly<Record<string, string>>;

/** What has been started, in the order of starting; stopped in the reverse order. */
class Started {
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #stopping = new AbortController();

  /** Says that all is to stop: what ends from now on is not started anew. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  add(stop: () => Promise<void>): void {
    this.#stops.push(stop);
  }

  async stopAll(): Promise<void> {
    this.#stopping.abort();
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}

/** A path within the project as people type it, any other in full. */
function shortPath(path: string): string {
  const within = relative('.', path);
  return within.startsWith('..') ? path : within;
}

async function environmentFor(config: Config): Promise<Environment> {
  const { CRM_PROOF_SECRET: given, CRM_DATA_PATH: dataPath } = config;
  const proof =
    given === undefined
      ? { CRM_PROOF_SECRET_FILE: await ensureProofSecret(resolve(dataPath)) }
      : { CRM_PROOF_SECRET: given };
  return { ...inheritedEnvironment(), APOLLO_TELEMETRY_DISABLED: '1', ...proof };
}

/** The run of one `npm start`. */
class Run {
  readonly #config: Config;
  #env: Environment;
  readonly #dataPath: string;
  #isComposed = false;
  readonly started = new Started();

  constructor(config: Config, env: Environment) {
    this.#config = config;
    this.#env = env;
    this.#dataPath = resolve(config.CRM_DATA_PATH);
  }

  /** Starts a part, shows its line when it is ready, and starts it anew should it die. */
  async part(name: string, file: string, words: readonly string[], env: Environment): Promise<ChildPart> {
    const plan = this.#plan(name, file, words, env);
    const starting = startChild(plan);
    this.started.add(keepAlive(starting, plan, this.started.stopping));
    return this.timed(
      name,
      () => starting,
      ({ url }) => url,
    );
  }

  /** Runs a step, and shows its line with the time it took. */
  async timed<R>(name: string, step: () => Promise<R>, describe: (result: R) => string): Promise<R> {
    const startMs = systemClock.steadyMs();
    const result = await step();
    showDone(name, describe(result), systemClock.steadyMs() - startMs);
    return result;
  }

  #plan(name: string, file: string, words: readonly string[], env: Environment): ChildPlan {
    return { name, file, words, env, logPath: join(this.#dataPath, 'logs', `${name}.log`) };
  }

  /** The database: the one that MONGODB_URI names, or the embedded one. */
  async database(): Promise<string> {
    const given = this.#config.MONGODB_URI;
    if (given !== undefined) {
      showDone('database', 'yours, by MONGODB_URI', 0);
      return given;
    }
    return (await this.part('database', 'embedded-mongo/main.ts', [], this.#env)).url;
  }

  /** The broker of events: the one that CRM_BROKER_URL names, or the local one. Parts started from now on know it. */
  async broker(): Promise<void> {
    if (this.#config.CRM_BROKER_URL !== undefined) {
      showDone('broker', 'yours, by CRM_BROKER_URL', 0);
      return;
    }
    const secret = this.#config.CRM_BROKER_SECRET ?? drawBrokerSecret();
    const { url } = await this.part('broker', LOCAL_BROKER, [], { ...this.#env, CRM_BROKER_SECRET: secret });
    this.#env = { ...this.#env, CRM_BROKER_URL: await keepBrokerUrl(this.#dataPath, url, secret) };
  }

  /** The supergraph, composed now and after every change of a schema; gives the file's path. */
  async supergraph(): Promise<string> {
    const outPath = join(this.#dataPath, 'supergraph.graphql');
    const configPath = resolve('supergraph.yaml');
    // What it has to say is shown as lines for people; a log in between would be for programs.
    const log = openLog('registry', 'silent');
    const composed = await this.timed(
      'supergraph',
      () => watchSupergraph({ configPath, outPath, log, onComposed: (result) => this.#showChange(result) }),
      () => outPath,
    );
    this.started.add(composed.stop);
    if (!composed.first.ok) throw new PartFault(`the subgraphs do not compose:\n${composed.first.messages.join('\n')}`);
    return outPath;
  }

  /** Shows what a change of a schema came to; the first composition has a line of its own. */
  #showChange(composed: Composed): void {
    if (!this.#isComposed) {
      this.#isComposed = true;
    } else if (composed.ok) {
      showNote('the schemas changed and compose: the gateway serves them');
    } else {
      showFault(
        `the schemas do not compose; the graph as it was is served on\n    ${composed.messages.join('\n    ')}`,
      );
    }
  }

  /** Fills the database with sample data, unless it is somebody's own and nobody asked for that. */
  async sampleData(uri: string, options: StartOptions): Promise<void> {
    const customers = options.customers ?? (this.#config.MONGODB_URI === undefined ? SAMPLE_CUSTOMERS : 0);
    if (customers === 0) return;
    const words = ['--customers', String(customers), '--quiet'];
    const plan = this.#plan('seed', 'seed/main.ts', words, { ...this.#env, MONGODB_URI: uri });
    await this.timed(
      'sample data',
      () => runChild(plan),
      () => `at least ${customers} customers are there`,
    );
  }

  /** The three subgraphs, each a process of its own; gives their addresses by name. */
  async subgraphs(uri: string): Promise<string[]> {
    const env = { ...this.#env, MONGODB_URI: uri };
    const parts = SUBGRAPHS.map((name) => this.part(name, `subgraphs/${name}/main.ts`, [], env));
    return (await Promise.all(parts)).map(({ name, url }) => `${name}=${url}`);
  }

  /** The process of schedules, where a file says what outside sources there are. */
  async schedules(uri: string): Promise<void> {
    if (syncFileOf(this.#config) !== undefined)
      await this.part('schedules', 'sync/main.ts', [], { ...this.#env, MONGODB_URI: uri });
  }

  /** The gateway's environment: where its keys lie, and the peppers, which are kept where none are given. */
  async accessEnvironment(uri: string): Promise<Environment> {
    const keys = this.#config.CRM_KEYS_URI === undefined ? { MONGODB_URI: uri } : {};
    if (this.#config.CRM_KEY_PEPPERS !== undefined) return { ...this.#env, ...keys };
    return { ...this.#env, ...keys, CRM_KEY_PEPPERS_FILE: await ensurePeppers(this.#dataPath) };
  }

  /** The key of whoever starts it, with every scope of the graph. */
  async developmentKey(supergraphPath: string, env: Environment): Promise<string> {
    const key = await this.timed(
      'key',
      () => openDevelopmentKey({ dataPath: this.#dataPath, supergraphPath, env }),
      ({ isNew, scopeCount, path }) =>
        `${isNew ? 'a new' : 'your'} development key with all ${scopeCount} scopes, kept in ${shortPath(path)}`,
    );
    return key.text;
  }

  /** The gateway, which shows a developer its page, its schema and its plans. */
  async gateway(supergraph: string, addresses: readonly string[], env: Environment): Promise<string> {
    const words = ['--supergraph', supergraph, ...addresses.flatMap((address) => ['--subgraph', address])];
    const open = { CRM_IDE_ALLOWED: 'true', CRM_INTROSPECTION_ALLOWED: 'true', CRM_EXPLAIN_ALLOWED: 'true' };
    return (await this.part('gateway', 'gateway/main.ts', words, { ...open, ...env })).url.replace(/\/?$/, '/graphql');
  }
}

/** What has come up, for whoever wants to ask it. */
interface Ready {
  readonly url: string;
  readonly key: string;
}

async function bringUp(run: Run, options: StartOptions): Promise<Ready> {
  const [supergraph, uri] = await Promise.all([run.supergraph(), run.database(), run.broker()]);
  const env = await run.accessEnvironment(uri);
  const [addresses, key] = await Promise.all([
    run.subgraphs(uri),
    run.developmentKey(supergraph, env),
    run.sampleData(uri, options),
    run.timed('GraphiQL', buildIde, () => 'bundled, needs no network'),
  ]);
  const [url] = await Promise.all([run.gateway(supergraph, addresses, env), run.schedules(uri)]);
  return { url, key };
}

async function readExample(): Promise<string> {
  const [query, variables] = await Promise.all([
    readFile(new URL('examples/queries/customer360.graphql', TOP), 'utf8'),
    readFile(new URL('examples/queries/customer360.variables.json', TOP), 'utf8'),
  ]);
  const oneLine = query.replace(/#.*$/gm, '').replace(/\s+/g, ' ').trim();
  return JSON.stringify({ query: oneLine, variables: JSON.parse(variables) as unknown });
}

/** Starts everything and waits for Ctrl-C; gives the exit code. Throws ConfigError for faulty settings. */
export async function startEverything(options: StartOptions): Promise<number> {
  process.chdir(new URL('.', TOP).pathname);
  const config = readConfig();
  const run = new Run(config, await environmentFor(config));
  // Somebody who listens for our end must not keep us from it.
  process.channel?.unref();
  const interrupted = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(signal, () => done());
  });
  try {
    const ready = await Promise.race([bringUp(run, options), interrupted]);
    if (ready !== undefined) {
      showWelcome(ready.url, ready.key, await readExample());
      process.send?.({ ready: ready.url });
      await interrupted;
      showNote('stopping');
    }
    return 0;
  } catch (error) {
    if (!(error instanceof PartFault || error instanceof StartError)) throw error;
    showFault(error.message);
    return 1;
  } finally {
    await run.started.stopAll();
  }
}
