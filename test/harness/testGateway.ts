// A real gateway process over the fixture graph, and a client that speaks plain HTTP to it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from '../../registry/compose.ts';
import { writeSupergraph } from '../../registry/watch.ts';
import { findApiKeys } from '../../gateway/identify/apiKey.ts';
import { FIXTURE_SCHEMAS, type FixtureName } from './fixtureSchemas.ts';
import { errorsIn } from './seenErrors.ts';
import { startFixtureSubgraph, type FixtureSubgraph } from './fixtureSubgraph.ts';
import { startProcess, type StartedProcess } from './startProcess.ts';

/** An error of a GraphQL answer. */
export interface AnsweredError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string };
}

/** An answer as a client sees it. */
export interface ClientAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly AnsweredError[];
  readonly extensions: Record<string, unknown> | undefined;
  /** The codes of its errors. */
  readonly codes: readonly string[];
}

/** A gateway under test. */
export interface TestGateway {
  readonly url: string;
  readonly process: StartedProcess;
  readonly supergraphPath: string;
  readonly subgraphs: Readonly<Record<FixtureName, FixtureSubgraph>>;
  query(query: string, variables?: object, headers?: Record<string, string>): Promise<ClientAnswer>;
  /** Sends anything to a path of the gateway. */
  send(path: string, init: RequestInit): Promise<ClientAnswer>;
  health(): Promise<{ status: number; body: Record<string, unknown> }>;
  /** The lines of its log that are about requests, as objects. */
  requestLines(): Record<string, unknown>[];
  /** Composes changed schemas and puts the result where the gateway looks. */
  publish(changes: Partial<Record<FixtureName, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** What a test changes. With SUPERGRAPH_SOURCE among the settings the gateway gets its supergraph from there. */
export interface TestGatewayOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Addresses in place of the fixture subgraphs'. */
  readonly addresses?: Partial<Record<FixtureName, string>>;
  /** Gives the address by which the gateway reaches a fixture subgraph: what stands between them. */
  readonly reachThrough?: (url: string, name: FixtureName) => Promise<string>;
}

/** Composes the fixture schemas, some of them changed, in a folder. */
export async function composeFixture(folder: string, changes: Partial<Record<FixtureName, string>>): Promise<string> {
  const schemas = { ...FIXTURE_SCHEMAS, ...changes };
  const lines = ['federation_version: =2.9.0', 'subgraphs:'];
  for (const [name, schema] of Object.entries(schemas)) {
    await writeFile(join(folder, `${name}.graphql`), schema);
    lines.push(`  ${name}:`, '    routing_url: http://127.0.0.1:1/graphql', `    schema: { file: ./${name}.graphql }`);
  }
  const configPath = join(folder, 'supergraph.yaml');
  await writeFile(configPath, `${lines.join('\n')}\n`);
  const composed = await composeSupergraph(configPath);
  if (!composed.ok) throw new Error(composed.messages.join('\n'));
  return composed.supergraph;
}

/** Sends a request and reads its answer whole. Rejects where an error shows a key. */
export async function sendRequest(url: string, init: RequestInit): Promise<ClientAnswer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const body = (isJson ? JSON.parse(text) : {}) as Partial<ClientAnswer>;
  if (findApiKeys(errorsIn(body, text)).length > 0) throw new Error(`an error with ${response.status} shows a key`);
  const errors = body.errors ?? [];
  const codes = errors.map((error) => error.extensions.code);
  const { status, headers } = response;
  return { status, headers, text, data: body.data, errors, extensions: body.extensions, codes };
}

function readRequestLines(output: string): Record<string, unknown>[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['msg'] === 'request');
}

/** Starts the fixture subgraphs and a gateway over them. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-gateway-'));
  const supergraphPath = join(folder, 'supergraph.graphql');
  await writeSupergraph(supergraphPath, await composeFixture(folder, {}));
  const [customers, orders, marketing] = await Promise.all([
    startFixtureSubgraph('customers'),
    startFixtureSubgraph('orders'),
    startFixtureSubgraph('marketing'),
  ]);
  const subgraphs = { customers, orders, marketing };
  const addresses: string[] = [];
  for (const name of Object.keys(subgraphs) as FixtureName[]) {
    const address = options.addresses?.[name] ?? subgraphs[name].url;
    addresses.push('--subgraph', `${name}=${(await options.reachThrough?.(address, name)) ?? address}`);
  }
  const named = options.env?.['SUPERGRAPH_SOURCE'] === undefined ? ['--supergraph', supergraphPath] : [];
  const words = ['gateway/main.ts', '--access', 'open', ...named, '--port', '0', ...addresses];
  // Tests share their machine with others: a loop that is late for that must not refuse what they ask.
  const env = { CRM_INTROSPECTION_ALLOWED: 'true', ...options.env };
  const started = await startProcess(words, env);
  const url = started.ready;
  return {
    url,
    process: started,
    supergraphPath,
    subgraphs,
    query: (query, variables = {}, headers = {}) =>
      sendRequest(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      }),
    send: (path, init) => sendRequest(`${url}${path}`, init),
    async health() {
      const response = await fetch(`${url}/health/ready`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    requestLines: () => readRequestLines(started.output()),
    publish: async (changes) => writeSupergraph(supergraphPath, await composeFixture(folder, changes)),
    async stop() {
      await started.stop();
      await Promise.all(Object.values(subgraphs).map((subgraph) => subgraph.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
