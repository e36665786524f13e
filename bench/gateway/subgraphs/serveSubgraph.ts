// One subgraph over HTTP, as cheap as node:http allows: compiled documents and whole answers are kept. Counts its calls.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { compileDocument, type CompiledDocument } from './compileDocument.ts';
import { subgraphOf, type SubgraphName } from './subgraphOf.ts';

/** What a subgraph was asked since it was last reset. */
export interface Calls {
  count: number;
  /** Calls that did not carry the caller's authorization. */
  anonymous: number;
  /** Calls that could not be answered. */
  refused: number;
}

const DOCUMENTS_MAX = 500;
const ANSWERS_MAX = 2_000;

/** Takes a subgraph's name; gives what answers the text of a request's body. Throws where it cannot be answered. */
export function openAnswerer(name: SubgraphName): (body: string) => Buffer {
  const { schema, rootFields } = subgraphOf(name);
  const documents = new Map<string, CompiledDocument>();
  const answers = new Map<string, Buffer>();
  return (body) => {
    const kept = answers.get(body);
    if (kept !== undefined) return kept;
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> | null };
    const document = documents.get(query) ?? compileDocument(query, schema, rootFields);
    if (documents.size < DOCUMENTS_MAX) documents.set(query, document);
    const answer = Buffer.from(document.answer(variables ?? {}));
    if (document.keepable && answers.size < ANSWERS_MAX) answers.set(body, answer);
    return answer;
  };
}

function send(response: ServerResponse, status: number, answer: Buffer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': answer.length });
  response.end(answer);
}

/** Takes a subgraph's name and where to count; gives its server, not yet listening. */
export function serveSubgraph(name: SubgraphName, calls: Calls): Server {
  const answer = openAnswerer(name);
  const reply = (request: IncomingMessage, response: ServerResponse, chunks: readonly Buffer[]): void => {
    calls.count += 1;
    if (request.headers.authorization === undefined) calls.anonymous += 1;
    try {
      const [first] = chunks;
      send(
        response,
        200,
        answer((first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)).toString()),
      );
    } catch (error) {
      calls.refused += 1;
      const message = error instanceof Error ? error.message : String(error);
      send(response, 400, Buffer.from(JSON.stringify({ errors: [{ message: `${name}: ${message}` }] })));
    }
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => reply(request, response, chunks));
  });
  server.keepAliveTimeout = 60_000;
  return server;
}
