// A small graph behind keys: one subgraph in the test's process, any number of gateway processes on one database and, if
// asked for, one Redis. For tests of who may call, what they may spend, and how soon gateways learn of changes.
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { openSharedFeed } from '../../gateway/identify/revocations.ts';
import { openRedis, type SharedRedis } from '../../gateway/shared/openRedis.ts';
import { drawId } from '../../platform/random.ts';
import { composeTexts } from './authGraph.ts';
import { dumpRedis } from './dumpRedis.ts';
import { NO_LOG } from './identifyParts.ts';
import { searchCanaries, secretsOf } from './searchCanaries.ts';
import { SeenErrors } from './seenErrors.ts';
import { startProcess, type StartedProcess } from './startProcess.ts';
import { openTestDatabase } from './testDatabase.ts';
import { drawPeppers, openTestKeys, type TestKeys } from './testKeys.ts';
import { sendRequest, type ClientAnswer } from './testGateway.ts';

const SCHEMA = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated",
  "@requiresScopes", "@listSize", "@tag"])
  type Query {
    open: Int
    known: Int @authenticated
    customers(first: Int = 10): [Customer!]! @requiresScopes(scopes: [["customers:read"]])
      @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
  }
  type Customer @key(fields: "id") {
    id: ID!
    name: String
    email: String @requiresScopes(scopes: [["customers:read:pii"]]) @tag(name: "pii")
  }`;
/** A key of the contract `partner` does not see e-mail addresses. */
const CONTRACTS = 'partner: { exclude: [pii] }\n';

/** The scopes that the small graph knows. */
export const KEY_GRAPH_SCOPES = ['customers:read', 'customers:read:pii'] as const;

/** How many customers there are, however many are asked for. */
export const CUSTOMERS = 5;

const customers = Array.from({ length: CUSTOMERS }, (_, at) => ({
  __typename: 'Customer',
  id: `c${at}`,
  name: `Name ${at}`,
  email: `c${at}@example.com`,
}));
const RESOLVERS = {
  Query: {
    open: () => 1,
    known: () => 2,
    customers: (_: unknown, { first }: { first: number }) => customers.slice(0, first),
  },
  Customer: { __resolveReference: ({ id }: { id: string }) => customers.find((one) => one.id === id) },
};

const CANARIES = customers.map(({ email }) => ({ kind: 'an e-mail address', text: email }));

/** What a test chooses. */
export interface KeyGraphOptions {
  readonly gateways: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Undefined: each gateway keeps its limits itself and learns of changed keys by asking. */
  readonly redisUrl?: string;
  /** What stands between the gateways and their database. */
  readonly reachDatabase?: (uri: string) => Promise<string>;
}

/** The graph, running. */
export interface KeyGraph {
  /** The addresses of the gateways. */
  readonly urls: readonly string[];
  readonly processes: readonly StartedProcess[];
  /** Manages the keys, and announces each change where there is a Redis that answers. */
  readonly keys: TestKeys;
  /** Asks a gateway, the first by default, with what stands in `Authorization`. */
  ask(query: string, authorization?: string, at?: number): Promise<ClientAnswer>;
  /** Stops all of it. Rejects where something leaked into the database, Redis, output or errors. */
  stop(): Promise<void>;
}

async function startSubgraph(): Promise<Server> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(SCHEMA), resolvers: RESOLVERS }]);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables: object };
      void graphql({ schema, source: query, variableValues: { ...variables } }).then((result) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(result));
      });
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return server;
}

/** Gateways hear of a change as from the command line: through Redis, and where it is away by asking the store. */
function announcing(redis: SharedRedis | undefined) {
  if (redis === undefined) return undefined;
  const feed = openSharedFeed(redis);
  return (id: string, version: number): Promise<void> => feed.announce(id, version).catch(() => undefined);
}

async function dropDatabase(uri: string, name: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName: name }).asPromise();
  await connection.dropDatabase();
  await connection.close();
}

/** Starts it. */
export async function startKeyGraph(options: KeyGraphOptions): Promise<KeyGraph> {
  const { gateways, redisUrl, reachDatabase = (uri: string) => Promise.resolve(uri) } = options;
  const folder = await mkdtemp(join(tmpdir(), 'crm-keys-'));
  const database = await openTestDatabase();
  const prefix = `test_${drawId().slice(0, 12)}`;
  const settings = { CRM_DATABASE_PREFIX: prefix, CRM_KEY_PEPPERS: drawPeppers(), CRM_KEYS_URI: database.uri };
  const supergraph = join(folder, 'supergraph.graphql');
  const contracts = join(folder, 'contracts.yaml');
  await writeFile(supergraph, composeTexts({ crm: SCHEMA }));
  await writeFile(contracts, CONTRACTS);
  const subgraph = await startSubgraph();
  const redis = redisUrl === undefined ? undefined : await openRedis(redisUrl, NO_LOG);
  const keys = await openTestKeys(settings, KEY_GRAPH_SCOPES, announcing(redis));
  const address = `crm=http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`;
  const files = ['--supergraph', supergraph, '--contracts', contracts];
  const words = ['gateway/main.ts', ...files, '--port', '0', '--subgraph', address];
  const env = {
    ...{ ...settings, CRM_KEYS_URI: await reachDatabase(database.uri), CRM_LOG_LEVEL: 'warn' },
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    ...options.env,
  };
  const stopParts = async (): Promise<void> => {
    await keys.stop();
    redis?.close();
    subgraph.close();
    subgraph.closeAllConnections();
    await dropDatabase(database.uri, `${prefix}_gateway`);
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const starting = Array.from({ length: gateways }, () => startProcess(words, env));
  const processes = await Promise.all(starting).catch(async (error: unknown) => {
    const started = await Promise.allSettled(starting);
    for (const one of started) if (one.status === 'fulfilled') await one.value.stop('SIGKILL');
    await stopParts();
    throw error;
  });
  const seen = new SeenErrors();
  const urls = processes.map(({ ready }) => new URL('/graphql', ready).href);
  return {
    urls,
    processes,
    keys,
    async ask(query, authorization, at = 0) {
      const answer = await sendRequest(urls[at] ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
        body: JSON.stringify({ query }),
      });
      seen.note(answer, answer.text);
      return answer;
    },
    async stop() {
      try {
        await Promise.all(processes.map((one) => one.stop('SIGKILL')));
        await searchCanaries({
          canaries: [...secretsOf(keys.texts()), ...CANARIES],
          databases: [{ uri: database.uri, name: `${prefix}_gateway` }],
          texts: {
            ...{ output: processes.map((one) => one.output()).join('\n'), errors: seen.text() },
            redis: redisUrl === undefined ? '' : await dumpRedis(redisUrl),
          },
        });
      } finally {
        await stopParts();
      }
    },
  };
}
