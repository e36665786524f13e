// A real subgraph process for a test, with a database of its own, and a client that speaks to it as the gateway does:
// over HTTP, with a proof. The server is the one of MONGODB_URI, or else an embedded one that ends with the test.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Connection } from 'mongoose';
import { makeProof, PROOF_HEADER } from '../../contracts/gatewayProof.ts';
import { inheritedEnvironment, readConfig } from '../../platform/config.ts';
import type { ReadyMessage } from '../../platform/lifecycle.ts';
import { drawId, drawSecret } from '../../platform/random.ts';
import { openDatabase, type DatabaseCommand } from '../../subgraphs/kit/read/mongo.ts';
import { openTestDatabase } from './testDatabase.ts';

const DEADLINE_MS = 20_000;

/** An answer of a subgraph; its shape is the query's, so a test reads it as what it asked for. */
export interface SubgraphAnswer<T> {
  readonly status: number;
  readonly data: T;
  readonly errors: readonly { message: string; path?: (string | number)[]; extensions: { code: string } }[];
  /** Every command that the request sent to MongoDB. */
  readonly commands: readonly DatabaseCommand[];
}

/** A running subgraph. */
export interface TestSubgraph<M> {
  /** Sends a query as the gateway would; `tenantId` is `main` unless given. */
  send<T>(query: string, variables?: object, tenantId?: string): Promise<SubgraphAnswer<T>>;
  /** The models on the subgraph's database, for a test to fill it and to look into it. */
  readonly models: M;
  readonly url: string;
  stop(): Promise<void>;
}

async function startProcess(
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ child: ChildProcess; url: string }> {
  const main = new URL(`../../subgraphs/${name}/main.ts`, import.meta.url);
  const child = fork(main, { env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message: ReadyMessage) => resolve(message.ready));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${String(code)} before it was ready`)));
  });
  return { child, url };
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Takes a subgraph's name and what makes its models; gives it running on an empty database. */
export async function startTestSubgraph<M>(
  name: string,
  modelsOf: (connection: Connection) => M,
): Promise<TestSubgraph<M>> {
  const database = await openTestDatabase();
  const prefix = `test_${drawId().slice(0, 12)}`;
  const secret = drawSecret(32);
  const { child, url } = await startProcess(name, {
    ...inheritedEnvironment(),
    MONGODB_URI: database.uri,
    CRM_PROOF_SECRET: secret,
    CRM_DATABASE_PREFIX: prefix,
    [`CRM_${name.toUpperCase()}_PORT`]: '0',
    CRM_LOG_LEVEL: readConfig().CRM_LOG_LEVEL === 'info' ? 'silent' : readConfig().CRM_LOG_LEVEL,
  });
  const connection = await openDatabase(database.uri, `${prefix}_${name}`);

  async function send<T>(query: string, variables: object = {}, tenantId = 'main'): Promise<SubgraphAnswer<T>> {
    const body = JSON.stringify({ query, variables });
    const deadlineMs = Date.now() + DEADLINE_MS;
    const statement = { requestId: drawId(), tenantId, actor: 'tester', subgraph: name, deadlineMs, explain: true };
    const headers = { 'content-type': 'application/json', [PROOF_HEADER]: makeProof(secret, statement, body) };
    const response = await fetch(url, { method: 'POST', headers, body });
    const answer = (await response.json()) as {
      data: T;
      errors?: SubgraphAnswer<T>['errors'];
      extensions?: { databaseCommands: DatabaseCommand[] };
    };
    const commands = answer.extensions?.databaseCommands ?? [];
    return { status: response.status, data: answer.data, errors: answer.errors ?? [], commands };
  }

  return {
    send,
    url,
    models: modelsOf(connection),
    async stop() {
      await endProcess(child);
      await connection.dropDatabase();
      await connection.close();
      await database.stop();
    },
  };
}
