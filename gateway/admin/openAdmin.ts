// The admin port: keys are managed here, by whoever shows its credential, over JSON alone. Bound to loopback by its
// caller; a browser is refused even there, as any web page could make one call. Under /registry/ is a page for browsers,
// which only reads, and whose data takes the credential too.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execute, GraphQLError, parse, validate, type ExecutionResult } from 'graphql';
import { answerHttp, type PageParts } from '../../page/answerHttp.ts';
import type { AnswerPage } from '../../page/answerPage.ts';
import { openPageFiles, PAGE_FOLDER } from '../../page/pageFiles.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { AuditLog } from '../identify/audit.ts';
import { KeyOffice } from '../identify/keyOffice.ts';
import type { KeyStore } from '../identify/keyStore.ts';
import type { Granting } from '../identify/keyWishes.ts';
import type { Peppers } from '../identify/peppers.ts';
import { ADMIN_SCHEMA, openAdminRoot } from './adminSchema.ts';
import { takeLeakReports } from './leakedKeys.ts';

/** What the admin port is opened with. */
export interface AdminParts {
  readonly store: KeyStore;
  readonly audit: AuditLog;
  readonly peppers: Peppers;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells every gateway that a key changed, as RevocationFeed's `announce`. */
  readonly announce: (id: string, version: number) => Promise<void>;
  /** The scopes that wildcards stand for, and those that may be granted here. */
  readonly granting: () => Granting;
  readonly token: string;
  /** Answers the data of the registry's page. */
  readonly page: AnswerPage;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** An open admin port. */
export interface Admin {
  readonly url: string;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const BODY_BYTES_MAX = 262_144;
const TOKENS_MAX = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Where the registry's page is. */
const PAGE = '/registry/';

const no = (status: number, code: string): Answer => ({
  status,
  body: { errors: [{ message: code, extensions: { code } }] },
});

/** Both are hashed first, so that the comparison takes as long for every length. */
function isSame(given: string, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}

function showsToken({ authorization }: IncomingHttpHeaders, token: string): boolean {
  const [, given = ''] = /^Bearer ([\x21-\x7e]+)$/.exec(authorization ?? '') ?? [];
  return isSame(given, token);
}

function refuseHead(request: IncomingMessage, token: string): Answer | undefined {
  const { headers, method } = request;
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return no(403, 'CROSS_SITE_REQUEST');
  if (!showsToken(headers, token)) return no(401, 'ADMIN_TOKEN_INVALID');
  if (method !== 'POST') return no(405, 'METHOD_NOT_ALLOWED');
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return type === 'application/json' ? undefined : no(415, 'UNSUPPORTED_MEDIA_TYPE');
}

async function readBody(request: IncomingMessage): Promise<Answer | { readonly value: unknown }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return no(413, 'BODY_TOO_LARGE');
    chunks.push(chunk);
  }
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString()) as unknown };
  } catch {
    return no(400, 'MALFORMED_JSON');
  }
}

/** A refusal of ours is told; whatever else broke stays in the log. */
function maskErrors({ data, errors }: ExecutionResult, log: Log): ExecutionResult {
  const masked = errors?.map((error) => {
    if (error.originalError === undefined || error.originalError instanceof GraphQLError) return error;
    log.error({ err: error.originalError }, 'admin fault');
    return new GraphQLError('INTERNAL', { path: error.path ?? null, extensions: { code: 'INTERNAL' } });
  });
  return { ...(data !== undefined && { data }), ...(masked && { errors: masked }) };
}

async function answerGraphql(body: unknown, root: object, log: Log): Promise<Answer> {
  if (typeof body !== 'object' || body === null || !('query' in body) || typeof body.query !== 'string') {
    return no(400, 'BAD_REQUEST');
  }
  const variables: unknown = 'variables' in body ? body.variables : undefined;
  if (variables !== undefined && (typeof variables !== 'object' || Array.isArray(variables)))
    return no(400, 'BAD_REQUEST');
  let document;
  try {
    document = parse(body.query, { maxTokens: TOKENS_MAX });
  } catch (error) {
    return { status: 400, body: { errors: [error] } };
  }
  const errors = validate(ADMIN_SCHEMA, document);
  if (errors.length > 0) return { status: 400, body: { errors } };
  const result = await execute({
    schema: ADMIN_SCHEMA,
    document,
    rootValue: root,
    variableValues: variables as Record<string, unknown> | null | undefined,
    operationName: 'operationName' in body && typeof body.operationName === 'string' ? body.operationName : null,
  });
  return { status: 200, body: maskErrors(result, log) };
}

/** Answers a request for the registry's page; says whether it was one. */
async function answerPage(request: IncomingMessage, response: ServerResponse, parts: PageParts): Promise<boolean> {
  const { method, headers, url = '' } = request;
  if (url === PAGE.slice(0, -1)) {
    response.writeHead(308, { location: PAGE }).end();
    return true;
  }
  if (!url.startsWith(PAGE)) return false;
  const { status, headers: sent, body } = await answerHttp({ method, headers, address: url.slice(PAGE.length) }, parts);
  response.writeHead(status, sent).end(method === 'HEAD' ? undefined : body);
  return true;
}

/** Opens the admin port. Rejects where it is taken. */
export async function openAdmin(parts: AdminParts): Promise<Admin> {
  const { log, token, host } = parts;
  const office = new KeyOffice(parts);
  const root = openAdminRoot({ ...parts, office });
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const refused = refuseHead(request, token);
    if (refused !== undefined) return refused;
    const body = await readBody(request);
    if ('status' in body) return body;
    if (request.url === '/graphql') return answerGraphql(body.value, root, log);
    if (request.url !== '/keys/leaked') return no(404, 'NOT_FOUND');
    const answers = await takeLeakReports(body.value, office, log);
    return answers === undefined ? no(400, 'BAD_REQUEST') : { status: 200, body: answers };
  };
  const onFault = (error: unknown): void => log.error({ err: error }, 'admin fault');
  const page: PageParts = {
    answer: parts.page,
    files: openPageFiles(PAGE_FOLDER),
    isLetIn: (headers) => showsToken(headers, token),
    onFault,
  };
  const write = (response: ServerResponse, { status, body }: Answer): void => {
    const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
    // What is refused may not have been read to its end: nothing more is taken on this connection.
    response
      .writeHead(status, status === 200 ? headers : { ...headers, connection: 'close' })
      .end(JSON.stringify(body));
  };
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      const answered = async (): Promise<void> => {
        if (!(await answerPage(request, response, page))) write(response, await answer(request));
      };
      answered().catch((error: unknown) => {
        onFault(error);
        write(response, no(500, 'INTERNAL'));
      });
    },
  );
  await new Promise<void>((ready, fail) => {
    server.once('error', fail);
    server.listen(parts.port, host, () => ready());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
