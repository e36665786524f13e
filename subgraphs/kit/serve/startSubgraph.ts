// A subgraph as a process: schema file + resolvers + loaders → HTTP, for its gateway alone. The steps of a request stand
// in `answer`: verify → read → execute → report. The only file that imports @apollo/subgraph.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema, type GraphQLSchemaModule } from '@apollo/subgraph';
import { parse } from 'graphql';
import mongoose, { type Connection } from 'mongoose';
import { ERROR_CODES } from '../../../contracts/errorCodes.ts';
import type { GatewayStatement } from '../../../contracts/gatewayProof.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { drawId } from '../../../platform/random.ts';
import { countLists, isOverspent } from '../answerBudget.ts';
import type { Call, SubgraphContext } from '../call.ts';
import { limitEntities } from './limitEntities.ts';
import { maskFault } from './maskFault.ts';
import type { DatabaseCommands } from '../read/mongo.ts';
import { DateTime } from './scalars.ts';
import type { GatewayVerifier } from './verifyGateway.ts';
import { signalWhenLeft } from './whenLeft.ts';

const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Longer than the gateway keeps an idle socket, so that the gateway never writes into one that is being closed (F15). */
const KEEP_ALIVE_MS = 60_000;

/** Resolvers by type and field; the functions get the subgraph's own context. */
export type Resolvers = Readonly<Record<string, object>>;

/** What a subgraph is made of. */
export interface SubgraphParts<Loaders> {
  readonly name: string;
  readonly schemaFile: URL;
  readonly resolvers: Resolvers;
  makeLoaders(call: Call): Loaders;
}

/** Where and for whom it runs. */
export interface SubgraphPlace {
  readonly host: string;
  readonly port: number;
  /** Knows the gateway: nobody else is answered. */
  readonly verifier: GatewayVerifier;
  readonly commands: DatabaseCommands;
  readonly connection: Connection;
  readonly log: Log;
  /** Says whether what it keeps in step by events is kept: it answers on where that is not so. */
  readonly isFollowing?: () => boolean;
}

class TooLarge extends Error {}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuseHttp(response: ServerResponse, code: keyof typeof ERROR_CODES): void {
  const { status, meaning } = ERROR_CODES[code];
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ errors: [{ message: meaning, extensions: { code } }] }));
}

/**
 * The one answer to everybody but the gateway, whatever is wrong. What still comes of a body is dropped unread, and a
 * body that need not end is not waited for.
 */
function refuseStranger(request: IncomingMessage, response: ServerResponse): void {
  const isBounded = Number(request.headers['content-length'] ?? 0) <= BODY_BYTES_MAX;
  if (request.headers['transfer-encoding'] !== undefined || !isBounded) response.setHeader('connection', 'close');
  request.resume();
  refuseHttp(response, 'GATEWAY_ONLY');
}

type ResolveReference = (reference: unknown, context: unknown, info: unknown) => unknown;

/** Makes each failed reference a rejection of its own: a throw would fail all references of the fetch (F12). */
function isolateReferences(resolvers: Resolvers): Resolvers {
  const isolated = Object.entries(resolvers).map(([type, fields]): [string, object] => {
    const resolve = Reflect.get(fields, '__resolveReference') as ResolveReference | undefined;
    if (resolve === undefined) return [type, fields];
    const __resolveReference: ResolveReference = (...args) =>
      new Promise((settle) => {
        settle(resolve(...args));
      });
    return [type, { ...fields, __resolveReference }];
  });
  return Object.fromEntries(isolated);
}

function makeApollo<Loaders>(
  parts: SubgraphParts<Loaders>,
  place: SubgraphPlace,
): ApolloServer<SubgraphContext<Loaders>> {
  const schema = limitEntities(
    countLists(
      buildSubgraphSchema([
        {
          typeDefs: parse(readFileSync(parts.schemaFile, 'utf8')),
          resolvers: { DateTime, ...isolateReferences(parts.resolvers) } as NonNullable<
            GraphQLSchemaModule['resolvers']
          >,
        },
      ]),
    ),
  );
  return new ApolloServer<SubgraphContext<Loaders>>({
    schema,
    introspection: false,
    csrfPrevention: false, // the gateway proof stands in front: no web page can make one
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: maskFault(place.log),
    logger: place.log,
    // It would hand traces to whoever asks; explain has its own, signed way.
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

function callOf(
  statement: GatewayStatement,
  signal: AbortSignal | undefined,
  trace: string | string[] | undefined,
): Call {
  const { tenantId, actor, requestId, deadlineMs } = statement;
  const traceparent = typeof trace === 'string' && TRACEPARENT.test(trace) ? trace : undefined;
  return { tenantId, actor, requestId, deadlineMs, callId: drawId(), now: systemClock.now(), signal, traceparent };
}

/** Adds the commands of a call to the extensions of its answer, when the gateway asked for them. */
function reportCommands(text: string, commands: readonly unknown[]): string {
  const answer = JSON.parse(text) as { extensions?: object };
  return JSON.stringify({ ...answer, extensions: { ...answer.extensions, databaseCommands: commands } });
}

/** Takes the parts and the place; gives the URL that answers and what stops it, open requests first. */
export async function startSubgraph<Loaders>(
  parts: SubgraphParts<Loaders>,
  place: SubgraphPlace,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const apollo = makeApollo(parts, place);
  await apollo.start();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url === '/health/ready') {
      const isReady = place.connection.readyState === mongoose.ConnectionStates.connected;
      response.writeHead(isReady ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ready: isReady, following: place.isFollowing?.() ?? true }));
      return;
    }
    const head = place.verifier.verifyHead(request);
    if (head === undefined || request.method !== 'POST' || request.url !== '/graphql') {
      refuseStranger(request, response);
      return;
    }
    const body = await readBody(request);
    if (!place.verifier.admit(head, body)) {
      refuseHttp(response, 'GATEWAY_ONLY');
      return;
    }
    const { statement } = head;
    const asked = JSON.parse(body.toString('utf8')) as { query?: unknown } | null;
    const call = callOf(statement, signalWhenLeft(asked?.query, response), request.headers['traceparent']);
    place.commands.begin(call.callId);
    const result = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: 'POST',
        headers: new HeaderMap([['content-type', 'application/json']]),
        search: '',
        body: asked,
      },
      context: () => Promise.resolve({ call, loaders: parts.makeLoaders(call) }),
    });
    const commands = place.commands.end(call.callId);
    if (isOverspent(call)) {
      refuseHttp(response, 'ANSWER_TOO_LARGE');
      return;
    }
    if (result.body.kind !== 'complete') throw new Error('a subgraph answers in one piece');
    const text = statement.explain ? reportCommands(result.body.string, commands) : result.body.string;
    response.writeHead(result.status ?? 200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(text);
  }

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof TooLarge)) place.log.error({ err: error }, 'a request failed');
      if (response.headersSent) return response.destroy();
      refuseHttp(response, error instanceof TooLarge ? 'BODY_TOO_LARGE' : 'INTERNAL');
      return undefined;
    });
  });
  await listen(server, place.host, place.port);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${place.host}:${port}/graphql`,
    async stop() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
      await apollo.stop();
      await place.connection.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
