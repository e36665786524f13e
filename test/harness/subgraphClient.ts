// A real subgraph process for a test, with a database of its own, and a client that speaks to it as the gateway does:
// over HTTP, with a proof. The server is the one of MONGODB_URI, or else an embedded one that ends with the test.
import type { Connection } from 'mongoose';
import { drawId, drawSecret } from '../../platform/random.ts';
import { openDatabase, type DatabaseCommand } from '../../subgraphs/kit/read/mongo.ts';
import { proofHeader } from './proofHeader.ts';
import { startProcess } from './startProcess.ts';
import { openTestDatabase } from './testDatabase.ts';

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
  /** The secret that its gateway would share with all subgraphs. */
  readonly secret: string;
  stop(): Promise<void>;
}

/**
 * Takes a subgraph's name, what makes its models, and its proof settings where they are not one shared secret; gives it
 * running on an empty database.
 */
export async function startTestSubgraph<M>(
  name: string,
  modelsOf: (connection: Connection) => M,
  proofSettings?: Readonly<Record<string, string>>,
): Promise<TestSubgraph<M>> {
  const database = await openTestDatabase();
  const prefix = `test_${drawId().slice(0, 12)}`;
  const secret = drawSecret(32);
  const running = await startProcess([`subgraphs/${name}/main.ts`], {
    MONGODB_URI: database.uri,
    ...(proofSettings ?? { CRM_PROOF_SECRET: secret }),
    CRM_DATABASE_PREFIX: prefix,
    [`CRM_${name.toUpperCase()}_PORT`]: '0',
  });
  const url = running.ready;
  const connection = await openDatabase(database.uri, `${prefix}_${name}`);

  async function send<T>(query: string, variables: object = {}, tenantId = 'main'): Promise<SubgraphAnswer<T>> {
    const body = JSON.stringify({ query, variables });
    const headers = { 'content-type': 'application/json', ...proofHeader(secret, name, body, { tenantId }) };
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
    secret,
    models: modelsOf(connection),
    async stop() {
      await running.stop();
      await connection.dropDatabase();
      await connection.close();
      await database.stop();
    },
  };
}
