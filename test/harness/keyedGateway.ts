// A real gateway process that asks for keys, over any composed supergraph: with a database of its own, its keys, and a
// client that speaks plain HTTP to it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKnownScopes } from '../../gateway/identify/knownScopes.ts';
import { drawId } from '../../platform/random.ts';
import type { Canary } from './canarySearch.ts';
import { readMetrics, searchCanaries, secretsOf } from './searchCanaries.ts';
import { SeenErrors } from './seenErrors.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import { startProcess, type StartedProcess } from './startProcess.ts';
import { openTestDatabase } from './testDatabase.ts';
import { sendRequest, type ClientAnswer } from './testGateway.ts';
import { drawPeppers, openTestKeys, type TestKeys } from './testKeys.ts';

/** What is started. */
export interface KeyedGatewayOptions {
  readonly supergraph: string;
  readonly addresses: Readonly<Record<string, string>>;
  /** The text of contracts.yaml; none without. */
  readonly contracts?: string;
  /** The text of a module of policies; none without. */
  readonly policies?: string;
  /** Scopes that keys can have beside the graph's own: for policies that read them. */
  readonly moreScopes?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What must be nowhere but in answers with data, beside the keys. */
  readonly canaries?: readonly Canary[];
  /** Gives the address by which the gateway reaches its keys' database: what stands between them. */
  readonly reachKeys?: (uri: string) => Promise<string>;
}

/** A gateway with keys. */
export interface KeyedGateway {
  readonly url: string;
  readonly process: StartedProcess;
  /** What the gateway serves is taken anew when this file changes. */
  readonly supergraphPath: string;
  readonly keys: TestKeys;
  /** Every scope of the graph. */
  readonly scopes: readonly string[];
  /** Where its database is, and which it is. */
  readonly database: { readonly uri: string; readonly name: string };
  /** Sends an operation with a key, or without one where it is empty. */
  ask(key: string, query: string, variables?: object, headers?: Record<string, string>): Promise<ClientAnswer>;
  /** Stops all of it. Rejects where something leaked into database, output, metrics or errors. */
  stop(): Promise<void>;
}

/** Starts a gateway with keys. */
export async function startKeyedGateway(options: KeyedGatewayOptions): Promise<KeyedGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-keyed-'));
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const database = await openTestDatabase();
  const prefix = `keyed_${drawId().slice(0, 12)}`;
  const env = { MONGODB_URI: database.uri, CRM_DATABASE_PREFIX: prefix, CRM_KEY_PEPPERS: drawPeppers() };
  const scopes = readKnownScopes(options.supergraph);
  const keys = await openTestKeys(env, [...scopes, ...(options.moreScopes ?? [])]);
  const supergraphPath = await write('supergraph.graphql', options.supergraph);
  // Never the repository's own file, which names other tags.
  const contracts = options.contracts ?? '{}\n';
  const words = [
    ...['gateway/main.ts', '--access', 'keys', '--port', '0'],
    ...['--supergraph', supergraphPath],
    ...['--contracts', await write('contracts.yaml', contracts)],
    ...(options.policies === undefined ? [] : ['--policies', await write('policies.mjs', options.policies)]),
    ...Object.entries(options.addresses).flatMap(([name, url]) => ['--subgraph', `${name}=${url}`]),
  ];
  const reach = { CRM_KEYS_URI: (await options.reachKeys?.(database.uri)) ?? database.uri };
  const started = await startProcess(words, { ...env, ...reach, CRM_INTROSPECTION_ALLOWED: 'true', ...options.env });
  const url = `${started.ready}/graphql`;
  const name = `${prefix}_gateway`;
  const seen = new SeenErrors();
  async function end(): Promise<void> {
    await keys.stop();
    const connection = await openDatabase(database.uri, name);
    await connection.dropDatabase();
    await connection.close();
    await database.stop();
    await rm(folder, { recursive: true });
  }
  return {
    ...{ url, process: started, supergraphPath, keys, scopes, database: { uri: database.uri, name } },
    async ask(key, query, variables = {}, headers = {}) {
      const answer = await sendRequest(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key !== '' && { authorization: `Bearer ${key}` }),
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      });
      seen.note(answer, answer.text);
      return answer;
    },
    async stop() {
      try {
        const metrics = await readMetrics([started]);
        await started.stop();
        await searchCanaries({
          canaries: [...secretsOf(keys.texts()), ...(options.canaries ?? [])],
          databases: [{ uri: database.uri, name }],
          texts: { output: started.output(), metrics, errors: seen.text() },
        });
      } finally {
        await end();
      }
    },
  };
}
